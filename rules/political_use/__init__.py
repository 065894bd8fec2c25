"""Council resources used for party campaigning, above all before an election."""

from rules.political_use.rule import check

__all__ = ["check"]
