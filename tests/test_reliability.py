"""How true confidences are, as the documentation shows it."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from benchmarks.reliability import Pair, calibration_error, plot, tenths


@pytest.mark.parametrize(
    ("pairs", "error"),
    [
        ([(0.5, True), (0.5, False)], 0.0),
        ([(1.0, True), (1.0, False)], 0.5),
        ([(0.25, False)] * 3 + [(0.25, True)], 0.0),
        ([(0.0, True), (1.0, False)], 1.0),
    ],
)
def test_the_error_is_how_far_confidence_and_truth_lie_apart(pairs: list[Pair], error: float) -> None:
    assert calibration_error(pairs) == pytest.approx(error)


def test_full_confidence_stands_in_the_last_tenth() -> None:
    assert [len(b) for b in tenths([(0.0, False), (0.999, True), (1.0, True)])] == [1, 0, 0, 0, 0, 0, 0, 0, 0, 2]


def test_the_plot_has_a_panel_a_rule_and_a_dot_a_tenth() -> None:
    drawn = ET.fromstring(plot({"silent-copy": [(0.2, False), (0.95, True)], "political-use": [(0.4, True)]}))
    assert len(list(drawn.iter("{http://www.w3.org/2000/svg}circle"))) == 3
    assert [t.text for t in drawn.iter("{http://www.w3.org/2000/svg}title")] == ["1 of 1 at 40%", "0 of 1 at 20%", "1 of 1 at 95%"]
