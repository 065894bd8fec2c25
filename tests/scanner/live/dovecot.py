"""A Dovecot of our own on loopback: its mailboxes are Maildirs that the tests write, with a master user and shared mailboxes."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from live.certificates import Authority

PASSWORD, MASTER, MASTER_PASSWORD = "Heron-4711-Füllhorn", "scanner", "Kingfisher-0815"
_PARTS = ("cur", "new", "tmp")

_CONFIGURATION = """
base_dir = {run}
state_dir = {run}/state
log_path = {folder}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <{certificate}
ssl_key = <{key}
disable_plaintext_auth = yes
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
first_valid_gid = 1
auth_failure_delay = 0
auth_mechanisms = plain xoauth2
auth_master_user_separator = *
mail_max_userip_connections = 100
mail_location = maildir:{mail}/%u
mail_plugins = acl
maildir_very_dirty_syncs = no
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
service imap-login {{
  chroot =
  service_count = 0
  inet_listener imap {{
    port = {clear}
  }}
  inet_listener imaps {{
    port = {port}
    ssl = yes
  }}
}}
service imap {{
  service_count = 100
}}
protocol imap {{
  mail_plugins = acl imap_acl
}}
passdb {{
  driver = passwd-file
  args = scheme=PLAIN {folder}/masters
  master = yes
  result_success = continue
}}
passdb {{
  driver = oauth2
  mechanisms = xoauth2
  args = {folder}/oauth2.conf
}}
passdb {{
  driver = passwd-file
  args = scheme=PLAIN {folder}/users
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={mail}/%u allow_all_users=no
}}
plugin {{
  acl = vfile
  acl_user = %u
  acl_shared_dict = file:{folder}/shared-mailboxes
}}
namespace inbox {{
  type = private
  separator = /
  prefix =
  inbox = yes
  mailbox Sent {{
    auto = no
    special_use = \\Sent
  }}
  mailbox Drafts {{
    auto = no
    special_use = \\Drafts
  }}
}}
namespace others {{
  type = shared
  separator = /
  prefix = shared/%%u/
  location = maildir:{mail}/%%u:INDEXPVT={folder}/private/%u/%%u
  subscriptions = no
  list = children
}}
"""


@dataclass
class Dovecot:
    """The server. `port` speaks TLS from the first byte, `clear` after STARTTLS."""

    folder: Path
    authority: Authority
    port: int
    clear: int
    account: str | None
    process: subprocess.Popen[bytes] | None = None

    def add(self, *users: str) -> None:
        """Makes accounts, all with one password."""
        with (self.folder / "users").open("a", encoding="utf-8") as file:
            file.writelines(f"{user}:{PASSWORD}\n" for user in users)

    def place(self, user: str, folder: str = "INBOX") -> Path:
        """The Maildir of a folder; `.Name` below the mailbox's own, in modified UTF-7 as the server writes it."""
        root = self.folder / "mail" / user
        place = root if folder == "INBOX" else root / ("." + folder.replace("/", "."))
        for each in {root, place}:
            for part in _PARTS:
                (each / part).mkdir(parents=True, exist_ok=True)
        return place

    def deliver(self, user: str, raw: bytes, folder: str = "INBOX", part: str = "new", flags: str = "") -> Path:
        """Lays a message into a mailbox, as a delivery agent does."""
        name = f"{1_700_000_000 + next(_NUMBERS)}.M{next(_NUMBERS):09}.tarnside,S={len(raw)}"
        path = self.place(user, folder) / part / (f"{name}:2,{flags}" if part == "cur" else name)
        path.write_bytes(raw)
        return path

    def own(self) -> None:
        """Hands everything that was written to the account that the server runs as."""
        if self.account:
            subprocess.run(["chown", "-R", f"{self.account}:", str(self.folder)], check=True)

    def share(self, owner: str, reader: str, folders: Iterable[str] = ("INBOX",), rights: str = "lr") -> None:
        """Lets another account read folders of a mailbox."""
        for folder in folders:
            with (self.place(owner, folder) / "dovecot-acl").open("a") as file:
                file.write(f"user={reader} {rights}\n")
        with (self.folder / "shared-mailboxes").open("a") as file:
            file.write(f"shared/shared-boxes/user/{reader}/{owner}\n1\n")

    def renumber(self, user: str, folder: str = "INBOX") -> None:
        """Has the folder's items named anew, as after a repair: UIDVALIDITY changes."""
        place = self.place(user, folder)
        for file in place.glob("dovecot*"):
            if file.name != "dovecot-acl":
                file.unlink()
        for file in (*place.glob("cur/*"), *place.glob("new/*")):
            base, _, flags = file.name.partition(":")
            file.rename(file.with_name(base.partition(",")[0] + (f":{flags}" if flags else "")))
        (place / "dovecot-uidlist").write_text(f"3 V{int(time.time()) + next(_NUMBERS)} N1 G{next(_NUMBERS):032x}\n")
        self.own()

    def standing(self) -> dict[str, str]:
        """What lies on the disk: a sum of each message under its name with its flags, and in which part of its Maildir; and what is subscribed to.

        The server's own lists and indexes are not told: it keeps them as it sees fit.
        """
        mail = self.folder / "mail"
        kept = (path for path in sorted(mail.rglob("*")) if path.is_file() and (path.parent.name in _PARTS or path.name == "subscriptions"))
        return {path.relative_to(mail).as_posix(): blake2b(path.read_bytes()).hexdigest() for path in kept}

    def start(self) -> None:
        """Begins to serve. Its log stands in an error."""
        self.own()
        user: dict[str, Any] = {"user": self.account, "group": _group(self.account), "extra_groups": []} if self.account else {}
        words = [str(shutil.which("dovecot", path=_PATH)), "-F", "-c", str(self.folder / "dovecot.conf")]
        self.process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=self.folder, start_new_session=True, **user)
        until = time.monotonic() + 20
        while time.monotonic() < until:
            if self.process.poll() is not None:
                break
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                time.sleep(0.05)
            else:
                return
        log = self.folder / "dovecot.log"
        raise RuntimeError(
            f"Dovecot does not start: {log.read_text() if log.exists() else ''}{self.process.stderr.read1() if self.process.stderr else ''}"
        )

    def stop(self) -> None:
        """Ends it: politely, then with all its children at once."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
        if self.process and self.process.stderr:
            self.process.stderr.close()


_NUMBERS = count(1)
_PATH = os.environ.get("PATH", "") + os.pathsep + "/usr/sbin"


def installed() -> Dovecot:
    """A server in a temporary folder, not yet started. Skips where there is no Dovecot 2.3."""
    program = shutil.which("dovecot", path=_PATH)
    if program is None:
        pytest.skip("Dovecot (the package dovecot-imapd) is not installed")
    version = subprocess.run([program, "--version"], capture_output=True, check=True, text=True).stdout
    if not version.startswith("2.3."):
        pytest.skip(f"Dovecot {version.split()[0]} is installed; the tests configure 2.3")
    # A short path: a UNIX socket's is limited to 107 bytes.
    folder = Path(tempfile.mkdtemp(prefix="dovecot-", dir="/tmp"))
    folder.chmod(0o755)
    authority = Authority(folder)
    certificate, key = authority.issue("server")
    account = _account()
    made = Dovecot(folder, authority, *_ports(2), account)
    for name in ("run", "mail", "private"):
        (folder / name).mkdir()
    for name in ("users", "masters", "shared-mailboxes"):
        (folder / name).touch()
    (folder / "masters").write_text(f"{MASTER}:{MASTER_PASSWORD}\n", encoding="utf-8")
    user = account or pwd.getpwuid(os.getuid()).pw_name
    group = _group(user)
    places = {"folder": folder, "run": folder / "run", "mail": folder / "mail", "certificate": certificate, "key": key}
    text = _CONFIGURATION.format(**places, user=user, group=group, port=made.port, clear=made.clear)
    (folder / "dovecot.conf").write_text(text)
    (folder / "oauth2.conf").write_text(_OAUTH.format(folder=folder))
    return made


_OAUTH = """
introspection_mode = local
local_validation_key_dict = fs:posix:prefix={folder}/keys/
username_attribute = sub
client_id = aboveboard
"""


def _account() -> str | None:
    """The server need not run as root, and mail is refused to root; None means that this account will do."""
    if os.getuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next((name for name in ("nobody", "dovecot") if name in known), None) or pytest.skip("there is no unprivileged account to run Dovecot")


def _group(user: str) -> str:
    import grp

    return grp.getgrgid(pwd.getpwnam(user).pw_gid).gr_name


def _ports(number: int) -> list[int]:
    """Free ports on loopback."""
    probes = [socket.socket() for _ in range(number)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    found = [int(probe.getsockname()[1]) for probe in probes]
    for probe in probes:
        probe.close()
    return found
