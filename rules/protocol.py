"""A council's Member/Officer protocol as data: which clause forbids what, in the council's own words."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause: its number or heading as the document prints it, and its text, word for word."""

    number: str
    text: str


@dataclass(frozen=True, slots=True)
class Protocol:
    """One protocol. `clauses` gives for each rule's id the clauses that it rests on, the weightiest first."""

    id: str
    title: str
    clauses: Mapping[str, tuple[Clause, ...]]

    def cite(self, rule: str) -> tuple[str, ...]:
        """The clauses of one rule as a finding names them; empty where the protocol is silent on it."""
        return tuple(f"{self.title}, {clause.number}" for clause in self.clauses.get(rule, ()))


def available() -> tuple[str, ...]:
    """The ids of the packaged protocols."""
    return tuple(sorted(p.name.removesuffix(".toml") for p in resources.files("rules.protocols").iterdir() if p.name.endswith(".toml")))


def packaged(name: str) -> Protocol:
    """A packaged protocol by its id. Raises KeyError for an unknown one."""
    if name not in available():
        raise KeyError(name)
    return parse(name, resources.files("rules.protocols").joinpath(f"{name}.toml").read_text("utf-8"))


def parse(name: str, text: str) -> Protocol:
    """A protocol from its data file. Raises ValueError (or tomllib.TOMLDecodeError, a ValueError) where the file is not one."""
    data = tomllib.loads(text)
    try:
        clauses = {rule: tuple(Clause(c["number"], c["text"].strip()) for c in rows) for rule, rows in data["clauses"].items()}
        return Protocol(name, data["title"], clauses)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"protocol {name}: needs a title and [[clauses.<rule>]] tables with number and text") from error
