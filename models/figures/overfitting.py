"""Overfitting: losses and accuracies over the steps, on learned and on held-back points, and how often losses rise."""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import PercentFormatter

from models.curve_readings import curves
from models.curves import Curves
from models.datasets import overlapping
from models.experiment import Result
from models.figures import Figure, Table
from models.figures.charts import legend
from models.figures.spreads import draw_band
from models.figures.style import DASHES, Palette, canvas
from models.figures.sweeps import draw_share_curve, number, share_axis
from models.statistics import median

Floats = npt.NDArray[np.floating]
Dress = Callable[[Axes, Palette], None]
PANELS = {
    "20.2": "20 points, 2 neurons",
    "20.16": "20 points, 16 neurons",
    "100.16": "100 points, 16 neurons",
    "1000.8": "1,000 points, 8 neurons",
}
LEARNED, HELD_BACK = "points that are learned", "held-back points"
CEILING = 1.2  # nats; what lies above is outside of the frame
OUTSIDE = 2 * CEILING
MOST_STEPS = 54  # that are drawn, of those that were measured


def loss_figure(result: Result) -> Figure:
    """Return the loss on learned and on held-back points over the steps, a panel for each of four cohorts."""
    best = overlapping.best_loss()

    def dress(axes: Axes, palette: Palette) -> None:
        axes.set_ylim(0, CEILING)
        axes.axhline(best, color=palette.muted, linewidth=1, linestyle=DASHES[2], label=f"least possible, {best:.2f}")

    return _over_steps(
        result,
        "loss",
        "Loss over the steps, on learned points and on others",
        "loss (nats)",
        f"Medians of all networks, with the middle 80 % as bands. The dotted line, {best:.2f}, is the least loss that "
        "any classifier can have on these clouds: what falls far below it on the learned points is learned by heart.",
        dress,
    )


def accuracy_figure(result: Result) -> Figure:
    """Return the accuracy on learned and on held-back points over the steps, a panel for each of four cohorts."""
    best = overlapping.BEST_ACCURACY

    def dress(axes: Axes, palette: Palette) -> None:
        axes.set_ylim(0.4, 1.02)
        axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
        axes.axhline(
            best, color=palette.muted, linewidth=1, linestyle=DASHES[2], label=f"best possible, {100 * best:.1f} %"
        )

    return _over_steps(
        result,
        "accuracy",
        "Accuracy over the steps, on learned points and on others",
        "points right",
        f"The same networks. The dotted line, {best:.1%}, is the best that any classifier can reach on these clouds. "
        "Compare how far the accuracy on held-back points falls with how far their loss rises.",
        dress,
    )


def rise_figure(result: Result, cells: Sequence[tuple[int, int]]) -> Figure:
    """Return how often the held-back loss rises, against the number of points, for each width."""
    points = sorted({each for each, _ in cells})
    widths = sorted({each for _, each in cells})
    found = {
        width: {each: result.share(f"rise_share.{each}.{width}") for each in points if (each, width) in cells}
        for width in widths
    }

    def draw(palette: Palette) -> Canvas:
        figure = canvas(2.8)
        axes = figure.add_subplot()
        for index, (width, shares) in enumerate(found.items()):
            draw_share_curve(axes, palette, index, list(shares), list(shares.values()), f"{width} neurons")
        axes.set_xscale("log")
        axes.set_xticks(points, [f"{each:,}" for each in points])
        axes.minorticks_off()
        share_axis(axes)
        axes.set_xlabel("points that each network learns")
        legend(figure, columns=3)
        return figure

    columns = {f"{width} neurons": shares for width, shares in found.items()}
    rows = tuple(
        (f"{each:,}", *(shares[each].words if each in shares else "not tried" for shares in columns.values()))
        for each in points
    )
    return Figure(
        name="rise",
        title="Networks whose held-back loss ends at 1.2 times its least value or more",
        caption="Shares of all networks with 95 % intervals. Read along a line for the points, and from line to line "
        "for the neurons.",
        table=Table(("points", *columns), rows),
        draw=draw,
    )


def _over_steps(result: Result, what: str, title: str, axis: str, caption: str, dress: Dress) -> Figure:
    """Return medians and bands of all networks over the steps, a panel for each cohort of `PANELS`."""
    found = {name: curves(result.cohorts[name]) for name in PANELS}
    lines = {name: dict(zip((LEARNED, HELD_BACK), _pair(each, what), strict=True)) for name, each in found.items()}

    def draw(palette: Palette) -> Canvas:
        figure = canvas(4.4)
        panels = figure.subplots(2, 2, sharex=True, sharey=True)
        for axes, (name, words) in zip(panels.flat, PANELS.items(), strict=True):
            shown = np.unique(np.linspace(0, len(found[name].steps) - 1, MOST_STEPS).round().astype(int))
            steps = found[name].steps[shown]
            for index, (label, values) in enumerate(lines[name].items()):
                # What is not finite counts as the worst.
                drawn = np.where(np.isfinite(values[shown]), values[shown], OUTSIDE).clip(max=OUTSIDE)
                draw_band(axes, palette, index, steps, drawn, label)
            axes.set_title(words, fontsize=9.5)
            axes.grid(axis="y")
            axes.set_axisbelow(True)
            axes.set_xlim(0, int(steps[-1]))
            dress(axes, palette)
        for axes in panels[1]:
            axes.set_xlabel("training step")
        for axes in panels[:, 0]:
            axes.set_ylabel(axis)
        legend(figure, columns=2)
        return figure

    rows = tuple(
        (f"{words}, {label}", *_spots(found[name], values))
        for name, words in PANELS.items()
        for label, values in lines[name].items()
    )
    return Figure(
        name=what,
        title=title,
        caption=caption,
        table=Table(("measured", "at the start", "where the held-back loss is least", "at the end"), rows),
        draw=draw,
    )


def _pair(found: Curves, what: str) -> tuple[Floats, Floats]:
    """Return losses, or accuracies, (steps, networks) on what is learned and on what is held back."""
    if what == "loss":
        return found.loss, found.held_back_loss
    return found.accuracy, found.held_back_accuracy


def _spots(each: Curves, values: Floats) -> tuple[str, str, str]:
    """Return the medians of values (steps, networks) at the start, at each network's least loss, and at the end."""
    return number(median(values[0])), number(median(each.at_least(values))), number(median(values[-1]))
