"""Check digits and grammar of UK identifiers: each function takes what a pattern matched and says whether it can be one."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

_PUPIL_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"
_ORDINAL = re.compile(r"(st|nd|rd|th)$")
_DATE = re.compile(r"^\d{1,4}[/.-]\d{1,2}[/.-]\d{2,4}$")
_YEARS = re.compile(r"(?:19|20)\d\d\s?[/-]\s?(?:20)?\d\d")
_MONEY = re.compile(r"^\d{1,6}\.\d{2}$")
_DAY_FIRST = re.compile(r"(\d{1,2})\D+(\d{1,2})\D+(\d{4}|\d{2})")
_YEAR_FIRST = re.compile(r"(\d{4})\D+(\d{1,2})\D+(\d{1,2})")
_YEAR = re.compile(r"\d{4}")


def digits(text: str) -> str:
    """The ASCII digits of a text."""
    return "".join(c for c in text if c in "0123456789")


def compact(text: str) -> str:
    """Letters and digits alone, upper case."""
    return "".join(c for c in text if c.isalnum()).upper()


def nhs(text: str) -> bool:
    """NHS Data Dictionary, NHS NUMBER: ten digits, the last a modulus-11 check; all alike is nobody's."""
    number = digits(text)
    if len(number) != 10 or len(set(number)) == 1:
        return False
    remainder = sum(int(d) * w for d, w in zip(number, range(10, 1, -1), strict=False)) % 11
    return (11 - remainder) % 11 == int(number[9])


def nhs_alone(text: str) -> bool:
    """An NHS number that no word announces: England's and Northern Ireland's ranges only, so never one that begins as a phone does."""
    return nhs(text) and digits(text)[0] in "34679"


def national_insurance(text: str) -> bool:
    """HMRC NIM39110: prefixes that are never used."""
    prefix = compact(text)[:2]
    return prefix not in {"BG", "GB", "KN", "NK", "NT", "TN", "ZZ"}


def phone(text: str) -> bool:
    """Ofcom's numbering plan: a geographic, non-geographic or mobile number of ten or eleven digits from its zero."""
    number = digits(text)
    for code in ("0044", "44"):
        if number.startswith(code):
            number = "0" + number.removeprefix(code).lstrip("0")
    return len(number) in (10, 11) and number[1] in "12378" and len(set(number)) > 2 and not (len(number) == 10 and number[1] in "237")


def stripped_phone(text: str) -> bool:
    """A number whose zero a spreadsheet has eaten."""
    return phone("0" + digits(text))


def foreign_phone(text: str) -> bool:
    """ITU-T E.164: eight to fifteen digits after the plus."""
    return 8 <= len(digits(text)) <= 15


def postcode(text: str) -> bool:
    """Not an ordinal ("B2 3rd floor") read as an inward code."""
    return not _ORDINAL.search(text.strip())


def date(text: str) -> bool:
    """A day that exists, in a year in which somebody now alive or lately dead can have been born."""
    if match := _YEAR_FIRST.search(text):
        year, month, day = (int(part) for part in match.groups())
    elif match := _DAY_FIRST.search(text):
        day, month, year = (int(part) for part in match.groups())
    else:
        found = _YEAR.search(text)
        return found is None or 1900 <= int(found[0]) <= 2100
    return 1 <= month <= 12 and 1 <= day <= 31 and (year < 100 or 1900 <= year <= 2100)


def iban(text: str) -> bool:
    """ISO 13616: the letters as numbers, the first four characters moved to the end, modulo 97 is 1."""
    number = compact(text)
    if len(number) != 22:
        return False
    return int("".join(str(int(c, 36)) for c in number[4:] + number[:4])) % 97 == 1


def card(text: str) -> bool:
    """ISO/IEC 7812: Luhn's check over a payment card's 13 to 19 digits."""
    number = [int(d) for d in reversed(digits(text))]
    doubled = (sum(divmod(2 * d, 10)) for d in number[1::2])
    return 13 <= len(number) <= 19 and len(set(number)) > 1 and (sum(number[::2]) + sum(doubled)) % 10 == 0


def pupil(text: str) -> bool:
    """DfE, Unique pupil numbers: the first letter checks the twelve that follow, weighted 2 to 13, modulo 23."""
    number = compact(text)
    if len(number) != 13:
        return False
    values = [int(c) for c in number[1:12]]
    last = number[12]
    values.append(int(last) if last.isdigit() else _PUPIL_LETTERS.find(last))
    total = sum(v * w for v, w in zip(values, range(2, 14), strict=True))
    return values[-1] >= 0 and _PUPIL_LETTERS[total % 23] == number[0]


def reference(text: str) -> bool:
    """A reference that can point at one person: five digits, or three beside letters; no date, no pair of years, no sum of money, no postcode."""
    plain = text.strip()
    count, letters = len(digits(plain)), any(c.isalpha() for c in plain)
    if _DATE.match(plain) or _YEARS.fullmatch(plain) or _MONEY.match(plain) or plain.lower().endswith(("st", "nd", "rd", "th", "mph", "am", "pm")):
        return False
    return count >= 5 or (letters and count >= 3)


def reference_or_serial(text: str) -> bool:
    """A badge's serial: letters and digits mixed, or seven digits and more; never a date."""
    plain = compact(text)
    mixed = any(c.isalpha() for c in plain) and any(c.isdigit() for c in plain)
    return not _DATE.match(text) and (mixed or len(digits(plain)) >= 6) and not _ORDINAL.search(text)


def vehicle(text: str) -> bool:
    """A registration in one case of letters, so that "At 12 the" is none."""
    letters = "".join(c for c in text if c.isalpha())
    return letters.isupper() or letters.islower()


_ALL = (nhs, nhs_alone, national_insurance, phone, stripped_phone, foreign_phone, postcode, date, iban, card, pupil)
_LOOSE = (reference, reference_or_serial, vehicle)
CHECKS: Mapping[str, Callable[[str], bool]] = {f.__name__.replace("_", "-"): f for f in (*_ALL, *_LOOSE)}
