"""A labelled corpus (docs/corpora.md): one fictional council's mail, as a configuration to scan and verdicts to compare with."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

from rules.catalogue import RULES
from rules.roster import canonical
from scanner.config import Configuration, check
from scanner.errors import ConfigurationError, CorpusError
from scanner.reading.mail.envelope import message_id

_EXPECTED = ("flag", "clear", "any")
_RULES = tuple(rule.id for rule in RULES)
_COLUMNS = ("message_id", "rule", "expected", "difficulty", "scenario", "why")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a careful person concluded of one message under one rule. `any` is not scored.

    `message_id` is as RFC 5322 has it between angle brackets; labels may write them.
    """

    message_id: str
    rule: str
    expected: str
    difficulty: str = ""
    scenario: str = ""
    why: str = ""


def configuration_of(corpus: Path, folder: Path, protocol: str = "county-2023") -> Configuration:
    """A configuration that scans this corpus into a folder of its own. Raises CorpusError."""
    try:
        return check(document_of(corpus, protocol), corpus / "council.json", folder)
    except ConfigurationError as error:
        raise CorpusError(str(error)) from error


def document_of(corpus: Path, protocol: str) -> dict[str, Any]:
    """A corpus's facts in the shape of a configuration file. Raises CorpusError."""
    facts = _facts(corpus / "council.json")
    root = corpus.resolve()
    council = {
        "name": facts["name"],
        "domains": facts["domains"],
        "protocol": protocol,
        "people": str(root / "people.csv"),
        "archive_addresses": _but_journal(facts),
    }
    if (root / "lists.csv").exists():
        council["lists"] = str(root / "lists.csv")
    source = {"kind": "eml", "path": str(root / "mailboxes"), **({"journal": facts["journal"]} if facts.get("journal") else {})}
    return {"council": council, "elections": facts["elections"], "sources": [source]}


def verdicts_of(corpus: Path) -> tuple[Verdict, ...]:
    """The labels of a corpus, one for a message and a rule. Raises CorpusError with the line that does not fit."""
    path = corpus / "labels.csv"
    found: dict[tuple[str, str], Verdict] = {}
    reader = csv.DictReader(StringIO(_text(path), newline=""), strict=True)
    if missing := [column for column in _COLUMNS if column not in (reader.fieldnames or ())]:
        raise CorpusError(f"{path}: has no column {missing[0]!r}; the first line must be {','.join(_COLUMNS)}.")
    try:
        for row in reader:
            verdict = _verdict(row, f"{path}: line {reader.line_num}")
            if found.setdefault((verdict.message_id, verdict.rule), verdict) is not verdict:
                raise CorpusError(f"{path}: line {reader.line_num}: {verdict.message_id} is labelled twice for {verdict.rule}; keep one.")
    except csv.Error as error:
        raise CorpusError(f"{path}: line {reader.line_num}: is not well-formed CSV ({error}).") from error
    return tuple(found.values())


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise CorpusError(
            f"{path}: cannot be read ({error.strerror}); a corpus holds people.csv, council.json, mailboxes/ and labels.csv."
        ) from error
    except UnicodeDecodeError as error:
        raise CorpusError(f"{path}: is not UTF-8; save it as UTF-8.") from error


def _verdict(row: dict[str, str | None], where: str) -> Verdict:
    name = (row["message_id"] or "").strip()
    verdict = Verdict(name if name.startswith("missing:") else message_id(name), *(row[column] or "" for column in _COLUMNS[1:]))
    if not verdict.message_id:
        raise CorpusError(f"{where}: names no message.")
    if verdict.rule not in _RULES:
        raise CorpusError(f"{where}: rule is {verdict.rule!r}; write one of {', '.join(_RULES)}.")
    if verdict.expected not in _EXPECTED:
        raise CorpusError(f"{where}: expected is {verdict.expected!r}; write flag, clear or any.")
    return verdict


def _facts(path: Path) -> dict[str, Any]:
    try:
        facts = json.loads(_text(path))
    except ValueError as error:
        raise CorpusError(f"{path}: is not JSON ({error}).") from error
    if not isinstance(facts, dict) or "name" not in facts or "domains" not in facts:
        raise CorpusError(f"{path}: needs at least name and domains.")
    return {**facts, "journal": _journal(facts.get("journal"), path), "elections": _elections(facts, path)}


def _journal(written: Any, path: Path) -> Any:
    """The journal's mailbox, which may stand by itself or alone in a list."""
    if not isinstance(written, list):
        return written
    if len(written) > 1:
        raise CorpusError(f"{path}: journal names {len(written)} mailboxes; name the one whose messages are journal reports.")
    return written[0] if written else None


def _but_journal(facts: dict[str, Any]) -> Any:
    """The archive addresses without the journal's, which is the archive that a source reads."""
    archives, journal = facts.get("archive_addresses") or [], canonical(str(facts.get("journal") or ""))
    return [a for a in archives if canonical(str(a)) != journal] if isinstance(archives, list) else archives


def _elections(facts: dict[str, Any], path: Path) -> dict[str, Any]:
    """JSON has no dates; the configuration wants real ones."""
    try:
        periods = [{"from": date.fromisoformat(start), "to": date.fromisoformat(end)} for start, end in facts.get("pre_election") or []]
        polling = [date.fromisoformat(day) for day in facts.get("polling_days") or []]
    except (TypeError, ValueError) as error:
        raise CorpusError(f"{path}: a date is not written as 2027-05-06 ({error}).") from error
    return {"polling_days": polling, "pre_election": periods, "parties": facts.get("parties") or [], "candidates": facts.get("candidates") or []}
