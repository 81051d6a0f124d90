"""Randomness: how far the results of two runs are apart that differ in one source of chance, and how often clearly."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import FuncFormatter

from models.figures import Figure, Table, charts
from models.figures.spreads import draw_strip, dress_strips
from models.figures.style import Palette, canvas
from models.figures.sweeps import number
from models.findings import Share

Floats = npt.NDArray[np.floating]
WIDEST = 0.12  # of the held-back points; dots farther out stand at the edge


def differences_figure(rows: Sequence[tuple[str, Floats]], clear: float) -> Figure:
    """Return the differences (networks,) in held-back accuracy, a strip of dots for each source of chance in words."""

    def draw(palette: Palette) -> Canvas:
        figure = canvas(0.6 + 0.62 * len(rows))
        axes = figure.add_subplot()
        for at, (words, found) in enumerate(rows):
            axes.fill_between((-clear, clear), at - 0.2, at + 0.2, color=palette.grid, linewidth=0)
            draw_strip(axes, palette, at, words, found, (-WIDEST, WIDEST))
        dress_strips(axes, len(rows), (-WIDEST, WIDEST))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:+.0f} %" if value else "0"))
        axes.set_xlabel("held-back points right, second run less first")
        return figure

    return Figure(
        name="differences",
        title="How far two runs are apart, by the one thing in which they differ",
        caption="Each dot is a pair of networks. Inside the grey boxes the accuracies differ by less than "
        f"{100 * clear:g} % of the held-back points. Dots beyond the frame stand at its edge.",
        table=Table(
            ("the runs differ in", "typical difference", "nine in ten pairs within", "largest"),
            tuple((words, *_sizes(found)) for words, found in rows),
        ),
        draw=draw,
    )


def shares_figure(rows: Sequence[tuple[str, Share]]) -> Figure:
    """Return how many pairs differ clearly, a row for each source of chance in words."""
    return charts.shares_figure(
        "shares",
        "Pairs of runs whose accuracies differ by 2 % of the held-back points or more",
        "Dots are shares of all pairs, bars their 95 % intervals.",
        rows,
        "the runs differ in",
    )


def _sizes(found: Floats) -> tuple[str, str, str]:
    """Return the median, the 90th percentile and the greatest of the differences, up or down."""
    sizes = np.abs(found[np.isfinite(found)])
    if not sizes.size:
        return "none", "none", "none"
    middle, most, greatest = (number(float(value), ".1%") for value in np.percentile(sizes, (50, 90, 100)))
    return middle, most, greatest
