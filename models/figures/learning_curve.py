"""Learning curve: accuracy against the number of learned points, who comes near the best, and what doubling changes."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import FuncFormatter, PercentFormatter

from models.datasets import overlapping
from models.experiment import Result
from models.figures import Figure, Table
from models.figures.charts import legend
from models.figures.spreads import draw_band, draw_strip, dress_strips
from models.figures.style import DASHES, Palette, canvas
from models.figures.sweeps import counts_table, draw_share_curve, number, share_axis, tenths
from models.statistics import median

Floats = npt.NDArray[np.floating]
LINES = ("points that are learned", "all points that may come")
WIDEST = 0.15  # of accuracy; dots farther out stand at the edge


def accuracy_figure(found: Mapping[int, tuple[Floats, Floats]]) -> Figure:
    """Return accuracies on learned points and on all that may come, each (networks,), by the number of points."""
    best = overlapping.BEST_ACCURACY

    def draw(palette: Palette) -> Canvas:
        figure = canvas(3.4)
        axes = figure.add_subplot()
        for index, label in enumerate(LINES):
            drawn = [np.nan_to_num(pair[index]) for pair in found.values()]  # what diverged gets nothing right
            draw_band(axes, palette, index, list(found), drawn, label, marked=True)
        axes.axhline(
            best, color=palette.muted, linewidth=1, linestyle=DASHES[2], label=f"best possible, {100 * best:.1f} %"
        )
        axes.set_ylim(0.5, 1.02)
        axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
        axes.set_ylabel("points right")
        axes.grid(axis="y")
        axes.set_axisbelow(True)
        _points_axis(axes, list(found))
        legend(figure, columns=2)
        return figure

    rows = tuple(
        (f"{points:,}", number(median(learned), ".1%"), number(median(new), ".1%"), *tenths(new, ".1%"))
        for points, (learned, new) in found.items()
    )
    return Figure(
        name="accuracy",
        title="Accuracy after learning few or many points, on these points and on all",
        caption="Medians of all networks, with the middle 80 % as bands. With more points both lines come to the "
        f"dotted one, {best:.1%}, the best that any classifier can reach on these clouds: the upper line falls to it.",
        table=Table(("points learned", "right of these", "right of all", "a tenth below", "a tenth above"), rows),
        draw=draw,
    )


def reach_figure(result: Result, points: Sequence[int]) -> Figure:
    """Return how many networks come near the best possible accuracy, against the number of points."""
    shares = [result.share(f"near_share.{each}") for each in points]

    def draw(palette: Palette) -> Canvas:
        figure = canvas(2.6)
        axes = figure.add_subplot()
        draw_share_curve(axes, palette, 0, points, shares, "within 2 points of the best")
        share_axis(axes)
        axes.set_ylabel("networks")
        _points_axis(axes, points)
        return figure

    return Figure(
        name="reach",
        title="Networks that come within 2 % of the best possible accuracy",
        caption="Shares of all networks with 95 % intervals. There is no number of points at which it begins to work: "
        "with each step to the right, fewer networks are unlucky.",
        table=counts_table("points learned", [f"{each:,}" for each in points], {"near the best": shares}),
        draw=draw,
    )


def doubling_figure(rows: Mapping[str, Floats], clear: float) -> Figure:
    """Return what each network (networks,) gained in accuracy by a change of its data, a strip of dots for each change.

    A gain or loss smaller than ``clear`` lies in a grey box.
    """

    def draw(palette: Palette) -> Canvas:
        figure = canvas(0.6 + 0.62 * len(rows))
        axes = figure.add_subplot()
        for at, (words, gains) in enumerate(rows.items()):
            known = gains[np.isfinite(gains)]
            axes.fill_between((-clear, clear), at - 0.2, at + 0.2, color=palette.grid, linewidth=0)
            axes.vlines(0, at - 0.2, at + 0.2, color=palette.muted, linewidth=1)
            better = f"{np.count_nonzero(known >= clear)} better, {np.count_nonzero(known <= -clear)} worse"
            draw_strip(axes, palette, at, words, gains, (-WIDEST, WIDEST), told=better)
        dress_strips(axes, len(rows), (-WIDEST, WIDEST))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:+.0f} %" if value else "0"))
        axes.set_xlabel("change of the accuracy on all points that may come")
        return figure

    return Figure(
        name="doubling",
        title="What each network gained when it learned twice as many points, or the same ones again",
        caption="Each dot is a network, with the same start and the first half of its points the same. A change inside "
        f"the grey boxes is less than {clear:.0%}. Dots beyond the frame stand at its edge.",
        table=Table(
            ("points learned", "better", "worse", "change (median)", "a tenth below", "a tenth above"),
            tuple(
                (
                    words,
                    f"{np.count_nonzero(gains >= clear)} of {gains.size}",
                    f"{np.count_nonzero(gains <= -clear)} of {gains.size}",
                    number(median(gains), "+.1%"),
                    *tenths(gains, "+.1%"),
                )
                for words, gains in rows.items()
            ),
        ),
        draw=draw,
    )


def _points_axis(axes: Axes, points: Sequence[int]) -> None:
    axes.set_xscale("log")
    axes.set_xticks(points, [f"{each:,}" for each in points])
    axes.minorticks_off()
    axes.set_xlabel("points that each network learns")
