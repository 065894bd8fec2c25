"""Mail servers and message traces as a configuration names them: which mailboxes, how to sign in, and the source that both make."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial

from rules.roster import canonical
from scanner.config import Configuration, secret
from scanner.errors import ConfigurationError
from scanner.people import read_roster
from scanner.source_sections import ExchangeSection, GraphSection, ImapSection, OAuthSection, TraceSection
from scanner.sources import imap
from scanner.sources.graph import GraphSource
from scanner.sources.microsoft.line import Line
from scanner.sources.patience import Patience
from scanner.sources.sightings import Trace
from scanner.sources.source import Source
from scanner.sources.tokens import GRAPH, OUTLOOK, Application, Tokens
from scanner.sources.trace import TraceFiles
from scanner.sources.tracking.service import ServiceTraces


def scope_of(mailboxes: str | list[str], configuration: Configuration) -> Callable[[], tuple[str, ...] | str]:
    """The addresses in scope, asked for when they are needed: the roster is read then. A group stays `group:` and its address."""
    if mailboxes == "roster":
        return partial(_roster, configuration)
    return partial(_named, mailboxes if isinstance(mailboxes, str) else tuple(mailboxes))


def tokens_of(oauth: OAuthSection, scope: str, configuration: Configuration, ca: str | None = None, proxy: str | None = None) -> Tokens:
    """An application's tokens for a service (`tokens.GRAPH`, `tokens.OUTLOOK`). Raises ConfigurationError where its secret is not to be had."""
    shared = secret(oauth.secret, configuration.base) if oauth.secret else None
    pem = secret(oauth.certificate, configuration.base) if oauth.certificate else None
    application = Application(oauth.tenant, oauth.client, scope, shared, pem)
    return Tokens(application, ca=configuration.resolve(ca) if ca else None, proxy=proxy)


def graph_of(section: GraphSection, configuration: Configuration) -> GraphSource:
    """A tenant's mailboxes through Microsoft Graph. Nothing is connected yet."""
    tokens = tokens_of(section.oauth, GRAPH, configuration, section.ca, section.proxy)
    line = Line(tokens, Patience(), ca=configuration.resolve(section.ca) if section.ca else None, proxy=section.proxy)
    return GraphSource(section.label, line, scope_of(section.mailboxes, configuration), section.journal)


def exchange_of(section: ExchangeSection, configuration: Configuration, clock: Callable[[], datetime]) -> Source:
    """An Exchange's mailboxes through EWS. Nothing is connected yet."""
    # exchangelib takes half a second to import, and most councils have another kind of server.
    from scanner.sources.ews.mailbox import Extent  # noqa: PLC0415
    from scanner.sources.ews.wire import Gate, SignIn, Way  # noqa: PLC0415
    from scanner.sources.exchange import ExchangeSource  # noqa: PLC0415

    # Exchange Server that trusts Entra (hybrid modern authentication) takes tokens for its own name, Exchange Online for its service.
    host = (section.server or "").rpartition("://")[2].partition("/")[0].lower()
    audience = f"https://{host}/.default" if host and not host.endswith(".office365.com") else OUTLOOK
    token = tokens_of(section.oauth, audience, configuration, section.ca, section.proxy) if section.oauth else None
    password = secret(section.password, configuration.base) if section.password else ""
    sign_in = SignIn(section.account or "", password, token, section.access == "impersonation")
    way = Way(clock, str(configuration.resolve(section.ca)) if section.ca else None, section.proxy)
    scope = scope_of(section.mailboxes, configuration)
    extent = Extent(section.archive, section.recoverable)
    return ExchangeSource(section.label, Gate(sign_in, way), scope, _safe(section.server), section.journal, extent)


def _safe(server: str | None) -> str | None:
    """A host, or a URL that keeps the password from the line: plain HTTP goes no further than this machine."""
    if server and "://" in server and not server.lower().startswith(("https://", "http://127.0.0.1:", "http://localhost:")):
        raise ConfigurationError("sources.server: would send the sign-in in the clear; write the server's name alone, such as mail.example.gov.uk.")
    return server


def imap_of(section: ImapSection, configuration: Configuration) -> imap.ImapSource:
    """The mailboxes of an IMAP server. Nothing is connected yet; the roster is read now where it names them."""
    named = scope_of(section.mailboxes, configuration)()
    scope = dict.fromkeys(canonical(address) for address in (*named, section.journal or "") if address)
    server = imap.Server(section.host, section.port, section.starttls, configuration.resolve(section.ca) if section.ca else None, section.proxy)
    password = secret(section.password, configuration.base) if section.password else ""
    token = tokens_of(section.oauth, OUTLOOK, configuration, section.ca, section.proxy) if section.oauth else None
    sign_in = imap.SignIn(section.account, password, token)
    return imap.ImapSource(section.label, server, sign_in, tuple(scope), optional=section.mailboxes == "roster")


def traces_of(configuration: Configuration, sources: Mapping[str, Source], clock: Callable[[], datetime]) -> tuple[Trace, ...]:
    """Files of message traces, and the servers that are asked for theirs."""
    files = [trace_of(section, configuration) for section in configuration.sources if isinstance(section, TraceSection)]
    asked = [sources[section.label] for section in configuration.sources if isinstance(section, GraphSection) and section.traces]
    return (*files, *(ServiceTraces(each.label, each.traces, clock) for each in asked if isinstance(each, GraphSource)))


def trace_of(section: TraceSection, configuration: Configuration) -> TraceFiles:
    """The traces that a section names. Raises ConfigurationError where there is nothing at its path."""
    root = configuration.resolve(section.path)
    if not root.exists():
        raise ConfigurationError(f"sources.path: {root} is neither a file nor a folder; it should hold tracking logs or message traces.")
    return TraceFiles(section.label, root)


def _named(mailboxes: tuple[str, ...] | str) -> tuple[str, ...] | str:
    return mailboxes


def _roster(configuration: Configuration) -> tuple[str, ...]:
    council = configuration.council
    lists = configuration.resolve(council.lists) if council.lists else None
    roster = read_roster(configuration.resolve(council.people), lists, frozenset(council.domains))
    return tuple(person.address for person in roster.people)
