"""Sheets and tables of people, judged by what their headers say the columns hold."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rules.message import Attachment, Message, Table

_PERSON = re.compile(
    r"\b(names?|forenames?|surnames?|first name|last name|residents?|tenants?|joint tenants?|applicants?|appellants?|"
    r"claimants?|child|children|pupils?|"
    r"students?|parents?|guardians?|carers?|mother|father|next of kin|customers?|complainants?|objectors?|supporters?|petitioners?|signator(?:y|ies)|"
    r"electors?|voters?|householders?|leaseholders?|homeowners?|account holders?|cardholders?|constituents?|clients?|"
    r"patients?|service users?|occupiers?|"
    r"occupants?|contacts?|correspondents?|keepers?|owners?|drivers?|defendants?|offenders?|suspects?|victims?|witness(?:es)?|informants?|callers?|"
    r"liable (?:person|party)|person|people|debtors?|payees?|beneficiar(?:y|ies)|recipients?|bereaved|deceased|attendees?|guests?|participants?|"
    r"who|whom)\b"
)
_TELLING = {
    "street address": r"\b(address|addr|property|flat|house|house no|street|road|door|home|plot|pitch|room)\b",
    "phone number": r"\b(phone|tel|telephone|mobile|mob)\b",
    "e-mail address": r"\be-?mail\b",
    "date of birth": r"\b(dob|d\.?o\.?b|date of birth|birth date|birthday|born|age|aged)\b",
    "NHS number": r"\bnhs\b",
    "National Insurance number": r"\b(nino|ni no|ni number|national insurance)\b",
    "postcode": r"\bpostcode\b",
    "money and debt": r"\b(arrears|balance|owed|owing|owes|due|debt|rent|amount|income|account|award|fine|salary|savings|paid|sort code)\b|£",
    "health": r"\b(health|needs?|condition|diagnosis|disabilit(?:y|ies)|medical|medication|allerg\w+|diet\w*|vulnerab\w*|"
    "support|impairment|illness|sen|ehcp)\b",
    "benefits and council tax": r"\b(benefits?|council tax|ctax|uc|claim|reduction|discount|entitlement|blue badge)\b",
    "vehicle registration": r"\b(vrm|vrn|reg|registration|number plate|vehicle)\b",
    "origin or belief": r"\b(nationality|ethnicity|ethnic|religion|faith|country|country of birth|language|immigration|status|sexuality|gender)\b",
    "school": r"\b(school|class|year group|form|teacher)\b",
    "family": r"\b(family|dependants?|marital|relationship|household|partner|spouse|no of children)\b",
    "offence or allegation": r"\b(offence|allegation|conviction|crime|charge|incident|warning|sanction)\b",
    "notes": r"\b(note|notes|comment|comments|remarks|circumstances|complaint|report|issue|concern|view|views|reason|"
    "reasons?|stage|outcome|what for|details?|background|story)\b",
}
_TELLING_PATTERNS = {kind: re.compile(pattern) for kind, pattern in _TELLING.items()}
_BUSINESS = re.compile(
    r"\s*(company|firm|supplier|business|contractor|organi[sz]ation|trader|premises|committee|seats?|councillor|member|"
    r"officer|post|grade|vendor|club|"
    r"department|directorate|job title|exhibitor|stall|licensee)\b"
)
_HEADER_ROWS = 6
_SHEETS = (".csv", ".tsv", ".xlsx", ".xlsm", ".xls", ".ods")


@dataclass(frozen=True, slots=True)
class Listing:
    """A table that lists people: how many, and what kinds of data its columns hold."""

    people: int
    kinds: frozenset[str]
    place: str


def is_sheet(attachment: Attachment) -> bool:
    """Whether an attachment is a sheet rather than a document that holds a table."""
    return bool(attachment.tables) and attachment.name.lower().endswith(_SHEETS)


def listings(message: Message) -> tuple[Listing, ...]:
    """The tables in a message's attachments, carried messages' included, that list private people with something about each."""
    attachments = (*message.attachments, *(a for m in message.carried for a in m.attachments))
    found = (_listing(table, f"attachment {a.name}") for a in attachments for table in a.tables)
    return tuple(listing for listing in found if listing)


def _listing(table: Table, place: str) -> Listing | None:
    for number, row in enumerate(table.rows[:_HEADER_ROWS]):
        header = [cell.lower() for cell in row]
        named = [i for i, cell in enumerate(header) if _PERSON.search(cell)]
        kinds = frozenset(
            kind for kind, pattern in _TELLING_PATTERNS.items() if any(pattern.search(cell) for i, cell in enumerate(header) if i not in named[:1])
        )
        if named and kinds - {"notes"} and not any(_BUSINESS.match(cell) for cell in header):
            people = max(sum(1 for r in table.rows[number + 1 :] if len(r) > i and _looks_personal(r[i])) for i in named)
            return Listing(people, kinds, place) if people else None
    return None


def _looks_personal(cell: str) -> bool:
    words = cell.split()
    return 1 <= len(words) <= 5 and not any(c.isdigit() for c in cell) and words[0][:1].isalpha()
