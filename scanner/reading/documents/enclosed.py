"""The child's side of an enclosure: takes documents from a pipe one by one, gives back their text, and can do little else.

Questions and answers are JSON, never pickled: the child has read hostile files, and is not believed.
"""

from __future__ import annotations

import json
import os
import struct
import sys
from dataclasses import fields
from typing import IO

from rules.message import Table
from scanner.reading.documents.document import Document
from scanner.reading.documents.documents import read
from scanner.reading.documents.seclusion import last_moment, seclude
from scanner.reading.mail.limits import Limits

ANSWER = struct.Struct("!Q")
LARGEST_ANSWER = 64 * 1024 * 1024
_QUESTION = struct.Struct("!I")
_GRACE = 2.0


def requested(name: str, media_type: str, size: int, limits: Limits) -> bytes:
    """The head of a question; the document's bytes follow it."""
    bounds = {field.name: getattr(limits, field.name) for field in fields(limits) if field.name != "enclosure"}
    head = json.dumps({"name": name, "media_type": media_type, "size": size, "limits": bounds}).encode()
    return _QUESTION.pack(len(head)) + head


def serve(memory_bytes: int) -> None:
    """Answers until the pipe closes. The whole process may hold `memory_bytes`."""
    source, sink = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what a library prints must not stand among the answers
    seclude(memory_bytes)
    while len(length := source.read(_QUESTION.size)) == _QUESTION.size:
        head = json.loads(source.read(_QUESTION.unpack(length)[0]))
        if not _answered(head, source, sink):
            return


def _answered(head: dict[str, str | int], source: IO[bytes], sink: IO[bytes]) -> bool:
    """Answers one question; whether this process is still fit for another."""
    limits = Limits(**head["limits"])  # type: ignore[arg-type]  # the parent's own words
    content = source.read(int(head["size"]))
    last_moment(limits.seconds + _GRACE)
    fit = True
    try:
        found = read(str(head["name"]), str(head["media_type"]), content, limits)
        answer = _encoded(found)
    except MemoryError:
        fit = False
        answer = _encoded(Document(unread=f"needs more than {limits.memory_bytes >> 20} MB of memory to read"))
    except Exception as error:  # noqa: BLE001  # a fault of a reader is this document's alone, and its message may quote it
        answer = _encoded(Document(unread=f"could not be read ({type(error).__name__})"))
    sink.write(ANSWER.pack(len(answer)))
    sink.write(answer)
    sink.flush()
    last_moment(0)
    return fit


def _encoded(document: Document) -> bytes:
    tables = [[table.name, table.rows] for table in document.tables]
    answer = json.dumps([document.text, tables, document.unread]).encode()
    return answer if len(answer) <= LARGEST_ANSWER else _encoded(Document(unread="its text and tables are too large to hand on"))


def document_of(answer: bytes) -> Document:
    """The document in an answer. Raises ValueError for anything else."""
    try:
        text, tables, unread = json.loads(answer)
        found = tuple(Table(str(name), tuple(tuple(map(str, row)) for row in rows)) for name, rows in tables)
        return Document(str(text), found, None if unread is None else str(unread))
    except (TypeError, ValueError) as error:
        raise ValueError("no document") from error
