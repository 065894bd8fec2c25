"""The configuration file: what each key means, and an error that names file, key and remedy where one is wrong."""

from __future__ import annotations

import os
import tomllib
from datetime import date, timedelta
from itertools import combinations
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, Field, ValidationError, model_validator

from rules.catalogue import RULES
from scanner import values
from scanner.errors import ConfigurationError
from scanner.faults import UNKNOWN, fault
from scanner.section import Cron, Domain, Duration, Email, Secret, Section, Share, Words
from scanner.source_sections import FileSection, SourceSection, TraceSection


class CouncilSection(Section):
    """`[council]`: who the council is. `people` and `lists` are CSV files, relative to the configuration."""

    name: Words
    domains: Annotated[list[Domain], Field(min_length=1)]
    protocol: Words = "county-2023"
    people: Words
    lists: Words | None = None
    archive_addresses: list[Email] = []
    timezone: Annotated[str, AfterValidator(values.timezone)] = "Europe/London"


class PeriodSection(Section):
    """Calendar days, both included."""

    from_: Annotated[date, Field(alias="from")]
    to: date

    @model_validator(mode="after")
    def _order(self) -> PeriodSection:
        if self.to < self.from_:
            raise ValueError(f"ends on {self.to} before it begins on {self.from_}")
        return self


class ElectionsSection(Section):
    """`[elections]`: the council's own dates and names. Periods may overlap, as those of a by-election and of the next poll do."""

    polling_days: list[date] = []
    pre_election: list[PeriodSection] = []
    parties: list[Words] = []
    candidates: list[Words] = []


class ProtectedSection(Section):
    """`[protected]`: what is left out before its text is read, and counted: mail to, from or copied to `addresses`, mail with one of
    `subjects` anywhere in its subject line, and whole `mailboxes`, such as a Member's ward mailbox.
    """

    addresses: list[Email] = []
    mailboxes: list[Email] = []
    subjects: list[Words] = []


class StoreSection(Section):
    """`[store]`: the database, the key of its pseudonyms, and how long what is kept."""

    url: Annotated[str, AfterValidator(values.database)] = "sqlite:///aboveboard.db"
    key: Secret = "file:aboveboard.key"
    keep_findings: Duration = timedelta(days=365)
    keep_circulation: Duration = timedelta(days=90)


class RunSection(Section):
    """`[run]`: how much of this machine a scan may use, whether mail servers are asked for lists and forwarding too, and the health file.

    Without `reader` the rules go by words alone: faster, and worse (docs/accuracy.md).
    """

    workers: Annotated[int, Field(ge=1, le=64)] = 1
    directory: bool = True
    health: Words = "aboveboard.health.json"
    reader: bool = True


class ReadingSection(Section):
    """`[reading]`: how attached documents are read. `ocr` has Tesseract read scanned pages and photographs of pages."""

    ocr: bool = False


class ScheduleSection(Section):
    """`[schedule]`: cron expressions in the council's time zone; both are put off by the same chance number of seconds up to `jitter`."""

    scan: Cron = "0 5 * * *"
    digest: Cron = "0 7 * * mon"
    jitter: Annotated[int, Field(ge=0, le=3600)] = 0


Audience = Literal["monitoring-officer", "data-protection-officer"]
RuleId = Literal["silent-copy", "member-obligation", "political-use", "resident-data"]


class DigestSection(Section):
    """One `[[digests]]`: who reads which rules. `folder` is where the files are written."""

    audience: Audience
    rules: Annotated[list[RuleId], Field(min_length=1)]
    to: list[Email] = []
    folder: Words = "digests"


class RuleSection(Section):
    """One `[rules.<id>]`."""

    enabled: bool = True
    threshold: Share = 0.5


class Configuration(Section):
    """A whole configuration file. `base` is the folder that its relative paths start from."""

    council: CouncilSection
    elections: ElectionsSection = ElectionsSection()
    protected: ProtectedSection = ProtectedSection()
    sources: Annotated[list[SourceSection], Field(min_length=1)]
    store: StoreSection = StoreSection()
    run: RunSection = RunSection()
    reading: ReadingSection = ReadingSection()
    schedule: ScheduleSection = ScheduleSection()
    digests: list[DigestSection] = []
    rules: dict[RuleId, RuleSection] = {}
    base: Annotated[Path, Field(strict=False)] = Path()

    @model_validator(mode="after")
    def _one_place_each(self) -> Configuration:
        """An address that is a case system, protected and a journal at once would be treated in three ways."""
        places = {
            "council.archive_addresses": set(self.council.archive_addresses),
            "protected.addresses": set(self.protected.addresses),
            "the journal of a source": {source.journal for source in self.sources if source.journal},
        }
        for (first, here), (second, there) in combinations(places.items(), 2):
            if both := here & there:
                raise ValueError(f"{min(both)} stands in {first} and in {second}; keep it in one")
        return self

    @model_validator(mode="after")
    def _apart(self) -> Configuration:
        """Mail read twice would be counted twice; a digest written twice would be lost once."""
        if all(isinstance(source, TraceSection) for source in self.sources):
            raise ValueError("sources: only message traces; name where the mail lies as well")
        files = [source for source in self.sources if isinstance(source, FileSection)]
        if same := _twice([f"{self.resolve(source.path).resolve()} as {source.kind}" for source in files]):
            raise ValueError(f"sources: two read {same}; remove one")
        if same := _twice([source.label for source in self.sources]):
            raise ValueError(f"sources: two are called {same}; give each its own name")
        if same := _twice([f"the {digest.audience}'s into {self.resolve(digest.folder).resolve()}" for digest in self.digests]):
            raise ValueError(f"digests: two write {same}; make them one, or give each its own folder")
        return self

    def resolve(self, path: str) -> Path:
        """A path of the configuration; a relative one starts from the configuration's folder."""
        return self.base / Path(os.path.expanduser(path))  # noqa: PTH111  # Path.expanduser raises for an account that is not there


def _twice(things: list[str]) -> str | None:
    return next((thing for place, thing in enumerate(things) if thing in things[:place]), None)


def load(path: Path) -> Configuration:
    """The configuration of that file. Raises ConfigurationError that names file, key and remedy."""
    try:
        document = tomllib.loads(path.read_text("utf-8-sig"))
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read ({error.strerror}). Name the file with --config, or copy config.example.toml.") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path}: is not UTF-8; save it as UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{path}: is not well-formed TOML: {error}.") from error
    return check(document, path)


def check(document: dict[str, Any], path: Path, base: Path | None = None) -> Configuration:
    """A configuration from the parsed document of a file; its paths start from `base`, or else from the file's folder.

    Raises ConfigurationError, one line a fault.
    """
    try:
        if "base" in document:
            raise ConfigurationError(f"{path}: base: {UNKNOWN}")
        return Configuration.model_validate({**document, "base": base or path.resolve().parent})
    except ValidationError as error:
        faults = (f"{path}: {fault(e['type'], e['loc'], e['msg'], e.get('ctx', {}))}" for e in error.errors())
        raise ConfigurationError("\n".join(dict.fromkeys(faults))) from error


def secret(value: str, base: Path) -> str:
    """What a secret reference stands for. Raises ConfigurationError that never holds the secret."""
    kind, _, name = value.partition(":")
    if kind == "env":
        if not (found := os.environ.get(name)):
            raise ConfigurationError(f"the environment variable {name} is not set; set it for the account that runs the scan.")
        return found
    try:
        return (base / Path(name)).read_text("utf-8").strip()
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{base / Path(name)}: is not text; a secret is one line of UTF-8.") from error
    except OSError as error:
        raise ConfigurationError(
            f"{base / Path(name)}: cannot be read ({error.strerror}); create it, readable by the scan's account only."
        ) from error


assert {rule.id for rule in RULES} == set(get_args(RuleId))
