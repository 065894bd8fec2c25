"""The line to Microsoft Graph: one question at a time, asked again where that may help, and many small ones in a batch."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from scanner.errors import SourceError
from scanner.sources.microsoft.readable import guard, permission, within
from scanner.sources.microsoft.refusals import UnfitError, refusal
from scanner.sources.patience import Patience, TransientError
from scanner.sources.web import Reply, Web, seconds_of

GRAPH = "https://graph.microsoft.com/v1.0"
BATCH = 20  # the most that Graph takes in one; it works on four of them at a time

_PREFER = {"Prefer": 'IdType="ImmutableId"'}  # ids that outlive a move within the mailbox
_AT_LENGTH = {"Prefer": 'IdType="ImmutableId", odata.maxpagesize=500'}

_FIELD = re.compile(rb"[!-9;-~]{1,100}[ \t]*:")

Json = dict[str, Any]


class Tokens(Protocol):
    """Where access tokens come from."""

    def __call__(self) -> str: ...

    def renew(self) -> str: ...

    def close(self) -> None: ...


class Line:
    """Reads from Graph. Raises SourceError in words; what may pass has been tried again first."""

    def __init__(self, tokens: Tokens, patience: Patience, base: str = GRAPH, ca: Path | None = None, proxy: str | None = None) -> None:
        self._tokens, self._patience, self._base = tokens, patience, base
        self._web = Web(lambda method, url, content: guard(method, url, content, base), ca, proxy)

    def get(self, path: str, fits: Callable[[Json], object] = dict) -> Json:
        """One JSON answer. `path` starts below the version's root, or is a link that Graph gave.

        `fits` may raise TransientError for an answer that is not what was asked for, as after a fault within Graph.
        """

        def asked() -> Json:
            answer = self._asked("GET", path).json()
            fits(answer)
            return answer

        return self._patience(asked)

    def mime(self, path: str) -> bytes:
        """One message as it lies there."""
        return self._patience(lambda: _message(self._asked("GET", path).content))

    def each(self, path: str) -> Iterator[Json]:
        """Every object of a collection, page by page."""
        link: str | None = path
        seen: set[str] = set()
        while link and link not in seen:
            seen.add(link)
            page = self.get(link, objects)
            yield from objects(page)
            link = page.get("@odata.nextLink")

    def batch(self, paths: Mapping[str, str]) -> Iterator[tuple[str, Json | SourceError]]:
        """The answers to several paths, up to `BATCH`, each by its own name; one that fails fails alone."""
        waiting, failures = dict(paths), dict[str, SourceError]()

        def again() -> None:
            answers = self._batched(waiting)
            busy = {name: answer for name, answer in answers if isinstance(answer, TransientError)}
            failures.update(busy)
            settled.extend((name, answer) for name, answer in answers if name not in busy)
            for name, _ in settled:
                waiting.pop(name, None)
            if busy:
                raise TransientError("Part of a batch was not answered.", _longest(busy.values()))

        settled: list[tuple[str, Json | SourceError]] = []
        try:
            self._patience(again)
            yield from settled
        except TransientError:
            if set(waiting) - set(failures):
                raise
            yield from settled
            yield from ((name, failures[name]) for name in waiting)

    def close(self) -> None:
        """Gives back the connections."""
        self._web.close()
        self._tokens.close()

    def _batched(self, paths: Mapping[str, str]) -> list[tuple[str, Json | SourceError]]:
        requests = [{"id": name, "method": "GET", "url": path, "headers": _PREFER} for name, path in paths.items()]
        body = self._asked("POST", "/$batch", json.dumps({"requests": requests}).encode()).json()
        answers = {str(each.get("id")): each for each in objects(body, "responses")}
        found = [(name, _part(answers.get(name), path)) for name, path in paths.items()]
        if any(each.get("status") == 401 for each in answers.values()):
            self._tokens.renew()
        return found

    def _asked(self, method: str, path: str, content: bytes = b"") -> Reply:
        """One request; where its token is refused, once more with a fresh one."""
        if path.startswith("/"):
            path = f"{self._base}{path}"
        elif not within(path, self._base):
            raise UnfitError("Microsoft 365 gave a link that leads elsewhere; it was not followed.")
        reply = self._sent(method, path, content, self._tokens())
        if reply.status == 401:
            reply = self._sent(method, path, content, self._tokens.renew())
        if 200 <= reply.status < 300:
            return reply
        raise refusal(reply.status, _error(reply), permission(urlsplit(path).path.removeprefix(urlsplit(self._base).path)), reply.wait)

    def _sent(self, method: str, url: str, content: bytes, token: str) -> Reply:
        kind = {"Content-Type": "application/json"} if content else {}
        prefer = _AT_LENGTH if "/delta" in url or ".delta" in url else _PREFER
        return self._web.send(method, url, {"Authorization": f"Bearer {token}", **prefer, **kind}, content)


def objects(body: Json, name: str = "value") -> list[Json]:
    """A collection's objects. Raises TransientError where the answer has none."""
    found = body.get(name)
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise TransientError("Microsoft 365 gave an answer of an unknown form.")
    return found


def named(body: Json) -> str:
    """An object's id. Raises TransientError where the answer is no such object."""
    found = body.get("id")
    if not isinstance(found, str):
        raise TransientError("Microsoft 365 gave an answer of an unknown form.")
    return found


def _longest(errors: Iterable[TransientError]) -> float | None:
    return max((error.wait for error in errors if error.wait is not None), default=None)


def _message(content: bytes) -> bytes:
    """A message, which begins with a header field (RFC 5322 2.2). Raises TransientError for a page that stands in its place."""
    if not _FIELD.match(content):
        raise TransientError("The answer is no message; a proxy may have answered in the server's place.")
    return content


def _part(answer: Json | None, path: str) -> Json | SourceError:
    """What one answer of a batch says."""
    if answer is None or not isinstance(answer.get("status"), int):
        return TransientError("Microsoft 365 left a question of a batch unanswered.")
    status, body = answer["status"], answer.get("body")
    if 200 <= status < 300:
        if isinstance(body, dict) and isinstance(body.get("id"), str):
            return body
        return TransientError("Microsoft 365 gave an answer of an unknown form.")
    if status == 401:
        return TransientError("Microsoft 365 does not accept the application's token.", 0.0)
    headers = answer.get("headers")
    asked = next((str(v) for k, v in headers.items() if k.lower() == "retry-after"), None) if isinstance(headers, dict) else None
    return refusal(status, body if isinstance(body, dict) else {}, permission(path), seconds_of(asked))


def _error(reply: Reply) -> Json:
    try:
        return reply.json()
    except TransientError:
        return {}
