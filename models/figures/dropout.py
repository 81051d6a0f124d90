"""Dropout: passes beside the whole network, ways to predict, successes, and losses over the steps."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure as Canvas

from models.curves import Curves
from models.experiment import Result
from models.figures import Figure, Table
from models.figures.charts import legend, shares_figure
from models.figures.spreads import draw_band, draw_strip, dress_strips
from models.figures.style import MARKERS, Palette, canvas
from models.figures.sweeps import number, tenths
from models.passes import Passes
from models.statistics import median

Floats = npt.NDArray[np.floating]
DATA = {"20": "20 points", "100": "100 points", "blobs": "two neurons, four blobs"}
FRAME = (0.3, 1.0)  # nats; dots farther out stand at the edge
CEILING = 1.6  # nats; what lies above is outside of the frame


def mean_figure(found: Passes) -> Figure:
    """Return the mean of the output's sum with dropout, divided and not, against the whole network's sum."""
    first = found.sums[:, 0], found.mean_sums[:, 0]
    whole, mean = (each[np.isfinite(first).all(axis=0)] for each in first)
    rows = {"divided by the share that is kept": mean, "not divided": mean * found.kept}

    def draw(palette: Palette) -> Canvas:
        figure = canvas(3.4)
        axes = figure.add_subplot()
        ends = np.array([whole.min(initial=0), whole.max(initial=0)])
        axes.plot(ends, ends, color=palette.muted, linewidth=1, label="as large as the whole network's")
        for index, (words, values) in enumerate(rows.items()):
            axes.scatter(
                whole, values, s=12, marker=MARKERS[index], color=palette.neurons[index], linewidths=0, label=words
            )
        axes.set_xlabel("sum at the output, whole network")
        axes.set_ylabel("mean of all passes")
        axes.grid(axis="both")
        axes.set_axisbelow(True)
        legend(figure)
        return figure

    slopes = {words: float(values @ whole / (whole @ whole)) if whole.any() else None for words, values in rows.items()}
    return Figure(
        name="mean",
        title="The mean of all passes with dropout, beside the whole network",
        caption="The first network, 400 new points, the output's bias left out. Each dot is a point: across, the sum "
        "of the whole network; upwards, the mean over all ways to drop neurons. Divided, both are the same.",
        table=Table(
            ("what is kept is", "mean of the passes, in parts of the whole network's sum", "points drawn"),
            tuple((words, number(slope), f"{whole.size}") for words, slope in slopes.items()),
        ),
        draw=draw,
    )


def predicting_figure(rows: Mapping[str, Floats]) -> Figure:
    """Return the loss (networks,) on new points for each way to predict, a strip of dots for each."""

    def draw(palette: Palette) -> Canvas:
        figure = canvas(0.6 + 0.62 * len(rows))
        axes = figure.add_subplot()
        for at, (words, losses) in enumerate(rows.items()):
            draw_strip(axes, palette, at, words, losses, FRAME, told=number(median(losses)), median=True)
        dress_strips(axes, len(rows), FRAME)
        axes.grid(axis="x")
        axes.set_axisbelow(True)
        axes.set_xlabel("loss on new points (nats)")
        return figure

    return Figure(
        name="predicting",
        title=f"The loss of the same networks, predicting in {len(rows)} ways",
        caption="Each dot is a network that learned 100 points with dropout; marks and numbers are medians. Dots "
        "beyond the frame stand at its edge. Only the way to predict differs.",
        table=Table(
            ("way to predict", "loss (median)", "a tenth below", "a tenth above"),
            tuple((words, number(median(losses)), *tenths(losses)) for words, losses in rows.items()),
        ),
        draw=draw,
    )


def success_figure(result: Result, kinds: Mapping[str, str]) -> Figure:
    """Return how many networks succeed with dropout and without, on each data."""
    return shares_figure(
        "success",
        "Networks that succeed, without dropout and with it",
        "Shares of all networks with 95 % intervals. On 20 or 100 points of the overlapping clouds, success is to come "
        "within 2 % of the best possible accuracy; on the blobs, 99 % of the points right.",
        [
            (f"{words}, {kind}", result.share(f"success.{name}.{data}"))
            for data, words in DATA.items()
            for name, kind in kinds.items()
        ],
        "trained",
    )


def curve_figure(found: Mapping[str, Curves]) -> Figure:
    """Return the loss on held-back points over the steps, a line for each kind of training on 20 points."""

    def draw(palette: Palette) -> Canvas:
        figure = canvas(3.0)
        axes = figure.add_subplot()
        for index, (words, each) in enumerate(found.items()):
            losses = each.held_back_loss
            drawn = np.where(np.isfinite(losses), losses, 2 * CEILING).clip(max=2 * CEILING)
            draw_band(axes, palette, index, each.steps, drawn, words)
            axes.set_xlim(0, int(each.steps[-1]))
        axes.set_ylim(0.3, CEILING)
        axes.set_xlabel("training step")
        axes.set_ylabel("loss on held-back points (nats)")
        axes.grid(axis="y")
        axes.set_axisbelow(True)
        legend(figure, columns=2)
        return figure

    return Figure(
        name="curves",
        title="Loss on held-back points with 20 learned points, without dropout and with it",
        caption="Medians of all networks, with the middle 80 % as bands; dropout is off where the loss is measured. "
        "Dropout slows the rise. The lowest places of both lines lie about equally deep.",
        table=Table(
            ("trained", "least loss (median)", "at step (median)", "loss at the end (median)"),
            tuple((words, *_spots(each)) for words, each in found.items()),
        ),
        draw=draw,
    )


def _spots(each: Curves) -> tuple[str, str, str]:
    """Return medians of the least held-back loss, of its step, and of the loss at the end."""
    losses = each.held_back_loss
    return number(median(each.at_least(losses))), number(median(each.steps[each.least])), number(median(losses[-1]))
