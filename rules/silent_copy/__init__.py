"""Hidden copies of a Member's correspondence with an officer, to another Member."""

from rules.silent_copy.rule import check

__all__ = ["check"]
