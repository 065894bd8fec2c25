"""What the rules are worth, and what each part of them is: figures, calibration, ablations and scenarios on labelled councils.

    python -m benchmarks.accuracy tests/corpora/stourbrook tests/corpora/lindmere tests/corpora/farrowdene

The conversations of each council are read once, as a scan reads them; then the rules judge them with all they have, and without one part
at a time. Confidences are taken from every message, so that those below the threshold count for the calibration too.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.reliability import Pair, calibration, plot
from rules.catalogue import RULES
from rules.circulation import Thread
from rules.roster import Roster
from rules.rule import Context, Settings
from scanner.app import App
from scanner.corpus import Verdict, configuration_of, verdicts_of
from scanner.evaluate import Score
from scanner.language.reader import load_reader
from training.rows import conversations

Key = tuple[str, str]


@dataclass(frozen=True)
class Council:
    """A labelled council, read."""

    name: str
    threads: list[Thread]
    context: Context
    verdicts: Mapping[Key, Verdict]


def read(corpus: Path) -> Council:
    with TemporaryDirectory() as folder, closing(App(configuration_of(corpus, Path(folder)))) as app:
        threads, context = conversations(app)
    return Council(
        corpus.name, threads, replace(context, find_entities=cache(context.find_entities)), {(v.message_id, v.rule): v for v in verdicts_of(corpus)}
    )


def confidences(council: Council, context: Context, threads: Iterable[Thread]) -> dict[Key, float]:
    """The confidence of each message under each rule; 0 where there is nothing to say."""
    found: dict[Key, float] = {(m, rule.id): 0.0 for t in council.threads for m in t.fresh for rule in RULES}
    for thread in threads:
        for rule in RULES:
            for finding in rule.check(thread, context, Settings(threshold=0.0)):
                if finding.is_potential_breach:
                    key = (finding.message_id, rule.id)
                    found[key] = max(found.get(key, 0.0), finding.confidence)
    return found


def apart(threads: Iterable[Thread]) -> Iterator[Thread]:
    """Every message by itself, as if no conversation were known."""
    for thread in threads:
        yield from (Thread((c,), frozenset({c.message.id})) for c in thread.circulations if c.message.id in thread.fresh)


Way = Callable[[Council, Context], dict[Key, float]]
WAYS: dict[str, Way] = {
    "everything": lambda council, context: confidences(council, context, council.threads),
    "without the trained reader": lambda council, context: confidences(council, replace(context, sense=None), council.threads),
    "without the conversation": lambda council, context: confidences(council, context, apart(council.threads)),
    "without names on the roster": lambda council, context: confidences(
        council, replace(context, roster=Roster((), context.roster.lists, context.roster.domains)), council.threads
    ),
    "words alone (no reader, no conversation)": lambda council, context: confidences(council, replace(context, sense=None), apart(council.threads)),
}


def scores(councils: Iterable[Council], found: Mapping[str, Mapping[Key, float]]) -> dict[str, Score]:
    counts: dict[str, list[int]] = {rule.id: [0, 0, 0] for rule in RULES}
    for council in councils:
        for (message, rule), confidence in found[council.name].items():
            verdict = council.verdicts.get((message, rule))
            expected = verdict.expected if verdict else "clear"
            if expected == "any":
                continue
            flagged = confidence >= 0.5
            counts[rule][0] += flagged and expected == "flag"
            counts[rule][1] += flagged and expected == "clear"
            counts[rule][2] += not flagged and expected == "flag"
    return {rule: Score(rule, *several) for rule, several in counts.items()}


def pairs_of(councils: Iterable[Council], found: Mapping[str, Mapping[Key, float]]) -> dict[str, list[Pair]]:
    """For each rule the confidence of every message on which it has something to say, and whether that is a breach."""
    pairs: dict[str, list[Pair]] = defaultdict(list)
    for council in councils:
        for (message, rule), confidence in found[council.name].items():
            verdict = council.verdicts.get((message, rule))
            if confidence > 0 and (verdict is None or verdict.expected != "any"):
                pairs[rule].append((confidence, verdict is not None and verdict.expected == "flag"))
    return pairs


def table(title: str, scored: Mapping[str, Score]) -> None:
    print(f"\n## {title}\n\n| rule | right | false alarms | missed | precision | recall | F1 (95 %) |\n|---|---|---|---|---|---|---|")
    for rule, s in scored.items():
        f1, precision, recall = s.f1, s.precision.value, s.recall.value
        shares = f"{precision:.2f} | {recall:.2f} | {f1.value:.2f} ({f1.low:.2f} to {f1.high:.2f})"
        print(f"| {rule} | {s.right} | {s.false_alarms} | {s.missed} | {shares} |")


def scenarios(councils: Iterable[Council], found: Mapping[str, Mapping[Key, float]]) -> None:
    """Right and labelled by difficulty: flags found, clears left alone."""
    counts: dict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0])
    for council in councils:
        for key, verdict in council.verdicts.items():
            if verdict.expected != "any" and key in found[council.name]:
                flagged = found[council.name][key] >= 0.5
                tally = counts[key[1], verdict.expected, verdict.difficulty]
                tally[0] += flagged == (verdict.expected == "flag")
                tally[1] += 1
    print("\n## By difficulty\n\n| rule | label | easy | medium | hard |\n|---|---|---|---|---|")
    for rule in RULES:
        for expected in ("flag", "clear"):
            cells = [counts[rule.id, expected, d] for d in ("easy", "medium", "hard")]
            print(f"| {rule.id} | {expected} | " + " | ".join(f"{right} of {of}" for right, of in cells) + " |")


def background(councils: Iterable[Council], found: Mapping[str, Mapping[Key, float]]) -> None:
    """False alarms on the messages of which no rule has a label."""
    alarms: dict[str, int] = defaultdict(int)
    messages = 0
    for council in councils:
        unlabelled = {message for message, _ in found[council.name]} - {message for message, _ in council.verdicts}
        messages += len(unlabelled)
        for (message, rule), confidence in found[council.name].items():
            alarms[rule] += message in unlabelled and confidence >= 0.5
    print(f"\nfalse alarms on {messages} background messages: " + ", ".join(f"{rule} {n}" for rule, n in alarms.items()))


def errors(councils: Iterable[Council], found: Mapping[str, Mapping[Key, float]]) -> None:
    """The scenarios, as their authors named them, in which a verdict went wrong: how often, of how many."""
    counts: dict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0])
    for council in councils:
        for (message, rule), confidence in found[council.name].items():
            verdict = council.verdicts.get((message, rule))
            expected, scenario = (verdict.expected, verdict.scenario) if verdict else ("clear", "background")
            if expected != "any":
                tally = counts[rule, expected, scenario]
                tally[0] += (confidence >= 0.5) != (expected == "flag")
                tally[1] += 1
    print("\n## Errors by scenario\n\n| rule | label | wrong of all |\n|---|---|---|")
    for each in RULES:
        for label in ("flag", "clear"):
            wrong = (f"{scenario} {n} of {of}" for (r, e, scenario), (n, of) in sorted(counts.items()) if (r, e) == (each.id, label) and n)
            print(f"| {each.id} | {label} | {', '.join(wrong) or '–'} |")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("corpus", type=Path, nargs="+")
    arguments.add_argument("--reader", type=Path, help="another folder of the trained reader's files")
    arguments.add_argument("--scenarios", action="store_true", help="which scenarios went wrong; not for councils that are only reported on")
    arguments.add_argument("--plot", type=Path, help="where to write the reliability plot (SVG)")
    arguments.add_argument("--brief", action="store_true", help="the first table only")
    chosen = arguments.parse_args()
    reader = load_reader(chosen.reader)
    councils = [read(corpus) for corpus in chosen.corpus]
    for title, way in WAYS.items():
        found = {council.name: way(council, replace(council.context, sense=reader)) for council in councils}
        table(title, scores(councils, found))
        if title == "everything":
            for council in councils if len(councils) > 1 else ():
                print(f"\n{council.name}: " + ", ".join(f"{rule} {s.f1.value:.2f}" for rule, s in scores([council], found).items()))
            pairs = pairs_of(councils, found)
            calibration(pairs)
            if chosen.plot:
                chosen.plot.write_text(plot(pairs), "utf-8")
            scenarios(councils, found)
            background(councils, found)
            if chosen.scenarios:
                errors(councils, found)
            if chosen.brief:
                return


if __name__ == "__main__":
    main()
