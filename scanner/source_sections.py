"""`[[sources]]`: where mail lies, a section for each kind of place."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from scanner import values
from scanner.section import Email, Port, Secret, Section, Words

Scope = Annotated[str | list[str], BeforeValidator(values.scope)]


class _SourceSection(Section):
    """`name` tells two sources of one kind apart in the store; `journal` is the one mailbox whose journal reports are believed."""

    name: Words = ""
    journal: Email | None = None


class FileSection(_SourceSection):
    """Mail exported to a folder, one folder a mailbox."""

    kind: Literal["eml", "maildir", "mbox", "pst"]
    path: Words

    @property
    def label(self) -> str:
        return self.name or f"{self.kind}:{self.path}"


class OAuthSection(Section):
    """An application's sign-in at Microsoft Entra: its tenant and client id, and a client secret or a certificate with its key (PEM)."""

    tenant: Words
    client: Words
    secret: Secret | None = None
    certificate: Secret | None = None

    @model_validator(mode="after")
    def _one(self) -> OAuthSection:
        if (self.secret is None) == (self.certificate is None):
            raise ValueError('give either secret = "env:NAME" or certificate = "file:/run/secrets/NAME"')
        return self


class _LiveSection(_SourceSection):
    """A mail server. `mailboxes` are those in scope: the roster's people, a group's members, or the ones listed.

    `ca` is a PEM file of the council's own certificate authority; `proxy` an http:// address without a password in it.
    """

    mailboxes: Scope = "roster"
    ca: Words | None = None
    proxy: Words | None = None


class ImapSection(_LiveSection):
    """An IMAP server (RFC 9051), with TLS from the first byte or after STARTTLS.

    `account` signs in with `password` or `oauth`. `{mailbox}` in it stands for each mailbox in turn (a master user, such as
    `{mailbox}*scanner`); without it the account reads the others through the server's namespaces.
    """

    kind: Literal["imap"]
    host: Words
    port: Port = 993
    starttls: bool = False
    account: Words
    password: Secret | None = None
    oauth: OAuthSection | None = None

    @model_validator(mode="after")
    def _signs_in(self) -> ImapSection:
        if (self.password is None) == (self.oauth is None):
            raise ValueError('give either password = "env:NAME" or oauth = { tenant = …, client = …, secret = … }')
        if isinstance(self.mailboxes, str) and self.mailboxes.startswith("group:"):
            raise ValueError('mailboxes: an IMAP server knows no groups; write "roster" or a list of addresses')
        return self

    @property
    def label(self) -> str:
        return self.name or f"imap:{self.host}"


class ExchangeSection(_LiveSection):
    """Exchange Server through EWS, or Exchange Online while EWS lasts there (it ends on 1 April 2027).

    `server` is a host name; left out, autodiscover finds it. `account` signs in with `password`, or the application with `oauth`.
    `access` is how the account reads others' mailboxes. `archive` and `recoverable` add these folders where the right to them is granted.
    """

    kind: Literal["exchange"]
    server: Words | None = None
    account: Words | None = None
    password: Secret | None = None
    oauth: OAuthSection | None = None
    access: Literal["impersonation", "delegate"] = "impersonation"
    archive: bool = False
    recoverable: bool = False

    @model_validator(mode="after")
    def _signs_in(self) -> ExchangeSection:
        if (self.password is None) == (self.oauth is None):
            raise ValueError('give either account = … and password = "env:NAME", or oauth = { tenant = …, client = …, secret = … }')
        if self.password is not None and self.account is None:
            raise ValueError('account: is missing; write the service account as "DOMAIN\\\\name" or its address')
        return self

    @property
    def label(self) -> str:
        return self.name or f"exchange:{self.server or 'autodiscover'}"


class GraphSection(_LiveSection):
    """Microsoft 365 through Microsoft Graph. `traces` adds the tenant's message traces to what is known of each circulation."""

    kind: Literal["graph"]
    oauth: OAuthSection
    traces: bool = False

    @property
    def label(self) -> str:
        return self.name or f"graph:{self.oauth.tenant}"


class TraceSection(Section):
    """Message traces beside mail: a file or a folder of tracking logs and trace reports, which say who was sent a message."""

    kind: Literal["trace"]
    name: Words = ""
    path: Words

    @property
    def label(self) -> str:
        return self.name or f"trace:{self.path}"

    @property
    def journal(self) -> None:
        """None: traces hold no mailbox."""


SourceSection = Annotated[FileSection | ImapSection | ExchangeSection | GraphSection | TraceSection, Field(discriminator="kind")]
LIVE = (ImapSection, ExchangeSection, GraphSection)
