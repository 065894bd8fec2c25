"""Single values of the configuration. Each function gives the value as the program keeps it, or raises ValueError in plain words."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from rules.roster import canonical

_DURATION = re.compile(r"P(?:(?P<years>\d{1,5})Y)?(?:(?P<months>\d{1,5})M)?(?:(?P<weeks>\d{1,5})W)?(?:(?P<days>\d{1,5})D)?")
_LONGEST = timedelta(days=36_500)
_DOMAIN = re.compile(r"[a-z0-9]([\w-]*\w)?(\.[a-z0-9]([\w-]*\w)?)+")
_SECRET = re.compile(r"env:[A-Za-z_]\w*|file:.*\S")
_PASSWORD = re.compile(r"[?&](password|passfile|sslpassword)=", re.IGNORECASE)


def words(value: str) -> str:
    """Text that says something: blank text would match everything where it is looked for."""
    if not value.strip():
        raise ValueError("is blank; write something, or remove it")
    if not value.isprintable():
        raise ValueError("holds a control character; write it on one line")
    return value.strip()


def day(value: str) -> date:
    """A calendar day on which mail may have been written."""
    try:
        found = datetime.strptime(value, "%Y-%m-%d").date()
    except ValueError as error:
        raise ValueError(f"{value!r} is not a date; write it as 2026-10-31") from error
    if not 1970 <= found.year < 2200:
        raise ValueError(f"no mail is of {found.year}; write a year between 1970 and 2199")
    return found


def duration(value: object) -> timedelta:
    """An ISO 8601 duration in years, months, weeks and days; a year counts 365 days and a month 30."""
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if match is None or not any(match.groups()):
        raise ValueError('give a duration such as "P1Y" or "P90D"')
    years, months, weeks, days = (int(match[name] or 0) for name in ("years", "months", "weeks", "days"))
    length = timedelta(days=365 * years + 30 * months + 7 * weeks + days)
    if not timedelta() < length <= _LONGEST:
        raise ValueError("must be from a day to a hundred years")
    return length


def email(value: str) -> str:
    """An e-mail address, in the form in which addresses are compared."""
    local, at, domain = value.strip().rpartition("@")
    if not (local and at and domain) or "@" in local or not value.isprintable() or " " in value.strip():
        raise ValueError(f"{value!r} is not an e-mail address")
    return canonical(value)


def scope(value: object) -> str | list[str]:
    """Which mailboxes: "roster", "group:" with a list's address, or the addresses themselves."""
    match value:
        case "roster":
            return "roster"
        case str() if value.startswith("group:"):
            return f"group:{email(value.removeprefix('group:'))}"
        case [str(), *_]:
            return [email(str(each)) for each in value]
    raise ValueError('write "roster", "group:members@example.gov.uk", or a list of addresses')


def domain(value: str) -> str:
    """A council's domain, without @."""
    if not _DOMAIN.fullmatch(value.lower()):
        raise ValueError(f"{value!r} is not a domain; write it without @, such as thornburyvale.gov.uk")
    return value.lower()


def timezone(value: str) -> str:
    """The name of a time zone in the IANA database."""
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"no time zone is called {value!r}; write one such as Europe/London") from error
    return value


def reference(value: str) -> str:
    """Where a secret stands: never the secret itself."""
    if not _SECRET.fullmatch(value):
        raise ValueError('a secret never stands in the configuration: write "env:NAME" or "file:/run/secrets/NAME"')
    return value


def database(value: str) -> str:
    """A database's URL without a password in it, or where the whole URL stands."""
    if value.startswith(("env:", "file:")):
        return reference(value)
    if not value.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise ValueError('write "sqlite:///FILE", "postgresql+psycopg://…", or "env:NAME" for one with a password in it')
    if value.startswith("sqlite:") and value.removeprefix("sqlite:///").partition("?")[0] in ("", ":memory:"):
        raise ValueError('names no file, so that nothing would be kept; write "sqlite:///FILE"')
    if _has_password(value):
        raise ValueError('holds a password: put the whole URL into the environment and write "env:NAME"')
    return value


def _has_password(url: str) -> bool:
    account, at, _ = url.partition("://")[2].rpartition("@")
    return bool(_PASSWORD.search(url)) or bool(at and ":" in account)
