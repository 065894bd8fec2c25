"""An invented council's installation in a folder, and the command run on it as a user runs it."""

from __future__ import annotations

import subprocess
import sys
from email.message import EmailMessage
from pathlib import Path

COMMAND = Path(sys.executable).with_name("aboveboard")
SHARED = Path(__file__).parents[1].parent / "shared"

CONFIG = """\
[council]
name = "Wexcombe Borough Council"
domains = ["wexcombe.example"]
people = "people.csv"
lists = "lists.csv"
archive_addresses = ["crm@wexcombe.example"]

[elections]
polling_days = [2027-05-06]
pre_election = [{ from = 2027-03-23, to = 2027-05-06 }]

[protected]
addresses = ["unison@wexcombe.example"]
subjects = ["legally privileged"]

[[sources]]
kind = "eml"
path = "mailboxes"
journal = "journal@wexcombe.example"

[store]
url = "sqlite:///aboveboard.db"
key = "file:aboveboard.key"
keep_findings = "P1Y"

[run]
workers = 1

[schedule]
scan = "0 5 * * *"
digest = "0 7 * * mon"

[[digests]]
audience = "monitoring-officer"
rules = ["silent-copy", "member-obligation", "political-use"]
to = ["monitoring.officer@wexcombe.example"]

[rules.political-use]
threshold = 0.5
"""

PEOPLE = """\
address,name,kind,role,group,aliases
cllr.ann.marsh@wexcombe.example,Cllr Ann Marsh,member,Leader,Labour,ann.marsh@members.wexcombe.example
cllr.tom.reed@wexcombe.example,Cllr Tom Reed,member,,Conservative,
jo.price@wexcombe.example,Jo Price,officer,"Head of Roads, Parks and Bins",,
"""

LISTS = """\
list,member
all-members@wexcombe.example,cllr.ann.marsh@wexcombe.example
all-members@wexcombe.example,cllr.tom.reed@wexcombe.example
"""


def install(folder: Path, config: str = CONFIG, people: str = PEOPLE, lists: str = LISTS) -> Path:
    """Configuration, roster and three mailboxes, one of which holds proof of a hidden copy; gives the configuration's path."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in (("config.toml", config), ("people.csv", people), ("lists.csv", lists)):
        (folder / name).write_text(text, "utf-8")
    _post(folder, "<lamp@wexcombe.example>", "The lamp in Mill Lane is out again. Can you see to it?", sender="cllr.ann.marsh", to="jo.price")
    _post(folder, "<answer@wexcombe.example>", "It is on the list for Thursday.", sender="jo.price", to="cllr.ann.marsh", bcc="cllr.tom.reed")
    return folder / "config.toml"


def run(*arguments: str | Path, timeout: float = 60) -> subprocess.CompletedProcess[str]:
    """`aboveboard …` in a process of its own."""
    return subprocess.run([COMMAND, *map(str, arguments)], capture_output=True, text=True, timeout=timeout, check=False)


def _post(folder: Path, message_id: str, text: str, *, sender: str, to: str, bcc: str = "") -> None:
    message = EmailMessage()
    message["Message-ID"], message["Subject"], message["Date"] = message_id, "Mill Lane", "Mon, 12 Oct 2026 09:14:00 +0100"
    message["From"], message["To"] = f"{sender}@wexcombe.example", f"{to}@wexcombe.example"
    message.set_content(text)
    received = message.as_bytes()
    if bcc:
        message["Bcc"] = f"{bcc}@wexcombe.example"
    for person, box, raw in ((sender, "Sent Items", message.as_bytes()), *((p, "Inbox", received) for p in (to, bcc) if p)):
        place = folder / "mailboxes" / f"{person}@wexcombe.example" / box
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{len(list(place.iterdir())) + 1:04}.eml").write_bytes(raw)
