"""Wrong configurations are refused with the file, the key and what to write; right ones are taken as they stand."""

from __future__ import annotations

import tomllib
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Literal, get_args

import pytest
from installation import CONFIG, SHARED, install
from pydantic import BaseModel

from scanner.app import App
from scanner.config import Configuration, load, secret
from scanner.errors import ConfigurationError
from scanner.facts import council_of
from scanner.source_sections import LIVE, TraceSection

ROOT = Path(__file__).parents[2]

_JOURNAL = 'journal = "journal@wexcombe.example"'
_SOURCE = '[[sources]]\nkind = "eml"\npath = "mailboxes"\n'
_URL = 'url = "sqlite:///aboveboard.db"'
_PERIOD = "pre_election = [{ from = 2027-03-23, to = 2027-05-06 }]"
_DIGEST = '[[digests]]\naudience = "monitoring-officer"\n'

# What is written in place of what, the key that is to be named, and the words that are to stand in the answer.
WRONG = [
    ('name = "Wexcombe Borough Council"\n', "", "council.name", "is missing"),
    ('name = "Wexcombe', 'nmae = "Wexcombe', "council.nmae", "no such key"),
    ("[council]", "[counsil]", "counsil", "no such key"),
    ("[council]", 'base = "elsewhere"\n[council]', "base", "no such key"),
    ("workers = 1", "workers = 1\nthreads = 4", "run.threads", "no such key"),
    ("workers = 1", 'cluster = "tls://scheduler:8786"', "run.cluster", "not built yet"),
    (_JOURNAL, 'jurnal = "journal@wexcombe.example"', "sources[1].jurnal", "no such key"),
    ("from = 2027-03-23,", "form = 2027-03-23,", "elections.pre_election[1].form", "no such key"),
    ("threshold = 0.5", "treshold = 0.5", "rules.political-use.treshold", "no such key"),
    ("[rules.political-use]", "[rules.politics]", "rules.politics", "must be one of 'silent-copy'"),
    ("[run]\nworkers = 1", 'run = "fast"', "store.run", "no such key"),
    ("[council]", 'rules = "all"\n[council]', "", "not well-formed TOML"),
    ('name = "Wexcombe Borough Council"', "name = 5", "council.name", "text in quotes"),
    ('name = "Wexcombe Borough Council"', 'name = " "', "council.name", "is blank"),
    ('domains = ["wexcombe.example"]', 'domains = "wexcombe.example"', "council.domains", 'write a list, such as ["one", "two"]'),
    ('domains = ["wexcombe.example"]', "domains = []", "council.domains", "is empty; name at least one"),
    ('domains = ["wexcombe.example"]', 'domains = ["@wexcombe.example"]', "council.domains[1]", "without @"),
    ('domains = ["wexcombe.example"]', 'domains = ["wexcombe"]', "council.domains[1]", "is not a domain"),
    ("archive_addresses = [", 'timezone = "Europe/Lundon"\narchive_addresses = [', "council.timezone", "no time zone is called 'Europe/Lundon'"),
    ('["crm@wexcombe.example"]', '["crm at wexcombe"]', "council.archive_addresses[1]", "not an e-mail address"),
    ("[2027-05-06]", '["2027-05-06"]', "elections.polling_days[1]", "a date without quotes or a time"),
    ("[2027-05-06]", "[2027-05-06T07:00:00]", "elections.polling_days[1]", "a date without quotes or a time"),
    ("[2027-05-06]", "[2027-02-30]", "", "not well-formed TOML"),
    (_PERIOD, "pre_election = [{ from = 2027-05-06, to = 2027-03-23 }]", "elections.pre_election[1]", "ends on 2027-03-23 before it begins"),
    (_PERIOD, 'parties = [""]', "elections.parties[1]", "is blank"),
    (_PERIOD, "pre_election = [[2027-03-23, 2027-05-06]]", "elections.pre_election[1]", "a table of its own"),
    ('["legally privileged"]', '["legally privileged", " "]', "protected.subjects[2]", "is blank"),
    ('["legally privileged"]', '["legally\\u001b[31m"]', "protected.subjects[1]", "control character"),
    ('["unison@wexcombe.example"]', '["CRM@wexcombe.example"]', "crm@wexcombe.example", "council.archive_addresses and in protected.addresses"),
    ('["unison@wexcombe.example"]', '["journal@wexcombe.example"]', "journal@wexcombe.example", "protected.addresses and in the journal"),
    ('["crm@wexcombe.example"]', '["journal@wexcombe.example"]', "journal@wexcombe.example", "archive_addresses and in the journal"),
    ('kind = "eml"', 'kind = "emls"', "sources[1]", "the kind must be one of 'eml', 'maildir'"),
    ('kind = "eml"\n', "", "sources[1]", "kind is missing"),
    *(
        ('kind = "eml"\npath = "mailboxes"', section, key, words)
        for section, key, words in (
            ('kind = "imap"\nhost = "mail.x"\naccount = "scan"', "sources[1]", "give either password"),
            ('kind = "imap"\nhost = "mail.x"\naccount = "scan"\npassword = "hunter2"', "sources[1].password", "a secret never stands"),
            (
                'kind = "imap"\nhost = "mail.x"\naccount = "scan"\npassword = "env:P"\nmailboxes = "group:a@b.example"',
                "sources[1]",
                "knows no groups",
            ),
            ('kind = "imap"\nhost = "mail.x"\naccount = "scan"\npassword = "env:P"\nmailboxes = "all"', "sources[1].mailboxes", 'write "roster"'),
            (
                'kind = "imap"\nhost = "mail.x"\naccount = "scan"\npassword = "env:P"\nmailboxes = ["ann"]',
                "sources[1].mailboxes",
                "is not an e-mail address",
            ),
            ('kind = "imap"\nhost = "mail.x"\naccount = "scan"\npassword = "env:P"\nmailboxes = []', "sources[1].mailboxes", "a list of addresses"),
            ('kind = "exchange"\npassword = "env:P"', "sources[1]", "account: is missing"),
            ('kind = "exchange"\naccount = "X\\\\scan"', "sources[1]", "give either account"),
            ('kind = "graph"\noauth = { tenant = "t", client = "c" }', "sources[1].oauth", 'secret = "env:NAME"'),
        )
    ),
    ('kind = "eml"\n', 'kind = "trace"\n', "sources[1].journal", "no such key"),
    (f"{_SOURCE}{_JOURNAL}", '[[sources]]\nkind = "trace"\npath = "logs"', "sources", "only message traces; name where the mail lies"),
    ("[[sources]]", "[sources]", "sources", "two brackets: [[sources]]"),
    (f"{_SOURCE}{_JOURNAL}\n", "", "sources", "is missing"),
    (f"{_SOURCE}{_JOURNAL}\n\n[store]", "[store]\nsources = []", "store.sources", "no such key"),
    ("[[sources]]", f"{_SOURCE}\n[[sources]]", "sources", "two read"),
    ("[[sources]]", '[[sources]]\nkind = "eml"\nname = "again"\npath = "./mailboxes/"\n\n[[sources]]', "sources", "two read"),
    ("[[sources]]\n", '[[sources]]\nkind = "mbox"\nname = "x"\npath = "a"\n\n[[sources]]\nname = "x"\n', "sources", "two are called x"),
    (_URL, 'url = "postgresql+psycopg://scan:hunter2@db/aboveboard"', "store.url", "holds a password"),
    (_URL, 'url = "postgresql+psycopg://scan:hun/ter2@db/aboveboard"', "store.url", "holds a password"),
    (_URL, 'url = "postgresql+psycopg://db/aboveboard?user=scan&password=hunter2"', "store.url", "holds a password"),
    (_URL, 'url = "mysql://db/aboveboard"', "store.url", 'write "sqlite:///FILE"'),
    (_URL, 'url = "sqlite:///:memory:"', "store.url", "nothing would be kept"),
    ('key = "file:aboveboard.key"', 'key = "hunter2hunter2hunter2"', "store.key", 'write "env:NAME"'),
    ('key = "file:aboveboard.key"', 'key = "env:"', "store.key", 'write "env:NAME"'),
    ('keep_findings = "P1Y"', 'keep_findings = "1 year"', "store.keep_findings", 'such as "P1Y"'),
    ('keep_findings = "P1Y"', "keep_findings = 365", "store.keep_findings", 'such as "P1Y"'),
    ('keep_findings = "P1Y"', 'keep_findings = "P0D"', "store.keep_findings", "from a day to a hundred years"),
    ('keep_findings = "P1Y"', 'keep_findings = "P99999Y"', "store.keep_findings", "from a day to a hundred years"),
    ('keep_findings = "P1Y"', 'keep_findings = "PT1H"', "store.keep_findings", 'such as "P1Y"'),
    ("workers = 1", "workers = 0", "run.workers", "from 1 to 64"),
    ("workers = 1", "workers = true", "run.workers", "a whole number"),
    ('scan = "0 5 * * *"', 'scan = "daily"', "schedule.scan", "five cron fields"),
    ('scan = "0 5 * * *"', 'scan = "0 25 * * *"', "schedule.scan", "'25' is no hour"),
    ('digest = "0 7 * * mon"', 'digest = "0 7 31 feb *"', "schedule.digest", "never run"),
    ("[[digests]]", "[digests]", "digests", "two brackets: [[digests]]"),
    ('"silent-copy", "member', '"silent-copying", "member', "digests[1].rules[1]", "must be one of 'silent-copy'"),
    ('audience = "monitoring-officer"', 'audience = "leader"', "digests[1].audience", "'data-protection-officer'"),
    ('["silent-copy", "member-obligation", "political-use"]', "[]", "digests[1].rules", "is empty"),
    ("[[digests]]", f'{_DIGEST}rules = ["resident-data"]\n\n[[digests]]', "digests", "two write the monitoring-officer's"),
    ("threshold = 0.5", "threshold = 1.5", "rules.political-use.threshold", "from 0 to 1"),
    ("threshold = 0.5", "threshold = nan", "rules.political-use.threshold", "from 0 to 1"),
    ("threshold = 0.5", 'threshold = "half"', "rules.political-use.threshold", "a number"),
    ("threshold = 0.5", 'enabled = "no"', "rules.political-use.enabled", "true or false"),
    ('people = "people.csv"', 'people = "people.csv', "", "not well-formed TOML"),
    ("workers = 1", "workers = 1\nworkers = 2", "", "not well-formed TOML"),
    ('path = "mailboxes"', 'path = "C:\\mailboxes"', "", "not well-formed TOML"),
]


@pytest.mark.parametrize(("right", "wrong", "key", "words"), WRONG, ids=[f"{number}-{row[2]}" for number, row in enumerate(WRONG)])
def test_a_wrong_configuration_is_refused_in_words(tmp_path: Path, right: str, wrong: str, key: str, words: str) -> None:
    assert CONFIG.count(right) >= 1
    path = install(tmp_path, CONFIG.replace(right, wrong, 1))
    with pytest.raises(ConfigurationError) as refused:
        load(path)
    lines = [line for line in str(refused.value).splitlines() if words in line]
    assert lines, str(refused.value)
    assert lines[0].startswith(f"{path}: {key}")


def test_each_fault_has_its_own_line_and_none_shows_a_secret(tmp_path: Path) -> None:
    wrong = (
        CONFIG.replace(_URL, 'url = "postgresql+psycopg://scan:hunter2@db/x"').replace("workers = 1", "workers = 99").replace("file:above", "hunter3")
    )
    with pytest.raises(ConfigurationError) as refused:
        load(install(tmp_path, wrong))
    assert len(str(refused.value).splitlines()) == 3
    assert "hunter" not in str(refused.value)


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (lambda path: path.unlink(), "cannot be read (No such file or directory). Name the file with --config"),
        (lambda path: (path.unlink(), path.mkdir()), "cannot be read (Is a directory)"),
        (lambda path: path.write_bytes(CONFIG.encode("utf-16")), "is not UTF-8; save it as UTF-8"),
        (lambda path: path.write_bytes(CONFIG.replace("Wexcombe", "Wexcömbe").encode("latin-1")), "is not UTF-8"),
        (lambda path: path.write_text(""), "council: is missing"),
    ],
)
def test_a_file_that_is_none_is_refused(tmp_path: Path, made: Any, words: str) -> None:
    path = install(tmp_path)
    made(path)
    with pytest.raises(ConfigurationError) as refused:
        load(path)
    assert words in str(refused.value)
    assert str(path) in str(refused.value)


@pytest.mark.parametrize(
    "raw",
    [
        b"\xef\xbb\xbf" + CONFIG.encode(),
        CONFIG.replace("\n", "\r\n").encode(),
        b"\xef\xbb\xbf" + CONFIG.replace("\n", "\r\n").encode(),
    ],
    ids=["byte-order mark", "Windows line ends", "both"],
)
def test_windows_habits_do_no_harm(tmp_path: Path, raw: bytes) -> None:
    path = install(tmp_path)
    path.write_bytes(raw)
    assert load(path).council.name == "Wexcombe Borough Council"


@pytest.mark.parametrize(
    ("right", "wrong", "words"),
    [
        ('people = "people.csv"', 'people = "staff.csv"', "staff.csv: cannot be read (No such file or directory); council.people"),
        ('lists = "lists.csv"', 'lists = "groups.csv"', "groups.csv: cannot be read"),
        ('path = "mailboxes"', 'path = "post"', "post is not a folder; it should hold one folder a mailbox"),
        ('people = "people.csv"', 'protocol = "county-1923"\npeople = "people.csv"', "neither a packaged protocol (bolsover-2021"),
        ('people = "people.csv"', 'protocol = "own.toml"\npeople = "people.csv"', "own.toml' is neither a packaged protocol"),
        ('people = "people.csv"', 'protocol = "people.csv.toml"\npeople = "people.csv"', "needs a title"),
        ('key = "file:aboveboard.key"', 'key = "env:WEXCOMBE_NO_SUCH_KEY"', "the environment variable WEXCOMBE_NO_SUCH_KEY is not set"),
        ('key = "file:aboveboard.key"', 'key = "file:mailboxes"', "mailboxes: cannot be read (Is a directory)"),
    ],
)
def test_what_the_configuration_names_must_be_there(tmp_path: Path, right: str, wrong: str, words: str) -> None:
    path = install(tmp_path, CONFIG.replace(right, wrong, 1))
    (tmp_path / "people.csv.toml").write_text('name = "no protocol"')
    app = App(load(path))
    with pytest.raises(ConfigurationError) as refused:
        _parts(app)
    assert words in str(refused.value)


def _parts(app: App) -> tuple[object, ...]:
    return app.protocol, app.sources, app.roster, app.pseudonym


def test_a_secret_is_read_from_where_it_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEXCOMBE_KEY", "from the environment")
    (tmp_path / "key").write_text("from a file\n")
    assert secret("env:WEXCOMBE_KEY", tmp_path) == "from the environment"
    assert secret("file:key", tmp_path) == "from a file"
    assert secret(f"file:{tmp_path / 'key'}", Path("/elsewhere")) == "from a file"
    (tmp_path / "key").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigurationError, match="is not text"):
        secret("file:key", tmp_path)


def test_pre_election_periods_may_overlap(tmp_path: Path) -> None:
    both = "pre_election = [{ from = 2027-03-02, to = 2027-04-15 }, { from = 2027-03-23, to = 2027-05-06 }]"
    council = council_of(load(install(tmp_path, CONFIG.replace(_PERIOD, both))))
    assert [council.before_election(date(2027, month, 1)) for month in (3, 4, 5, 6)] == [False, True, True, False]


def test_what_is_left_out_has_a_default(tmp_path: Path) -> None:
    bare = '[council]\nname = "W"\ndomains = ["W.example"]\npeople = "people.csv"\n[[sources]]\nkind = "mbox"\npath = "m"\n'
    made = load(install(tmp_path, bare))
    assert (made.council.timezone, made.council.protocol, made.council.domains) == ("Europe/London", "county-2023", ["w.example"])
    assert (made.store.keep_findings, made.run.workers, made.schedule.scan) == (timedelta(days=365), 1, "0 5 * * *")
    assert made.sources[0].label == "mbox:m"
    assert made.resolve("digests") == tmp_path / "digests"


def test_the_sketch_loads_as_it_stands(tmp_path: Path) -> None:
    sketch = SHARED / "config.sketch.toml"
    if not sketch.exists():
        pytest.skip("the sketch is not beside this checkout")
    people = "address,name,kind,role,group,aliases\nann@thornburyvale.gov.uk,Cllr Ann Marsh,member,,,\n"
    app = App(load(install(tmp_path, sketch.read_text("utf-8"), people, "list,member\nall@thornburyvale.gov.uk,ann@thornburyvale.gov.uk\n")))
    assert (app.roster.people[0].name, app.protocol.id, list(app.sources)) == ("Cllr Ann Marsh", "county-2023", ["eml:mailboxes"])


def test_the_example_loads() -> None:
    made = load(ROOT / "config.example.toml")
    assert made.council.name == "Thornbury Vale District Council"
    assert {rule for digest in made.digests for rule in digest.rules} == {"silent-copy", "member-obligation", "political-use", "resident-data"}


def test_every_key_stands_in_the_example() -> None:
    example = tomllib.loads((ROOT / "config.example.toml").read_text("utf-8"))
    assert sorted(_missing(Configuration, example, "")) == ["base"]


@pytest.mark.parametrize("kind", ["imap", "exchange", "graph", "trace"])
def test_every_key_of_a_mail_server_stands_in_a_comment_of_the_example_and_is_right(kind: str) -> None:
    text = (ROOT / "config.example.toml").read_text("utf-8")
    blocks = [block.replace("\n#", "\n").lstrip("#") for block in text.split("\n\n") if block.startswith("#[[sources]]")]
    (written,) = (block for block in blocks if f'kind = "{kind}"' in block)
    (model,) = (model for model in (*LIVE, TraceSection) if model.model_fields["kind"].annotation == Literal[kind])
    table = tomllib.loads(written)["sources"][0]
    model.model_validate(table)
    assert {key for key in model.model_fields if key not in table and f"{key} =" not in written} == set()


def _missing(model: type[BaseModel], written: Any, place: str) -> list[str]:
    """The keys of a model that nobody wrote, sections within sections too; of several tables of one kind, the first that has a key counts."""
    found = []
    for name, field in model.model_fields.items():
        key = field.alias or name
        if key not in written:
            found.append(f"{place}{key}")
        elif sections := [part for part in (field.annotation, *get_args(field.annotation)) if isinstance(part, type) and issubclass(part, BaseModel)]:
            value = written[key]
            tables = value if isinstance(value, list) else list(value.values()) if get_args(field.annotation) else [value]
            found += _missing(sections[0], {k: v for table in tables for k, v in table.items()}, f"{place}{key}.")
    return found


def test_the_walk_over_the_models_sees_a_key_that_is_left_out() -> None:
    example = tomllib.loads((ROOT / "config.example.toml").read_text("utf-8"))
    for digest in example["digests"]:
        digest.pop("folder", None)
    del example["elections"]["pre_election"][0]["to"], example["rules"]["political-use"]["threshold"]
    assert set(_missing(Configuration, example, "")) >= {"digests.folder", "elections.pre_election.to", "rules.threshold"}
