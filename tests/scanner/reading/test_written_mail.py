"""A message that the standard library writes is read back: parts, people, names and texts, in every encoding that it knows (hypothesis)."""

from __future__ import annotations

from email.headerregistry import Address, Group
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rules.message import Message
from scanner.reading.mail.charsets import legible
from scanner.reading.mail.envelope import read_envelope
from scanner.reading.mail.mime import read_message

quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])

LATIN = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZéèüñçÄÖß"
WIDE = LATIN + "ŵŷłżğşαβγжщя你好日本語עברית"
TRANSFERS = ("7bit", "8bit", "quoted-printable", "base64")
CHARSETS = {
    "utf-8": WIDE,
    "iso-8859-1": LATIN,
    "windows-1252": LATIN + "€“”’–",
    "us-ascii": LATIN[:52],
    "koi8-r": "абвгд",
    "gb2312": "你好",
    "utf-7": LATIN,
}

domains = st.sampled_from(["council.example", "members.council.example", "post.example"])
locals_ = st.from_regex(r"\A[a-z][a-z0-9]{0,8}(?:[.+_-][a-z0-9]{1,6}){0,2}\Z")
words = st.text(st.sampled_from(WIDE), min_size=1, max_size=14)
# Signs that need quoting stand in names of plain letters only: of others the library loses the quotes when it folds a line.
awkward = st.sampled_from(["O'Neill", "Bell, Ann", "Cllr (Ward 3)", 'The "Chair"', "a@b.example", "A; B", "Team: Roads", "50%", "=?x?=", "R\\D"])
names = st.lists(words, max_size=3).map(" ".join) | st.lists(awkward, min_size=1, max_size=2).map(" ".join)
mailboxes = st.builds(Address, names, locals_, domains)
# Empty groups have names of plain letters: between two others the library writes all that stands there into one encoded name.
groups = st.builds(
    Group, st.text(st.sampled_from(LATIN), min_size=1, max_size=10), st.lists(mailboxes, min_size=1, max_size=3).map(tuple)
) | st.builds(Group, st.text(st.sampled_from(CHARSETS["us-ascii"]), min_size=1, max_size=10))
subjects = st.lists(words | st.sampled_from(["Re:", "5 %", "a=b", "_", "?", "=?", "–"]), min_size=1, max_size=12).map(" ".join)
files = st.text(st.sampled_from(WIDE + " .-_'(),;=%&\""), min_size=1, max_size=60).map(lambda text: f"a{' '.join(text.split())}.bin")


def flat(text: str) -> str:
    return " ".join(legible(text).split())


def solid(text: str) -> str:
    """Text without its spaces: the library loses those between encoded-words when it folds a line."""
    return "".join(legible(text).split())


def people(found: Message) -> dict[str, list[tuple[str, str]]]:
    lists = {"from": (found.sender,), "to": found.to, "cc": found.cc, "bcc": found.bcc or ()}
    return {key: [(a.email, solid(a.name)) for a in addresses] for key, addresses in lists.items()}


def expected(*given: Address | Group) -> list[tuple[str, str]]:
    boxes = [box for each in given for box in (each.addresses if isinstance(each, Group) else (each,))]
    return [(box.addr_spec.lower(), solid(box.display_name).strip("'\"")) for box in boxes]


@quick
@given(mailboxes, st.lists(mailboxes | groups, min_size=1, max_size=4), st.lists(mailboxes, max_size=3), st.lists(mailboxes, max_size=2), subjects)
def test_people_and_subject(sender: Address, to: list[Address | Group], cc: list[Address], bcc: list[Address], subject: str) -> None:
    # Unfolded: when the library folds address lists it encodes commas, loses spaces and encodes words twice (test_envelope.py has what can be mended).
    mail = EmailMessage(policy=EmailPolicy(max_line_length=0, linesep="\r\n"))
    mail["From"], mail["To"], mail["Subject"] = sender, to, subject
    if cc:
        mail["Cc"] = cc
    if bcc:
        mail["Bcc"] = bcc
    found = read_envelope(mail.as_bytes(), "missing:x").message
    seen = people(found)
    for name, wanted in (("from", expected(sender)), ("to", expected(*to)), ("cc", expected(*cc)), ("bcc", expected(*bcc))):
        assert [email for email, _ in seen[name]] == [email for email, _ in wanted]
        assert [n for _, n in seen[name]] == [n if n.lower() != e else "" for e, n in wanted]
    assert solid(found.subject) == solid(subject)


@quick
@given(st.data(), st.sampled_from(sorted(CHARSETS)), st.sampled_from(TRANSFERS))
def test_text_in_every_charset_and_encoding(data: st.DataObject, charset: str, transfer: str) -> None:
    line = st.text(st.sampled_from(CHARSETS[charset] + " "), min_size=1, max_size=90).map(lambda t: f"x{t}x")
    text = "\n".join(data.draw(st.lists(line, min_size=1, max_size=8)))
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"] = "a@council.example", "b@council.example"
    try:
        mail.set_content(text, charset=charset, cte=transfer)
        raw = mail.as_bytes()
    except (UnicodeError, ValueError):
        return  # what the library itself cannot write
    body = read_message(raw, "missing:x").body
    assert flat("\n".join((body.new, body.signature, body.disclaimer))) == flat(text)


@quick
@given(files, st.binary(min_size=1, max_size=300), st.booleans())
def test_names_and_content_of_files(name: str, content: bytes, inline: bool) -> None:
    mail = EmailMessage(policy=SMTP)
    mail["From"] = "a@council.example"
    mail.set_content("See the file.")
    mail.add_attachment(content, maintype="application", subtype="x-thing", filename=name, disposition="inline" if inline else "attachment")
    (file,) = read_message(mail.as_bytes(), "missing:x").attachments
    assert (flat(file.name), file.size, file.media_type) == (flat(name), len(content), "application/x-thing")


@quick
@given(st.lists(st.sampled_from(["7bit", "8bit", "base64", "quoted-printable", "binary"]), min_size=1, max_size=4), words)
def test_messages_inside_messages_at_any_encoding(transfers: list[str], subject: str) -> None:
    raw = (
        f"From: a@council.example\nSubject: {subject}\nMessage-ID: <0@x>\nContent-Type: text/plain; charset=utf-8\n\nInnermost {subject}.\n".encode()
    )
    for depth, transfer in enumerate(transfers, 1):
        raw = carried(raw, transfer, depth)
    message, ids = read_message(raw, "missing:x"), list[str]()
    while message.carried:
        ids.append(message.id)
        message = message.carried[0]
    assert ids == [f"{n}@x" for n in range(len(transfers), 0, -1)]
    assert (message.id, flat(message.subject), message.body.new) == ("0@x", flat(subject), f"Innermost {subject}.")


def carried(raw: bytes, transfer: str, depth: int) -> bytes:
    """A message attached to another, its encoding one that RFC 2046 5.2.1 forbids if need be."""
    from base64 import encodebytes
    from quopri import encodestring

    body = {"base64": encodebytes, "quoted-printable": encodestring}.get(transfer, bytes)(raw)
    head = f"From: b@council.example\nMessage-ID: <{depth}@x>\nContent-Type: multipart/mixed; boundary=b{depth}\n\n--b{depth}\n\nSee below.\n--b{depth}\n"
    return f"{head}Content-Type: message/rfc822\nContent-Transfer-Encoding: {transfer}\n\n".encode() + body + f"\n--b{depth}--\n".encode()


@quick
@given(st.recursive(st.sampled_from(["plain", "file", "message"]), lambda inner: st.lists(inner, min_size=1, max_size=4), max_leaves=12))
def test_the_tree_of_parts(tree: str | list[object]) -> None:
    count = {"plain": 0, "file": 0, "message": 0}
    raw = b"From: a@council.example\r\n" + written(tree, count, iter(range(1_000)))
    found = read_message(raw, "missing:x")
    if count["plain"]:
        assert sorted(found.body.new.split()) == sorted(f"text{n}" for n in range(count["plain"]))
    assert sum(a.media_type == "application/x-thing" for a in found.attachments) == count["file"]
    assert len(found.carried) == count["message"]
    assert found.unread == ()


def written(tree: object, count: dict[str, int], numbers: object) -> bytes:
    if isinstance(tree, list):
        line = f"b{next(numbers)}x"  # type: ignore[call-overload]
        parts = b"".join(f"--{line}\r\n".encode() + written(each, count, numbers) + b"\r\n" for each in tree)
        return f"Content-Type: multipart/mixed; boundary={line}\r\n\r\n".encode() + parts + f"--{line}--\r\n".encode()
    number, count[str(tree)] = count[str(tree)], count[str(tree)] + 1
    return {
        "plain": f"Content-Type: text/plain\r\n\r\ntext{number}".encode(),
        "file": b"Content-Type: application/x-thing; name=a.bin\r\n\r\n\x01\x02",
        "message": b"Content-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\nInside.",
    }[str(tree)]


@pytest.mark.parametrize("transfer", TRANSFERS)
def test_alternatives_that_say_the_same(transfer: str) -> None:
    mail = EmailMessage(policy=SMTP)
    mail["From"] = "a@council.example"
    mail.set_content("Dear Bob,\n\nThe café opens on Friday at ten.\n", cte=transfer if transfer != "7bit" else "base64")
    mail.add_alternative("<p>Dear Bob,</p><p>The café opens on <b>Friday</b> at ten.</p>", subtype="html", cte="quoted-printable")
    assert read_message(mail.as_bytes(), "missing:x").body.new == "Dear Bob,\n\nThe café opens on Friday at ten."
