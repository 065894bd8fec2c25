"""How true confidences are: of the messages on which a rule is 70 to 80 % sure, how many are breaches. As a table, and as a plot (SVG)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

Pair = tuple[float, bool]
_BINS = 10
_SIDE, _GAP, _TOP = 170, 50, 40


def tenths(pairs: Iterable[Pair]) -> list[list[Pair]]:
    """Pairs of a confidence and whether it was a breach, by tenths of the confidence."""
    found: list[list[Pair]] = [[] for _ in range(_BINS)]
    for pair in pairs:
        found[min(int(pair[0] * _BINS), _BINS - 1)].append(pair)
    return found


def calibration_error(pairs: Sequence[Pair]) -> float:
    """Expected calibration error: how far mean confidence and share of breaches lie apart in each tenth, weighed by its messages."""
    return sum(abs(sum(c for c, _ in b) - sum(t for _, t in b)) for b in tenths(pairs)) / len(pairs)


def calibration(pairs: Mapping[str, Sequence[Pair]]) -> None:
    """Prints the expected calibration error of each rule, and the breaches among the messages of each tenth."""
    print("\n## Calibration\n\n| rule | messages | expected calibration error | " + " | ".join(f".{i}" for i in range(_BINS)) + " |")
    print("|---" * (_BINS + 3) + "|")
    for rule, several in pairs.items():
        shown = " | ".join(f"{sum(t for _, t in b)}/{len(b)}" if b else "" for b in tenths(several))
        print(f"| {rule} | {len(several)} | {calibration_error(several):.3f} | {shown} |")


def plot(pairs: Mapping[str, Sequence[Pair]]) -> str:
    """A panel for each rule: mean confidence of each tenth across, share of breaches upwards, larger dots for more messages; true on the line."""
    width, height = len(pairs) * (_SIDE + _GAP) + _GAP, _SIDE + 2 * _TOP + 20
    panels = "".join(_panel(rule, several, _GAP + place * (_SIDE + _GAP)) for place, (rule, several) in enumerate(sorted(pairs.items())))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="11">'
        f'<rect width="{width}" height="{height}" fill="#fff"/>{panels}</svg>\n'
    )


def _panel(rule: str, pairs: Sequence[Pair], left: int) -> str:
    bottom = _TOP + _SIDE
    frame = f'<rect x="{left}" y="{_TOP}" width="{_SIDE}" height="{_SIDE}" fill="none" stroke="#999"/>'
    line = f'<line x1="{left}" y1="{bottom}" x2="{left + _SIDE}" y2="{_TOP}" stroke="#bbb" stroke-dasharray="4 4"/>'
    title = f'<text x="{left}" y="{_TOP - 14}" font-weight="bold">{rule}</text>'
    error = f'<text x="{left}" y="{_TOP - 2}" fill="#555">{len(pairs)} messages, error {calibration_error(pairs):.3f}</text>'
    marks = "".join(
        f'<text x="{left - 6}" y="{bottom - share * _SIDE + 4:.0f}" text-anchor="end" fill="#555">{share:.0%}</text>'
        f'<text x="{left + share * _SIDE:.0f}" y="{bottom + 14}" text-anchor="middle" fill="#555">{share:.0%}</text>'
        for share in (0.0, 0.5, 1.0)
    )
    across = f'<text x="{left + _SIDE / 2:.0f}" y="{bottom + 30}" text-anchor="middle" fill="#333">confidence (upwards: breaches)</text>'
    return title + error + frame + line + marks + across + "".join(_dots(pairs, left, bottom))


def _dots(pairs: Sequence[Pair], left: int, bottom: int) -> Iterator[str]:
    for several in filter(None, tenths(pairs)):
        sure, breaches = sum(c for c, _ in several) / len(several), sum(t for _, t in several)
        size = 2.5 + len(several) ** 0.5 / 2
        x, y = left + sure * _SIDE, bottom - breaches / len(several) * _SIDE
        said = f"{breaches} of {len(several)} at {sure:.0%}"
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{size:.1f}" fill="#1d70b8" fill-opacity="0.75"><title>{said}</title></circle>'
