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
from rules.council import Council
from rules.entity import FindEntities
from rules.protocol import Protocol
from rules.roster import Roster
from rules.rule import Context, Rule, Settings
from rules.sense import Sense
from scanner.collect import Collector, Protected
from scanner.config import Configuration, ReadingSection, secret
from scanner.enquiry import Enquiry, with_lists
from scanner.errors import ConfigurationError
from scanner.facts import council_of, protocol_of
from scanner.job import Clock, ScanJob
from scanner.judge import Judge
from scanner.live import exchange_of, graph_of, imap_of, traces_of
from scanner.people import read_roster
from scanner.plan import Range
from scanner.pseudonym import Pseudonym, key_of, pseudonym
from scanner.reading.documents import ocr
from scanner.reading.documents.enclosure import SeparateProcess
from scanner.reading.mail.limits import Limits
from scanner.source_sections import ExchangeSection, FileSection, GraphSection, ImapSection, SourceSection, TraceSection
from scanner.sources.directory import Directory
from scanner.sources.files import EmlSource, MaildirSource
from scanner.sources.mbox import MboxSource
from scanner.sources.pst import PstSource
from scanner.sources.source import Source
from scanner.store.cases import Cases
from scanner.store.database import Database, open_database
from scanner.store.ledger import Ledger
from scanner.store.register import Register
from scanner.traces import TraceCollector

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
    def filed(self) -> Roster:
        """The roster as the files have it."""
        council = self.configuration.council
        lists = self.configuration.resolve(council.lists) if council.lists else None
        return read_roster(self.configuration.resolve(council.people), lists, frozenset(council.domains))

    @cached_property
    def roster(self) -> Roster:
        """Who is who: the files, and the lists that servers told of."""
        return with_lists(self.filed, self.register.lists())

    @cached_property
    def protocol(self) -> Protocol:
        return protocol_of(self.configuration)

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        chosen = self.configuration.rules
        return tuple(replace(rule, settings=Settings(**section.model_dump())) if (section := chosen.get(rule.id)) else rule for rule in RULES)  # type: ignore[call-overload]  # rule ids are the keys that the configuration allows

    @cached_property
    def sources(self) -> Mapping[str, Source]:
        mail = (section for section in self.configuration.sources if not isinstance(section, TraceSection))
        return {section.label: source_of(section, self.configuration) for section in mail}

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

    @cached_property
    def register(self) -> Register:
        return Register(self.database)

    def enquiry(self) -> Enquiry:
        """What the sources that can tell are asked beside mail."""
        told = tuple(source for source in self.sources.values() if isinstance(source, Directory)) if self.configuration.run.directory else ()
        return Enquiry(told, self.register, self.ledger, self.filed, self.pseudonym, self.clock())

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

    def context(self, find: FindEntities, sense: Sense | None = None) -> Context:
        """What the rules may know, with a finder of entities and, if there is one, a trained reader."""
        return Context(self.council, self.roster, self.protocol, find, sense)

    def judge(self) -> Judge:
        """A judge with its language models loaded: seconds, and some 250 MB. Whoever asks for it closes it."""
        from scanner.language.entities import load_entities  # noqa: PLC0415  # spaCy takes a second to import, and most commands judge nothing
        from scanner.language.reader import load_reader  # noqa: PLC0415

        sense = load_reader() if self.configuration.run.reader else None
        return Judge(self.sources, self.context(load_entities(), sense), self.rules, self.pseudonym, limits_of(self.configuration.reading))

    def scan_job(self) -> ScanJob:
        """A scan over every source."""
        enquiry = self.enquiry()
        notice = enquiry.notice if enquiry.sources else None
        traces = traces_of(self.configuration, self.sources, self.clock)
        journals = {section.label: section.journal for section in self.configuration.sources}
        collectors = tuple(
            Collector(source, self.ledger, self.roster, self.protected, self.pseudonym, journals[label], notice)
            for label, source in self.sources.items()
        )
        return ScanJob(
            collectors,
            self.ledger,
            self.cases,
            partial(judge_of, self.configuration),
            self.configuration.base / "aboveboard.lock",
            self.configuration.run.workers,
            self.clock,
            enquiry if enquiry.sources else None,
            tuple(TraceCollector(trace, self.ledger, self.roster, self.protected, self.pseudonym) for trace in traces),
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


def source_of(section: SourceSection, configuration: Configuration) -> Source:
    """The source that a section describes. Raises ConfigurationError where its path is not a folder or a secret is missing."""
    match section:
        case FileSection():
            return _files(section, configuration)
        case GraphSection():
            return graph_of(section, configuration)
        case ExchangeSection():
            return exchange_of(section, configuration, now)
        case ImapSection():
            return imap_of(section, configuration)
        case TraceSection():
            raise ConfigurationError(f"{section.label}: holds message traces, and no mailboxes.")


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
