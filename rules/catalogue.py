"""The only list of rules."""

from __future__ import annotations

from rules import member_obligation, political_use, resident_data, silent_copy
from rules.rule import Rule

RULES: tuple[Rule, ...] = (
    Rule(
        "silent-copy",
        "Silent copies",
        "Was a Member's correspondence with an officer copied to another Member without that Member knowing?",
        silent_copy.check,
    ),
    Rule(
        "member-obligation",
        "Obligations in a Member's name",
        "Does a letter in a Member's name commit the Council, or give instructions for it?",
        member_obligation.check,
    ),
    Rule(
        "political-use",
        "Party political use of council resources",
        "Were council resources used, or asked for, to serve a party or a campaign?",
        political_use.check,
    ),
    Rule(
        "resident-data",
        "Residents' personal data",
        "Was an identifiable resident's personal data passed to somebody who did not have it?",
        resident_data.check,
    ),
)


def rule(name: str) -> Rule:
    """The rule of that id. Raises KeyError for an unknown one."""
    return {each.id: each for each in RULES}[name]
