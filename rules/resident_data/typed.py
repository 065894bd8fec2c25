"""Lists of people typed into a text, one a line: a petition's sheet, the objectors to write to, the tenants of a block."""

from __future__ import annotations

import re
from collections.abc import Callable

from rules.circulation import Turn
from rules.entity import EntityKind, FindEntities
from rules.lexicon import packaged
from rules.passage import Passage
from rules.resident_data.mailboxes import businesses
from rules.resident_data.readers import Known, is_old, letters
from rules.resident_data.sheets import Listing
from rules.roster import Roster, plain_name
from rules.rule import Context

_CELLS = re.compile(r"\s*[,;|\t]\s*|\s+[-–—/·]\s+|\s{2,}|\s*:\s+")
_BULLET = re.compile(r"^[\s>*•·‣–—-]*(?:\(?\d{1,3}[.)]\s+)?")
_TITLE = r"(?:(?:Mr|Mrs|Ms|Miss|Mx)\.?(?: (?:and|&) (?:Mrs|Ms)\.?)? )?"
_NAME = re.compile(rf"{_TITLE}(?:[A-Z]\.? ?){{0,3}}[A-Z][\w'’-]+(?: (?:[A-Z]\.?|[A-Z][\w'’-]+|and|&)){{0,3}}")
_PLACE = re.compile(
    r"\b(?:hall|school|church|chapel|centre|club|library|room|house|court|road|street|lane|avenue|close|way|park|farm|inn|arms|hotel|"
    r"surgery|station|depot|ward|parish|council|committee|group|team|office|services?|trust|society|association|ltd|limited|plc)\b",
    re.IGNORECASE,
)
_TELLING = frozenset(
    {
        EntityKind.ADDRESS,
        EntityKind.POSTCODE,
        EntityKind.PHONE,
        EntityKind.EMAIL,
        EntityKind.DATE_OF_BIRTH,
        EntityKind.NHS_NUMBER,
        EntityKind.NI_NUMBER,
    }
)
_CONTACTS = frozenset({EntityKind.PHONE.value, EntityKind.EMAIL.value})
_RESIDENTS = re.compile(
    r"\b(?:residents?|tenants?|object(?:ors?|ions?|ed)|petition(?:ers?)?|undersigned|signator(?:y|ies)|signatures?|householders?|neighbours?|"
    r"complain(?:ants?|ts?|ed)|famil(?:y|ies)|parents?|applicants?|claimants?|constituents?|allotment holders?|leaseholders?|supporters)\b",
    re.IGNORECASE,
)
_ELECTED = re.compile(
    r"\b(?:nominat(?:ed|ions?)|candidates?|election agents?|polling (?:stations?|staff)|"
    r"poll clerks?|presiding officers?|count staff)\b",
    re.IGNORECASE,
)
_FEWEST = 3
_LONGEST = 300


def typed_lists(turn: Turn, readers: frozenset[str], known: list[Known], context: Context) -> list[Listing]:
    """The lists of people typed into any letter that is not old news to all readers."""

    def is_new(surname: str) -> bool:
        return not readers <= frozenset().union(*(k.readers for k in known if surname in k.text))

    fresh = (letter.passage for letter in letters(turn.message) if not is_old(letter, readers, known))
    return [listing for passage in fresh if (listing := typed_list(passage, context.find_entities, context.roster, is_new))]


def typed_list(passage: Passage, find: FindEntities, roster: Roster, is_new: Callable[[str], bool]) -> Listing | None:
    """At least three lines that begin with a private person's name, each with something about them; None where a text holds no such list.

    Telephones and addresses of mail alone make a list of residents only where the text speaks of residents: firms, clerks and staff are listed so
    too. Who stands for election is public. `is_new` says of a surname in lower case whether some reader had not had it.
    """
    if _ELECTED.search(passage.text):
        return None
    lines = [told for line in passage.text.splitlines() if (told := _told(line, find, roster, is_new))]
    kinds = frozenset().union(*lines)
    if len(lines) < _FEWEST or not (kinds - _CONTACTS or _RESIDENTS.search(passage.text)):
        return None
    return Listing(len(lines), kinds, passage.place)


def _told(line: str, find: FindEntities, roster: Roster, is_new: Callable[[str], bool]) -> frozenset[str]:
    """The kinds of data on a line that begins with a private person's name."""
    if len(line) > _LONGEST:
        return frozenset()
    text = _BULLET.sub("", line).strip()
    name, *rest = _CELLS.split(text, maxsplit=1)
    if not rest or not any(c.isdigit() or c == "@" for c in rest[0]) or not _NAME.fullmatch(name) or len(name.split()) < 2:
        return frozenset()
    lexicon = packaged("rules.resident_data")
    if _PLACE.search(name) or roster.named(name) or not is_new(plain_name(name).split()[-1]):
        return frozenset()
    if lexicon.has("business or public role", text) or lexicon.has("firm's card", text):
        return frozenset()
    found = [e for e in find(text) if e.kind in _TELLING]
    emails = [text[e.start : e.end].lower() for e in found if e.kind is EntityKind.EMAIL]
    if businesses(emails) or any(roster.inside(email) for email in emails):
        return frozenset()
    return frozenset(e.kind.value for e in found)
