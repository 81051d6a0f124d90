"""Shares in tables, in words and on axes: each count once, and nothing drawn where there is nothing to count."""

import numpy as np
import pytest
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure as Canvas

from models.figures.charts import draw_shares, legend, share_table, shares_figure
from models.figures.style import LIGHT
from models.figures.sweeps import counted, counts_table, counts_words, draw_share_curve, number, powers_of_ten
from models.findings import Share

HALF, ALL, NOTHING = (Share.counted("", np.arange(of) < count) for count, of in ((2, 4), (4, 4), (0, 0)))
ROWS = [("one", HALF), ("two", ALL), ("three", NOTHING)]


def test_a_share_says_its_count_and_its_interval() -> None:
    assert [share.words for _, share in ROWS] == ["2 of 4", "4 of 4", "0 of 0"]
    assert [share.interval for _, share in ROWS] == ["15.0% to 85.0%", "51.0% to 100.0%", "none"]
    assert set(HALF.model_dump()) == {"kind", "label", "value", "count", "of", "low", "high"}


def test_a_table_of_shares_has_a_row_for_each() -> None:
    table = share_table(ROWS, "which")
    assert table.columns == ("which", "networks", "of", "share", "95 % interval")
    assert table.rows == (
        ("one", "2", "4", "50.0%", "15.0% to 85.0%"),
        ("two", "4", "4", "100.0%", "51.0% to 100.0%"),
        ("three", "0", "0", "none", "none"),
    )


def test_a_sweep_is_said_in_a_table_and_in_words() -> None:
    columns = {"wide": [HALF, ALL], "narrow": [ALL, NOTHING]}
    table = counts_table("rate", ["0.1", "1"], columns)
    assert table.columns == ("rate", "wide", "narrow")
    assert table.rows == (("0.1", "2 of 4", "4 of 4"), ("1", "4 of 4", "0 of 0"))
    assert counts_words(["0.1", "1"], columns) == "wide: 0.1: 2 of 4; 1: 4 of 4. narrow: 0.1: 4 of 4; 1: 0 of 0."


def test_a_sweep_must_have_a_share_for_each_value() -> None:
    with pytest.raises(ValueError, match="zip"):
        counts_table("rate", ["0.1", "1"], {"wide": [HALF]})


def test_a_figure_of_shares_counts_them_in_words_and_names_its_mark() -> None:
    plain = shares_figure("shares", "How many", "A caption.", ROWS, "which")
    assert plain.alternative == f"How many. {counted(ROWS)}." == "How many. one: 2 of 4; two: 4 of 4; three: 0 of 0."
    marked = shares_figure("shares", "How many", "A caption.", ROWS, "which", reference=(0.25, "a coin"))
    assert marked.alternative.endswith("The mark, a coin: 25.0%.")
    assert plain.table == marked.table == share_table(ROWS, "which")


def test_a_share_of_nothing_is_told_and_not_drawn() -> None:
    (axes,) = draw_shares(LIGHT, ROWS).axes
    assert [text.get_text() for text in axes.texts] == ["one", "2 of 4", "two", "4 of 4", "three", "0 of 0"]
    dots = [line for line in axes.lines if line.get_marker() == "o"]
    assert [np.asarray(dot.get_xdata()).tolist() for dot in dots] == [[0.5], [1]]


def test_a_curve_of_shares_leaves_out_what_nothing_is_known_of() -> None:
    axes = Canvas().add_subplot()
    draw_share_curve(axes, LIGHT, 1, [0.1, 1, 10], [HALF, NOTHING, ALL], "wide")
    (line,) = axes.lines
    assert np.asarray(line.get_xydata()).tolist() == [[0.1, 0.5], [10, 1]]
    (bars,) = axes.collections
    assert isinstance(bars, LineCollection)
    ends = [np.asarray(each) for each in bars.get_segments()]
    np.testing.assert_allclose(
        [each[:, 1] for each in ends], np.array([(HALF.low, HALF.high), (ALL.low, ALL.high)], float)
    )


def test_a_curve_of_which_nothing_is_known_is_empty() -> None:
    axes = Canvas().add_subplot()
    draw_share_curve(axes, LIGHT, 0, [0.1, 1], [NOTHING, NOTHING], "wide", joined=False)
    assert np.asarray(axes.lines[0].get_xydata()).size == 0
    assert axes.lines[0].get_linestyle() == "None"


def test_a_legend_names_each_label_once() -> None:
    figure = Canvas()
    for axes in figure.subplots(1, 2):
        axes.plot([0, 1], label="loss")
        axes.plot([1, 0], label="accuracy")
    legend(figure, columns=2)
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["loss", "accuracy"]


def test_only_powers_of_ten_are_written_on_the_axis() -> None:
    axes = Canvas().add_subplot()
    powers_of_ten(axes, [0.001, 0.01, 0.3, 1, 10])
    assert axes.get_xticks().tolist() == [0.001, 0.01, 1, 10]


@pytest.mark.parametrize(("value", "words"), [(0.12345, "0.123"), (None, "none"), (np.nan, "none"), (np.inf, "none")])
def test_a_number_that_is_none_is_said_so(value: float | None, words: str) -> None:
    assert number(value) == words
