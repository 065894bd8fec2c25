"""Names given with an office, a rank or an honour: those are met in their work."""

from __future__ import annotations

import re

_PUBLIC = re.compile(
    r"\b(?:cllr|councillor|lord|lady|sir|dame|baroness|rt hon|minister|mayor|mayoress|alderman|president|senator|ambassador|"
    r"pc|wpc|dc|sgt|sergeant|insp|inspector|dci|constable|superintendent|supt|commander|commissioner|sheriff|"
    r"dr|doctor|prof|professor|rev|revd|reverend|canon|fr|pastor|rabbi|imam|bishop|archbishop|archdeacon|judge|justice|recorder|"
    r"coach|headteacher|chef|director)\.?\s*$",
    re.IGNORECASE,
)
_OFFICE = re.compile(r",?\s*\(?(?:MP|MEP|MSP|MLA|TD|KC|QC|OBE|MBE|CBE|KBE|DL|JP)\b")
_HONOURED = re.compile(
    r"^(?:the\s+)?(?:cllr|councillor|lord|lady|sir|dame|baroness|baron|earl|viscount|rt hon|right hon|king|queen|prince|princess|pope|saint|st|"
    r"president|prime minister|minister|mayor|judge|justice|senator|alderman|bishop|archbishop|reverend|revd?|canon|rabbi|imam|"
    r"(?:detective |chief )?(?:inspector|superintendent|constable|sergeant)|dci|pcso?|sgt|insp|supt)\.?\s",
    re.IGNORECASE,
)
_DOCTOR = re.compile(r"(?:dr|doctor|prof|professor)\.?\s+[\w'’-]+", re.IGNORECASE)
_BEFORE = 24


def holds_office(sentence: str, start: int, end: int) -> bool:
    """Whether the name that stands there in a sentence is an official's, a policeman's, a judge's, a clergyman's or a doctor's."""
    shown, before = sentence[start:end], sentence[max(0, start - _BEFORE) : start]
    by_title = _HONOURED.match(shown) or _DOCTOR.fullmatch(shown) or _PUBLIC.search(before)
    return by_title is not None or _OFFICE.match(sentence, end) is not None
