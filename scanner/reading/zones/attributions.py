"""The line above a quotation that names its author: `On 5 May, Ann Bell wrote:` and its relatives in other programs and languages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from scanner.reading.zones.headings import TIME, Heading, Opening, next_text, words
from scanner.reading.zones.marks import Line

_EMAIL = re.compile(r"[<(\[]*(?:mailto:)?(?P<email>[^\s<>()\[\],;:\"']+@[^\s<>()\[\],;:\"']+)[>)\]]*")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_DAY = re.compile(r"\b\d{1,2}[/.]\d{1,2}[/.]\d{2,4}\b")
_DATE_FIRST = re.compile(
    r"^\s*(?:\w{3,9},?\s+)?(?:\d{4}-\d\d-\d\d|\d{4}年\d{1,2}月\d{1,2}日|\d{1,2}[./]\d{1,2}[./]\d{4}|(?:\w{3,9}\s+)?\d{1,2},?\s+(?:\w{3,9}\s+)?\d{4})\b"
)
_QUOTING = re.compile(r"^\s*(?:Quoting\s.{2,200}|Zitat von\s.{2,200}|\* .{2,100}\[\d{4}-\d\d-\d\d[^\]]{0,30}\]):\s*$")
_RETOLD = re.compile(r"\b(?:he|she|they|it|who)\s+(?:then\s+|also\s+|once\s+)?(?:wrote|writes|said|says)\s*:\s*$", re.IGNORECASE)
_LEAD = re.compile(r"^\s*(?:>>>\s*)?(?:-{2,}\s*)?")
_LONGEST = 400
_MOST_LINES = 4


@cache
def _opened() -> re.Pattern[str]:
    return re.compile(rf"^\s*(?:>>>\s*)?(?:-{{2,}}\s*)?(?:{'|'.join(words('attributions')['openings'])})[\s\d<]", re.IGNORECASE)


@cache
def _closed() -> re.Pattern[str]:
    return re.compile(rf"(?:\b(?:you\s+)?(?:{'|'.join(words('attributions')['verbs'])}))\s*(?::|-{{2,}})\s*$", re.IGNORECASE)


@cache
def _dated_after() -> re.Pattern[str]:
    """`Ann Bell wrote on 05/05/2026 at 10:12:`: the date stands behind the verb."""
    kinds = words("attributions")
    joints = "|".join(kinds["openings"])
    return re.compile(
        rf"^\s*(?P<who>[^\W\d_].{{1,120}}?)\s+(?:{'|'.join(kinds['verbs_before_dates'])}),?\s+(?:(?:{joints})\s+)?(?P<when>(?=.{{0,30}}\d)[^@<>]{{6,60}}):$",
        re.IGNORECASE,
    )


def retells(line: Line) -> bool:
    """Whether a line tells of writing as a letter does, `On 9 May he wrote:`; who answers may say `he` of one who is quoted."""
    return not line.depth and bool(_RETOLD.search(line.text[-60:]))


def attribution_at(lines: Sequence[Line], at: int) -> Heading | None:
    """`On … wrote:`, over up to four lines. Without marked lines below it needs a time or an address, since people write the like in prose."""
    depth, text = lines[at].depth, ""
    for place in range(at, min(at + _MOST_LINES, len(lines))):
        if lines[place].depth != depth or lines[place].blank:
            return None
        if text and (text[-1] in ".?!" or _begins(lines[place].text)):
            return None
        text = f"{text} {lines[place].text.strip()}".strip()
        if len(text) > _LONGEST:
            return None
        if text.endswith((":", "--")) and _announces(text):
            return _heading(lines, at, place, text)
        if not _opened().match(text) and not _DATE_FIRST.match(text):
            return None
    return None


def _begins(text: str) -> bool:
    """Whether an attribution begins on this line, so that none that began above goes on here."""
    return bool(_opened().match(text[:60]) and re.search(r"\d", text[:60]))


def _announces(text: str) -> bool:
    """Whether a text has the words of an attribution."""
    return bool(_closed().search(text) or _QUOTING.match(text) or _is_stamp(text) or _dated_after().match(text))


def _is_stamp(text: str) -> bool:
    """`2026-05-05 10:12 GMT+01:00 Ann Bell <ann@council.example>:`, as Gmail writes in some languages; without an address only above marks."""
    return bool(_DATE_FIRST.match(text) and TIME.search(text) and re.search(r"[^\W\d_]{2}", text)) and text.endswith(":")


def _heading(lines: Sequence[Line], at: int, last: int, text: str) -> Heading | None:
    following = next_text(lines, last + 1, 3)
    deeper = following is not None and lines[following].depth > lines[at].depth
    opened = bool(_opened().match(text) or _DATE_FIRST.match(text) or _dated_after().match(text))
    nameless = _is_stamp(text) and not text.endswith(">:") and not _closed().search(text)
    dated = opened and not nameless and ("@" in text or bool(TIME.search(text) and (_YEAR.search(text) or re.search(r"\d[/.-]\d", text))))
    return Heading(Opening.ATTRIBUTION, at, last + 1, _said(text)) if deeper or dated else None


def _said(text: str) -> dict[str, str]:
    """Who and when, from an attribution."""
    text = re.sub(r"^\s*(?:Quoting|Zitat von|\*)\s+", "", text)
    if match := _dated_after().match(text):
        found = _EMAIL.search(match["who"])
        name = " ".join(_EMAIL.sub(" ", match["who"]).split()).strip(" ,<>()\"'")
        return {"from": f'"{name}" <{found["email"]}>' if found else name, "sent": match["when"].strip(" ,")}
    text = _without_verb(_without_opening(text)).strip(" ,:-")
    found = _EMAIL.search(text)
    rest = _EMAIL.sub(" ", text)
    end = max((match.end() for kind in (TIME, _DAY, _YEAR) for match in kind.finditer(rest)), default=0)
    sent, name = rest[:end], rest[end:]
    name = " ".join(name.replace("*", " ").split()).strip(" ,<>()\"'")
    return {"from": f'"{name}" <{found["email"]}>' if found else name, "sent": " ".join(sent.split()).strip(" ,")}


def _without_opening(text: str) -> str:
    match = _opened().match(text)
    return text[match.end() - 1 :] if match else _LEAD.sub("", text)


def _without_verb(text: str) -> str:
    """In German, Dutch and Welsh the name stands behind the verb."""
    match = re.search(r"\b(?:schrieb|ysgrifennodd|schreef|skrev)\s+(?=\S)(?P<name>.{2,150})$", text, re.IGNORECASE)
    if match:
        before = re.sub(r"\s(?:um|om|kl\.?|am)\s", " ", text[: match.start()])
        return f"{before.replace(' Uhr', '')} {match['name']}"
    return _closed().sub("", text)
