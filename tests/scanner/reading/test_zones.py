"""Zones against lines marked by hand, in the styles of the mail programs that councils and residents use."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from time import process_time

import pytest

from rules.message import Address, Quoted, Quoting
from scanner.reading.zones.closing import tidy
from scanner.reading.zones.zones import divide


@dataclass(frozen=True)
class Case:
    name: str
    lines: tuple[tuple[str, str], ...]
    quoted: tuple[str, ...]
    flags: frozenset[str]

    @property
    def text(self) -> str:
        return "\n".join(text for _, text in self.lines)

    def zone(self, mark: str) -> str:
        return tidy("\n".join(text for found, text in self.lines if found == mark))


def _case(block: str) -> Case:
    name, *rows = block.rstrip("\n").split("\n")
    lines = tuple((row[0], row[2:]) for row in rows if row[:1] in ("N", "H", "F", "S", "D"))
    return Case(name, lines, tuple(row[2:] for row in rows if row.startswith("Q ")), frozenset(row[2:] for row in rows if row.startswith("| ")))


CASES = [_case(block) for block in Path(__file__).with_name("zones.cases").read_text("utf-8").split("=== ")[1:]]


def _name(address: Address | None) -> str:
    return "-" if address is None else address.email or address.name


def _shown(quoted: Quoted) -> str:
    return " | ".join((_name(quoted.sender), "; ".join(map(_name, quoted.recipients)), quoted.sent, quoted.subject)).replace("|  |", "| |").rstrip()


def test_there_are_many_cases() -> None:
    assert len(CASES) >= 60
    assert len({case.name for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_zones(case: Case) -> None:
    body, quoted = divide(case.text, "forward" in case.flags, reply="fresh" not in case.flags)
    found = {
        "N": body.new.replace("From the start", ">From the start"),
        "H": body.history,
        "F": body.forwarded,
        "S": body.signature,
        "D": body.disclaimer,
    }
    assert {k: _loose(v) for k, v in found.items()} == {mark: _loose(case.zone(mark)) for mark in "NHFSD"}
    assert [_loose(_shown(entry)) for entry in quoted] == [_loose(row.strip()) for row in case.quoted]
    passed_on = bool(case.zone("F"))
    assert all(entry.quoting is (Quoting.FORWARDED if passed_on else Quoting.HISTORY) for entry in quoted)


def _loose(text: str) -> str:
    """Marks and empty lines aside, which zones may set anew."""
    return "\n".join(" ".join(line.replace(">>", "> >").split()) for line in text.split("\n") if line.strip("> \t"))


def test_quoted_text_excludes_the_deeper_chain() -> None:
    case = next(case for case in CASES if case.name == "three deep outlook chain")
    assert [entry.text for entry in divide(case.text, False)[1]] == ["Second.", "First."]


def test_quoted_text_keeps_to_its_depth() -> None:
    text = "Third.\nOn 05/05/2026 10:12, Ann Bell wrote:\n> Second.\n> On 04/05/2026 09:00, Bob Carr wrote:\n>> First.\n> Second still.\n"
    assert [entry.text for entry in divide(text, False)[1]] == ["Second.\nSecond still.", "First."]


@pytest.mark.parametrize(
    "text",
    [
        "From: a\n" * 60_000,
        "On 1\n" * 60_000,
        ">" * 500_000,
        "> a\nb\n" * 60_000,
        "_" * 400_000,
        "-" * 400_000,
        "From: a@b\nTo: c\n" * 40_000,
        "Regards\n" * 60_000,
        "On " + "a " * 300_000 + "wrote:",
        "Cllr " + "A" * 400_000,
        "Ann Bell " * 60_000,
        "email " * 100_000,
        ("a\n\n" * 60_000),
        "*" * 300_000,
        "received this in error " * 30_000,
        ("Ann Bell\n\n" * 30_000),
        "no liability " * 40_000,
        "From: " + "a " * 2000 + "\n",
        ("From: a\n" + "b\n" * 50) * 3000,
        "Yes.\n\nAnn Bell" + " BSc" * 2000 + " x\nOfficer",
        "Yes.\n\nAnn" + " Bell" * 8 + " of\nOfficer",
        "BT> a\nb\n" * 60_000,
        "| a\n" * 60_000,
        "Thanks, Bob\n" * 60_000,
        "----- End forwarded message -----\n" * 30_000,
        "answers in red below\n" + "From: a@b\nTo: c\nSubject: d\n[AB] yes\n" * 10_000,
        ">>> " + "a " * 100_000,
        "____________\n" * 60_000,
        "On 1 wrote:  x" * 20_000,
        "-----BEGIN PGP SIGNATURE-----\n" * 20_000,
        "Ann Bell, 5 May 2026, 10:12 GMT\n" * 30_000,
        "Ann Bell\n\n5 May 2026, 10:12\n\n" * 20_000,
        "Ann " * 90 + "wrote on 5 May 2026 at " + "1" * 60 + "\n" * 30_000,
        ("a " * 190 + "wrote on 1:\n") * 3000,
        "answers in red below\nFrom: a@b\nTo: c\nSubject: d\n" + "1. who?\nus\n" * 30_000,
        "[EXTERNAL] message, do not open\n" * 20_000,
        "external message, click\n\n" * 20_000,
        "A" * 3_000_000,
        "a" * 300_000 + " external message, click",
        "x\n\n" + "This e-mail is for the addressee, delete it if sent in error to you.\n\n" * 5000,
        "Done.\n\nUp the Mill\n\nAnn Bell\n" + "A " * 300_000,
        "Done.\n\n" + "Ann Bell\n1 Mill Lane\n" * 20_000,
        "he wrote:\n> a\n" * 30_000,
        "Ann Bell   To\n" * 30_000,
        "\nAnn Bell\n03/05/2026 10:12\nTo\n" * 20_000,
        "\nPrevious correspondence\n" * 20_000,
        "\nAnn <a@b>\n5 May, 10:12\n" * 20_000,
        "Yes.\n\nRegards\nAnn Bell\n" + "\nCalls may be recorded.\n" * 20_000,
        "  On 5 May 2026, at 10:12, Ann <a@b> wrote:\n" + "  a\nb\n\n" * 20_000,
        "From: a@b\nTo: c\nSubject: d\n" + "Done.\nAnn\n\n" * 20_000,
        "Regards\nAnn Bell\n" + "Calls may be recorded " * 20_000,
        "Ann Bell---1/1/26 10:12" * 20_000,
    ],
    ids=lambda text: text[:12].strip(),
)
def test_hostile_text_is_cheap(text: str) -> None:
    started = process_time()
    divide(text, False)
    assert process_time() - started < 30
