"""The composition root: picks the concrete parts that a configuration asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property, partial
from pathlib import Path
from zoneinfo import ZoneInfo

from reports.casebook import Case
from rules.catalogue import RULES
from rules.council import Council, Period
from rules.entity import FindEntities
from rules.protocol import Protocol, available, packaged, parse
from rules.roster import Roster
from rules.rule import Context, Rule, Settings
from scanner.collect import Collector, Protected
from scanner.config import Configuration, ReadingSection, secret
from scanner.errors import ConfigurationError
from scanner.job import Clock, ScanJob
from scanner.judge import Judge
from scanner.language.entities import load_entities
from scanner.people import read_roster
from scanner.plan import Range
from scanner.pseudonym import Pseudonym, key_of, pseudonym
from scanner.reading import ocr
from scanner.reading.enclosure import SeparateProcess
from scanner.reading.limits import Limits
from scanner.source_sections import FileSection, SourceSection
from scanner.sources.files import EmlSource, MaildirSource
from scanner.sources.mbox import MboxSource
from scanner.sources.pst import PstSource
from scanner.sources.source import Source
from scanner.store.cases import Cases
from scanner.store.database import Database, open_database
from scanner.store.ledger import Ledger

_OCR_SECONDS = 60.0  # Tesseract needs one to three for a page


def now() -> datetime:
    """The one clock of the program."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class App:
    """The parts of one installation, each made when it is first asked for."""

    configuration: Configuration
    clock: Clock = now

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.configuration.council.timezone)

    @cached_property
    def council(self) -> Council:
        return council_of(self.configuration)

    @cached_property
    def roster(self) -> Roster:
        council = self.configuration.council
        lists = self.configuration.resolve(council.lists) if council.lists else None
        return read_roster(self.configuration.resolve(council.people), lists, frozenset(council.domains))

    @cached_property
    def protocol(self) -> Protocol:
        return protocol_of(self.configuration)

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        chosen = self.configuration.rules
        return tuple(replace(rule, settings=Settings(**section.model_dump())) if (section := chosen.get(rule.id)) else rule for rule in RULES)  # type: ignore[call-overload]  # rule ids are the keys that the configuration allows

    @cached_property
    def sources(self) -> Mapping[str, Source]:
        return {section.label: source_of(section, self.configuration) for section in self.configuration.sources}

    @cached_property
    def pseudonym(self) -> Pseudonym:
        made = pseudonym(key_of(self.configuration.store.key, self.configuration.base))
        if not self.ledger.opens(made("the key of this ledger")):
            reference = self.configuration.store.key
            raise ConfigurationError(
                f"store.key: {reference} is not the key that this database's ledger was written with; "
                "put the old key back, or move the database away to begin anew."
            )
        return made

    @cached_property
    def database(self) -> Database:
        url = self.configuration.store.url
        return open_database(secret(url, self.configuration.base) if url.startswith(("env:", "file:")) else url, self.configuration.base)

    @cached_property
    def cases(self) -> Cases:
        return Cases(self.database)

    @cached_property
    def ledger(self) -> Ledger:
        return Ledger(self.database)

    def close(self) -> None:
        """Gives back the connections to the database and to mail servers, where there are any."""
        for source in self.sources.values() if "sources" in self.__dict__ else ():
            source.close()
        if "database" in self.__dict__:
            self.database.dispose()

    def standing(self, wanted: Range) -> list[Case]:
        """The findings of a range that no later scan has withdrawn, oldest first."""
        cases = self.cases.cases([rule.id for rule in RULES], wanted.since, wanted.until)
        custodians = ({self.roster.main_address(copy.custodian) for copy in c.finding.copies} for c in cases)
        return [c for c, holders in zip(cases, custodians, strict=True) if c.withdrawn is None and (not wanted.mailbox or wanted.mailbox in holders)]

    @cached_property
    def protected(self) -> Protected:
        section = self.configuration.protected
        return Protected(frozenset(section.addresses), tuple(s.lower() for s in section.subjects), frozenset(section.mailboxes))

    def context(self, find: FindEntities) -> Context:
        """What the rules may know, with a finder of entities."""
        return Context(self.council, self.roster, self.protocol, find)

    def judge(self) -> Judge:
        """A judge with its language model loaded: seconds, and some 200 MB. Whoever asks for it closes it."""
        return Judge(self.sources, self.context(load_entities()), self.rules, self.pseudonym, limits_of(self.configuration.reading))

    def scan_job(self) -> ScanJob:
        """A scan over every source."""
        journals = {section.label: section.journal for section in self.configuration.sources}
        collectors = tuple(
            Collector(source, self.ledger, self.roster, self.protected, self.pseudonym, journals[label]) for label, source in self.sources.items()
        )
        return ScanJob(
            collectors,
            self.ledger,
            self.cases,
            partial(judge_of, self.configuration),
            self.configuration.base / "aboveboard.lock",
            self.configuration.run.workers,
            self.clock,
        )


def judge_of(configuration: Configuration) -> Judge:
    """A judge for a configuration; a worker process calls it by name."""
    return App(configuration).judge()


def limits_of(section: ReadingSection) -> Limits:
    """How mail is read in earnest: documents in a process of their own. Raises ConfigurationError where Tesseract is asked for and missing."""
    if not section.ocr:
        return Limits(enclosure=SeparateProcess())
    if not ocr.installed():
        raise ConfigurationError("reading.ocr: Tesseract is not installed; install it (tesseract-ocr), or set ocr = false.")
    return Limits(enclosure=SeparateProcess(), ocr=True, seconds=_OCR_SECONDS)


def council_of(configuration: Configuration) -> Council:
    """The council's facts as the rules know them."""
    council, elections = configuration.council, configuration.elections
    return Council(
        name=council.name,
        domains=frozenset(council.domains),
        archive_addresses=frozenset(council.archive_addresses),
        polling_days=tuple(elections.polling_days),
        pre_election=tuple(Period(p.from_, p.to) for p in elections.pre_election),
        parties=tuple(elections.parties),
        candidates=tuple(elections.candidates),
    )


def protocol_of(configuration: Configuration) -> Protocol:
    """The council's protocol: a packaged one by its id, or its own data file. Raises ConfigurationError for neither."""
    name = configuration.council.protocol
    if name in available():
        return packaged(name)
    path = configuration.resolve(name)
    if path.suffix != ".toml" or not path.is_file():
        known = ", ".join(available())
        raise ConfigurationError(
            f"council.protocol: {name!r} is neither a packaged protocol ({known}) nor a .toml file; choose one or write your own."
        )
    try:
        return parse(path.stem, path.read_text("utf-8-sig"))
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{path}: {error}") from error


def source_of(section: SourceSection, configuration: Configuration) -> Source:
    """The source that a section describes. Raises ConfigurationError where its path is not a folder or a secret is missing."""
    match section:
        case FileSection():
            return _files(section, configuration)
        case _:
            raise ConfigurationError(f"sources: the kind {section.kind} is not built yet.")


def _files(section: FileSection, configuration: Configuration) -> Source:
    root: Path = configuration.resolve(section.path)
    if not root.is_dir():
        raise ConfigurationError(f"sources.path: {root} is not a folder; it should hold one folder a mailbox, named by its address.")
    match section.kind:
        case "eml":
            return EmlSource(section.label, root)
        case "maildir":
            return MaildirSource(section.label, root)
        case "mbox":
            return MboxSource(section.label, root)
        case "pst":
            return PstSource(section.label, root)
