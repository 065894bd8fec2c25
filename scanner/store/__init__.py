"""What is kept: the ledger of circulations (pseudonymous, no text), findings, decisions, coverage and scan runs."""
