"""Letters that commit or instruct for the Council, in a Member's name."""

from rules.member_obligation.rule import check

__all__ = ["check"]
