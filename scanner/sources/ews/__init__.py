"""Exchange Web Services: how the wire is kept read-only, what is asked, and what the answers mean. The door of exchangelib and requests."""
