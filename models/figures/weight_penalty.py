"""A penalty on the weights: their size, how bent the output is, losses and accuracies, against lambda."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import PercentFormatter

from models.datasets import overlapping
from models.figures import Figure, Table
from models.figures.charts import legend
from models.figures.spreads import draw_band
from models.figures.style import DASHES, Palette, canvas
from models.figures.sweeps import number
from models.statistics import median

Floats = npt.NDArray[np.floating]
Pairs = Mapping[str, tuple[Floats, Floats]]  # two values of each network, by lambda
CEILING = 1.2  # nats; what lies above is outside of the frame
OUTSIDE = 2 * CEILING
NAMES = ("points that are learned", "held-back points")


def size_figure(found: Pairs) -> Figure:
    """Return the size of the weights, and how bent the output is, for every lambda."""

    def draw(palette: Palette) -> Canvas:
        figure = canvas(4.2)
        panels, places = figure.subplots(2, 1, sharex=True), range(len(found))
        draw_band(
            panels[0], palette, 0, places, [pair[0] for pair in found.values()], "size of the weights", marked=True
        )
        draw_band(panels[1], palette, 1, places, [pair[1] for pair in found.values()], "bent part", marked=True)
        panels[0].set_title("root of the sum of squared weights", fontsize=9.5)
        panels[1].set_title("part of the output that no linear function explains", fontsize=9.5)
        panels[1].yaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
        for axes in panels:
            axes.set_ylim(bottom=0)
            axes.grid(axis="y")
            axes.set_axisbelow(True)
        _axis(panels[1], list(found))
        return figure

    return Figure(
        name="size",
        title="The larger lambda, the smaller the weights and the straighter the output",
        caption="Medians of all networks after training on 20 points, with the middle 80 % as bands. Where an output "
        "is all but constant, nothing is left to be bent.",
        table=Table(
            ("lambda", "size of the weights (median)", "bent part (median)"),
            tuple((name, number(median(one)), number(median(other), ".1%")) for name, (one, other) in found.items()),
        ),
        draw=draw,
    )


def loss_figure(found: Pairs) -> Figure:
    """Return the loss at the end on learned and on held-back points, for every lambda."""
    best = overlapping.best_loss()

    def draw(palette: Palette) -> Canvas:
        figure = canvas(3.3)
        axes = figure.add_subplot()
        for index, label in enumerate(NAMES):
            drawn = [np.nan_to_num(pair[index], nan=OUTSIDE, posinf=OUTSIDE) for pair in found.values()]
            draw_band(axes, palette, index, range(len(found)), drawn, label, marked=True)
        axes.axhline(best, color=palette.muted, linewidth=1, linestyle=DASHES[2], label=f"least possible, {best:.2f}")
        axes.grid(axis="y")
        axes.set_axisbelow(True)
        axes.set_ylim(0, CEILING)
        axes.set_ylabel("loss (nats)")
        _axis(axes, list(found))
        legend(figure, columns=2)
        return figure

    return Figure(
        name="loss",
        title="Loss on learned points and on others, for every lambda",
        caption="Without the penalty itself; medians of all networks after training on 20 points, the middle 80 % as "
        "bands. What lies above the frame is not drawn. At the right, where the output is constant, both losses are "
        "0.69, as for tossing a coin.",
        table=_table(found, ".3g"),
        draw=draw,
    )


def accuracy_figure(found: Pairs) -> Figure:
    """Return the accuracy at the end on learned and on held-back points, for every lambda."""
    best = overlapping.BEST_ACCURACY

    def draw(palette: Palette) -> Canvas:
        figure = canvas(3.3)
        axes = figure.add_subplot()
        for index, label in enumerate(NAMES):
            drawn = [np.nan_to_num(pair[index]) for pair in found.values()]
            draw_band(axes, palette, index, range(len(found)), drawn, label, marked=True)
        axes.axhline(
            best, color=palette.muted, linewidth=1, linestyle=DASHES[2], label=f"best possible, {100 * best:.1f} %"
        )
        axes.grid(axis="y")
        axes.set_axisbelow(True)
        axes.set_ylim(0.4, 1.02)
        axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
        axes.set_ylabel("points right")
        _axis(axes, list(found))
        legend(figure, columns=2)
        return figure

    return Figure(
        name="accuracy",
        title="Points right, of those learned and of others, for every lambda",
        caption="The same networks. Compare where the accuracy on held-back points is highest with where their loss is "
        "lowest: a border can lie well while the network is too unsure.",
        table=_table(found, ".1%"),
        draw=draw,
    )


def _axis(axes: Axes, lambdas: list[str]) -> None:
    axes.set_xticks(range(len(lambdas)), lambdas)
    axes.set_xlabel("lambda, the factor of the penalty (not to scale)")


def _table(found: Pairs, form: str) -> Table:
    return Table(
        ("lambda", *NAMES),
        tuple((name, *(number(median(each), form) for each in pair)) for name, pair in found.items()),
    )
