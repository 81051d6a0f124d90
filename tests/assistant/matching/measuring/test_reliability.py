"""Reliability: how often the nearest entry answers, by its score."""

from pathlib import Path

from matplotlib.patches import Rectangle

from assistant.matching import Candidate, Match
from assistant.matching.measuring.evaluation import Proportion
from assistant.matching.measuring.reliability import Bin, draw, figure_of, reliability


def _match(score: float, slug: str = "a") -> Match:
    return Match("answer", (Candidate(slug, score),))


FOUND = [
    ({"a"}, _match(0.1)),
    ({"b"}, _match(0.19)),
    (set[str](), _match(0.92)),
    ({"a"}, _match(1.0)),
    ({"a", "b"}, _match(0.95)),
]


def test_each_bin_counts_the_right_ones_of_its_scores() -> None:
    low, high = reliability([*FOUND, ({"a"}, Match("unknown", ()))])[1:]
    assert (low.low, low.high, round(low.mean, 3), low.right) == (0.1, 0.2, 0.145, Proportion(1, 2))
    assert (high.low, high.high, round(high.mean, 3), high.right) == (0.9, 1.0, 0.957, Proportion(2, 3))
    assert str(high) == "0.9 to 1.0, 0.957 on average: 2 of 3: 66.7% (20.8% to 93.9%)"
    assert reliability([]) == []


def test_the_diagram_shows_shares_intervals_and_counts(tmp_path: Path) -> None:
    bins = [Bin(0.2, 0.3, 0.25, Proportion(1, 4)), Bin(0.9, 1.0, 0.97, Proportion(57, 57))]
    figure = figure_of(bins)
    above, below = figure.axes
    points = above.containers[0][0]
    assert [list(map(float, each)) for each in points.get_data()] == [[0.25, 0.97], [0.25, 1.0]]
    assert [patch.get_height() for patch in below.patches if isinstance(patch, Rectangle)] == [4, 57]
    assert [text.get_text() for text in below.texts] == ["4", "57"]
    for name in ("drawn.svg", "drawn.png", "drawn.pdf"):
        draw(bins, tmp_path / name)
        assert (tmp_path / name).stat().st_size > 1_000
    draw(bins, tmp_path / "again.svg")
    assert (tmp_path / "again.svg").read_bytes() == (tmp_path / "drawn.svg").read_bytes()
