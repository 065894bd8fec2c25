"""Mail made to break its reader: none raises, takes long, needs much memory, or touches the network or the disk; and it is said what was cut."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from time import sleep

import pytest
from hostile_mail import HOSTILE_MAIL, file, header, letters, message, multipart, nameless_member, saved_letters

from scanner.reading.documents.document import Document
from scanner.reading.documents.documents import read
from scanner.reading.mail.allowance import Allowance
from scanner.reading.mail.charsets import legible
from scanner.reading.mail.envelope import read_envelope
from scanner.reading.mail.fields import from_base64
from scanner.reading.mail.flowed import unflowed
from scanner.reading.mail.limits import Limits
from scanner.reading.mail.mime import read_message
from scanner.reading.outlook.compound import CompoundFile, DamagedError

TRIAL = Path(__file__).parents[2] / "reading_trial.py"
MOST_SECONDS = 4.0  # of processor time; alone on a machine each takes less than half of it
SHARES = 8
MOST_MEMORY = 300 * 1024 * 1024


@pytest.mark.skipif(sys.platform != "linux", reason="measured with fork and /proc")
@pytest.mark.parametrize("share", range(SHARES))
def test_hostile_mail_costs_little(share: int) -> None:
    done = subprocess.run([sys.executable, str(TRIAL), str(share), str(SHARES)], capture_output=True, text=True, check=True)
    trials = [json.loads(line) for line in done.stdout.splitlines()]
    assert [trial["name"] for trial in trials] == list(HOSTILE_MAIL)[share::SHARES]
    assert [(t["name"], t["fault"]) for t in trials if t["fault"]] == []
    assert [(t["name"], t["seconds"], t["envelope_seconds"]) for t in trials if t["seconds"] > MOST_SECONDS or t["envelope_seconds"] > 1] == []
    assert [(t["name"], t["grown"]) for t in trials if t["grown"] > MOST_MEMORY] == []


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("encoded-word flood", "header to cut at 98304 bytes"),
        ("100,000 headers", "headers cut at 262144 bytes"),
        ("100,000 parts", "more than 1000 parts"),
        ("3,000 parts inside one another", "parts nested deeper than 20"),
        ("a body of 200 MB on one line", "message cut at 157286400 bytes"),
        ("flowed lines without end", "body cut at 1000000 characters or 50000 lines"),
        ("no boundary", "multipart without a boundary"),
        ("50 MB of zeros", "headers cut at 262144 bytes"),
    ],
)
def test_what_is_cut_is_said(name: str, reason: str) -> None:
    assert reason in read_message(HOSTILE_MAIL[name](), "missing:x").unread


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        (Limits(message_bytes=300), "message cut at 300 bytes"),
        (Limits(message_bytes=60), "message cut at 60 bytes"),
        (Limits(letters=10), "body cut at 10 characters or 50000 lines"),
        (Limits(lines=2), "body cut at 1000000 characters or 2 lines"),
        (Limits(body_bytes=8), "body cut at 8 characters or 50000 lines"),
    ],
)
def test_every_bound_is_said(limits: Limits, reason: str) -> None:
    raw = message("text/plain", b"One line.\nAnother.\nA third.\n" + b"Words. " * 100)
    assert reason in read_message(raw, "missing:x", limits).unread


def test_parts_searched_again_and_again_are_left() -> None:
    from hostile_mail import nested

    found = read_message(nested(10, b"\n" + b"x" * 900), "missing:x", Limits(message_bytes=1_600))
    assert "parts too large for their depth" in found.unread


class Slow:
    """An enclosure in which every document takes so many seconds."""

    def __init__(self, seconds: float) -> None:
        self.seconds, self.asked = seconds, list[float]()

    def extract(self, name: str, media_type: str, content: bytes, limits: Limits) -> Document:
        self.asked.append(limits.seconds)
        sleep(min(self.seconds, limits.seconds))
        return Document("read")

    def close(self) -> None:
        pass


def test_a_hundred_slow_attachments_cost_no_more_than_a_few() -> None:
    enclosure = Slow(0.06)
    found = read_message(letters(100, 1), "missing:x", Limits(enclosure=enclosure, seconds=0.05))
    reasons = [a.unread for a in found.attachments]
    assert 4 <= len(enclosure.asked) <= 7
    assert max(enclosure.asked) <= 0.05
    assert reasons[0] is None
    assert reasons[-1] == "the attachments of its message took longer than 0.3 seconds together"
    assert reasons.count(None) == len(enclosure.asked)


def test_attachments_are_bounded_in_all() -> None:
    found = read_message(
        multipart([b"\nx"] + [file(f"{n}.txt", b"words " * 1_000) for n in range(5)]),
        "missing:x",
        Limits(attachment_bytes=7_000, attached_bytes=20_000),
    )
    assert [a.unread for a in found.attachments] == [None, None, None, "larger than 2000 bytes", "larger than 2000 bytes"]
    assert all(5_900 < a.size < 6_200 for a in found.attachments)


def test_messages_in_base64_count_as_attachments() -> None:
    part = file("a.eml", b"Subject: x\n\n" + b"words " * 1_000, "message/rfc822")
    found = read_message(multipart([b"\nx", part, part]), "missing:x", Limits(attached_bytes=8_000))
    assert [a.unread is None for a in found.attachments] == [True, False]
    assert len(found.carried) == 1


def test_rich_text_is_bounded_over_all_containers() -> None:
    found = read_message(saved_letters(5), "missing:x", Limits(body_bytes=2_000_000))
    assert [inner.unread for inner in found.carried] == [(), *(("body too long",),) * 4]


def test_the_clock_stands_still_for_what_is_read_here() -> None:
    allowance = Allowance(Limits(documents=2))
    assert [allowance.document(1, lambda _: Document("x")).unread for _ in range(3)] == [None, None, "too many attachments to open"]


def test_a_circle_just_behind_the_end_of_a_stream_is_damage() -> None:
    from office_files import SECTOR, compound

    content = bytearray(compound({"A": bytes(5_000)}))
    whole = CompoundFile(bytes(content))
    start = whole.root.streams["a"][0]
    place, table = start, int.from_bytes(content[76:80], "little")
    at = (table + 1) * SECTOR
    while (following := int.from_bytes(content[at + 4 * place : at + 4 * place + 4], "little")) < 0xFFFFFFFA:
        place = following
    assert whole.root.read("a") == bytes(5_000)
    content[at + 4 * place : at + 4 * place + 4] = start.to_bytes(4, "little")
    with pytest.raises(DamagedError, match="circle"):
        CompoundFile(bytes(content)).root.read("a")


def test_a_member_without_a_name_is_read_like_others() -> None:
    found = read("a.zip", "", nameless_member(), Limits())
    assert "Words inside." in found.text and "More words." in found.text


def test_no_store_refuses_what_a_message_is_called() -> None:
    raw = HOSTILE_MAIL["zeros in a Message-ID"]()
    found = read_message(raw, "missing:x")
    assert (found.id, found.in_reply_to, found.references) == ("a@x", "b@x", ("c@x",))
    assert read_envelope(raw, "missing:x").message.id == "a@x"


@pytest.mark.parametrize("name", ["half a character", "utf-7 of halves", "utf-16 of halves", "a charset that is no text"])
def test_every_text_can_be_stored(name: str) -> None:
    found = read_message(HOSTILE_MAIL[name](), "missing:x")
    assert found.body.new.encode("utf-8").strip()


def test_cells_are_as_legible_as_text() -> None:
    (table,) = read("a.csv", "text/csv", "Na\u200bme,Stre\u00adet\nAnn,1\u00a0High St\n".encode(), Limits()).tables
    assert table.rows == (("Name", "Street"), ("Ann", "1 High St"))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"d29yZHM=" * 3, b"words" * 3),
        (b"d29y ZHM\n=d29yZHM=", b"wordswords"),
        (b"d29yZHM", b"words"),
        (b"d29yZHMgd29yZHMg" * 400_000, b"words " * 800_000),
        (b"d29\nyZHM\r\ngd29yZHMg" * 400_000, b"words " * 800_000),
        (b"=A" * 2_000_000, bytes(1_500_000)),
    ],
)
def test_base64_in_pieces(content: bytes, expected: bytes) -> None:
    assert from_base64(content) == expected


def test_flowed_text_of_many_lines() -> None:
    assert unflowed("a \n" * 100_000 + "b", delsp=False) == "a " * 100_000 + "b"
    assert legible(unflowed("> a \n> b\nc", delsp=False)) == "> a b\nc"


def test_a_header_is_cut_between_addresses() -> None:
    found = read_envelope(header("To", b"ann@council.example, " * 6_000), "missing:x").message
    assert {a.email for a in found.to[1:]} == {"ann@council.example"}
    assert len(found.to) > 4_000
