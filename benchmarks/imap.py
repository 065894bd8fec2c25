"""Scans of a council's mail on a real Dovecot on loopback: `python benchmarks/imap.py [MESSAGES]`, 20,000 in twenty mailboxes if left out.

Prints, of scans with one rule and without the language model, so that the mail server's part shows: the first, one with nothing new, one
with 100 new messages, one after a folder was renumbered; beside them the bare reading of headers and of whole messages, the memory that
was used at most, and whether anything changed on the server. Needs Dovecot 2.3 (the package dovecot-imapd).
"""

from __future__ import annotations

import resource
import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

sys.path[:0] = [str(Path(__file__).parents[1] / place) for place in (".", "tests", "tests/scanner")]

from live.dovecot import Dovecot, installed  # noqa: E402  # the tests are no package
from live.test_imap_dovecot import Office, asked, deliver, filling, source_of  # noqa: E402
from parish import OLIVE, furnish, post  # noqa: E402


def timed(office: Office, what: str) -> None:
    start = perf_counter()
    result = office.scan()
    spent = perf_counter() - start
    assert result.problems == (), result.problems
    print(f"{what}: {spent:.1f} s, {result.collected} envelopes, {result.judged} judged", flush=True)


def bare(dovecot: Dovecot, mailboxes: tuple[str, ...]) -> None:
    """Headers in bulk and messages one by one, as a scan asks for them, without store or rules."""
    source = source_of(dovecot, mailboxes)
    start = perf_counter()
    folders = [folder for mailbox in mailboxes for folder in source.folders(mailbox)]
    listed = [(folder, item) for folder in folders for page in source.pages(folder, None) for item in page.items]
    print(f"listing: {len(folders)} folders, {len(listed)} messages, {len(listed) / (perf_counter() - start):.0f} a second")
    start = perf_counter()
    heads = sum(1 for folder in folders for _ in source.heads(folder, [item for place, item in listed if place == folder]))
    print(f"headers: {heads / (perf_counter() - start):.0f} a second")
    start, some = perf_counter(), listed[:: max(1, len(listed) // 2000)]
    size = sum(len(source.fetch(folder, item)) for folder, item in some)
    spent = perf_counter() - start
    print(f"whole messages: {len(some) / spent:.0f} a second, {size / spent / 2**20:.1f} MB a second", flush=True)
    source.close()


def main() -> None:
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    dovecot = installed()
    try:
        mailboxes = deliver(dovecot, [*post(), *filling(number - len(post()))])
        dovecot.start()
        before = {mailbox: asked(dovecot, mailbox) for mailbox in mailboxes}
        standing = dovecot.standing()
        bare(dovecot, mailboxes)
        with TemporaryDirectory() as folder, Office(Path(folder), source_of(dovecot, mailboxes)) as office:
            furnish(office, [])
            timed(office, "first scan")
            timed(office, "second scan, nothing new")
            same = dovecot.standing() == standing and {mailbox: asked(dovecot, mailbox) for mailbox in mailboxes} == before
            print(f"flags, UIDs, \\Recent, names and bytes of every message are as before: {same}")
            deliver(dovecot, filling(100, seed=1))
            dovecot.own()
            timed(office, "third scan, 100 new")
            dovecot.renumber(OLIVE, "Sent")
            timed(office, "fourth scan, one folder renumbered")
        print(f"memory at most: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
    finally:
        dovecot.stop()
        shutil.rmtree(dovecot.folder, ignore_errors=True)


if __name__ == "__main__":
    main()
