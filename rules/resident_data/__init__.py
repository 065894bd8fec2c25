"""Residents' personal data shared without anonymisation."""

from rules.resident_data.rule import check

__all__ = ["check"]
