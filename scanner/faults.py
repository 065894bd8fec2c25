"""Faults in words: which key of the configuration is wrong and what to write there, and where the program itself failed."""

from __future__ import annotations

from pathlib import Path
from traceback import extract_tb
from typing import Any

UNKNOWN = "there is no such key; correct its spelling or remove it (config.example.toml lists every key)"
_TABLE = "write a table of its own, as config.example.toml does"
_REMEDIES = {
    "bool_type": "write true or false",
    "date_type": "write a date without quotes or a time, such as 2027-05-06",
    "dict_type": _TABLE,
    "extra_forbidden": UNKNOWN,
    "float_type": "write a number",
    "int_type": "write a whole number",
    "list_type": 'write a list, such as ["one", "two"]',
    "missing": "is missing; add it (config.example.toml shows it)",
    "model_type": _TABLE,
    "string_type": "write text in quotes",
    "too_short": "is empty; name at least one",
    "union_tag_not_found": "kind is missing; add it (config.example.toml shows it)",
}
_TOLD = {
    "literal_error": "must be one of {expected}",
    "union_tag_invalid": "the kind must be one of {expected_tags}",
    "value_error": "{error}",
}
_SPANS = {"jitter": "must be from 0 to 3600 seconds", "threshold": "must be from 0 to 1", "workers": "must be from 1 to 64"}


def fault(kind: str, place: tuple[int | str, ...], message: str, context: dict[str, Any]) -> str:
    """One line, `sources[1].path: is missing; …`, from the kind of fault and the place as pydantic names them.

    It names no key where the file as a whole is at fault.
    """
    name = _key(place)
    return f"{name}: {_remedy(kind, place, message, context)}" if name else _remedy(kind, place, message, context)


def _key(place: tuple[int | str, ...]) -> str:
    """A place in the document as people count it; pydantic names the kind of a source in between."""
    text = ""
    if place[:1] == ("sources",):
        place = (*place[:2], *place[3:])
    for part in place:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else part
    return text.removesuffix(".[key]")


def _remedy(kind: str, place: tuple[int | str, ...], message: str, context: dict[str, Any]) -> str:
    if kind in _TOLD:
        return _TOLD[kind].format(**context)
    if place == ("run", "cluster"):
        return "is planned but not built yet; use workers on this machine"
    if kind == "list_type" and place in (("sources",), ("digests",)):
        return f"write each with two brackets: [[{place[0]}]]"
    if kind in ("greater_than_equal", "less_than_equal"):
        return _SPANS[str(place[-1])]
    return _REMEDIES.get(kind, message[:1].lower() + message[1:])


def unforeseen(error: BaseException) -> str:
    """The kind and place of an error that nobody foresaw. Its own words may hold mail, so they are left out."""
    place = extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} at {Path(place.filename).name}:{place.lineno}"
