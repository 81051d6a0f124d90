"""Confidence: on a blob never seen, far away from the data, and beside the share of answers that are right."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import FuncFormatter, PercentFormatter

from models.calibration import Bins
from models.figures import Figure, Table
from models.figures.charts import legend, shares_figure
from models.figures.spreads import draw_band
from models.figures.style import DASHES, MARKERS, Palette, canvas
from models.figures.sweeps import number, tenths
from models.findings import Share
from models.statistics import median

Floats = npt.NDArray[np.floating]
FEWEST = 0.01  # of the points; a bin with fewer is not drawn


def unseen_figure(rows: Sequence[tuple[str, Share]]) -> Figure:
    """Return how many networks are sure of a blob that they never saw."""
    return shares_figure(
        "unseen",
        "Networks that are over 95 % sure at half of the points, or more, of a blob that they never saw",
        "Shares of all networks with 95 % intervals. Each learned three blobs, and was then asked about the fourth. "
        "Blobs 0 and 3 lie at the two ends, blobs 1 and 2 between others.",
        rows,
        "networks",
    )


def away_figure(distances: Floats, found: Mapping[str, Floats]) -> Figure:
    """Return how sure networks are far away: means over all directions (distances, networks), by activation."""

    def draw(palette: Palette) -> Canvas:
        figure = canvas(3.1)
        axes = figure.add_subplot()
        for index, (words, values) in enumerate(found.items()):
            draw_band(axes, palette, index, distances, values, words, marked=True)
        axes.set_xscale("log")
        axes.set_xticks([10, 100, 1000])
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
        axes.minorticks_off()
        axes.set_ylim(0.8, 1.01)
        axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
        axes.set_xlabel("distance from the middle of the data")
        axes.set_ylabel("probability of the answer")
        axes.grid(axis="y")
        axes.set_axisbelow(True)
        legend(figure, columns=3)
        return figure

    rows = tuple(
        (f"{words}, distance {distances[at]:,.0f}", number(median(values[at]), ".4f"), *tenths(values[at], ".4f"))
        for words, values in found.items()
        for at in (0, len(distances) // 2, -1)
    )
    return Figure(
        name="away",
        title="How sure networks are far away from all points that they learned",
        caption="Means over 64 directions; medians of all networks, with the middle 80 % as bands. The points lie "
        "within 8 of the middle. Blob 1 was never seen.",
        table=Table(("networks", "median", "a tenth below", "a tenth above"), rows),
        draw=draw,
    )


def calibration_figure(found: Mapping[int, Bins]) -> Figure:
    """Return how sure networks are and how often they are right, by the number of training steps."""
    lines = {
        "probability that they give to their answers": {steps: each.confidence for steps, each in found.items()},
        "answers that are right": {steps: each.accuracy for steps, each in found.items()},
    }

    def draw(palette: Palette) -> Canvas:
        figure = canvas(3.2)
        axes = figure.add_subplot()
        for index, (words, values) in enumerate(lines.items()):
            draw_band(axes, palette, index, list(values), list(values.values()), words, marked=True)
        axes.set_xscale("log")
        axes.set_xticks(list(found), [f"{steps:,}" for steps in found])
        axes.minorticks_off()
        axes.set_ylim(0.5, 1.0)
        axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
        axes.set_xlabel("training steps")
        axes.grid(axis="y")
        axes.set_axisbelow(True)
        legend(figure)
        return figure

    rows = tuple(
        (
            f"{steps:,}",
            number(median(each.confidence), ".1%"),
            number(median(each.accuracy), ".1%"),
            number(median(each.gap), "+.1%"),
            number(median(each.error), ".1%"),
        )
        for steps, each in found.items()
    )
    return Figure(
        name="calibration",
        title="How sure networks are of their answers, and how many of these are right",
        caption="Medians of all networks, with the middle 80 % as bands, over all points of two overlapping clouds "
        "that may come. Where the lines cross, a network is as sure as it is right.",
        table=Table(("steps", "sure", "right", "gap (median)", "expected calibration error"), rows),
        draw=draw,
    )


def reliability_figure(found: Mapping[str, Bins]) -> Figure:
    """Return a reliability diagram: how many answers are right, of those with the same probability, all networks."""
    lines = {words: _pooled(each) for words, each in found.items()}

    def draw(palette: Palette) -> Canvas:
        figure = canvas(3.6)
        axes = figure.add_subplot()
        axes.plot((0.5, 1), (0.5, 1), color=palette.muted, linewidth=1, label="as said")
        for index, (words, (_, said, right)) in enumerate(lines.items()):
            axes.plot(
                said,
                right,
                color=palette.neurons[index],
                linestyle=DASHES[index],
                marker=MARKERS[index],
                ms=5,
                label=words,
                clip_on=False,
            )
        axes.set_xlim(0.5, 1)
        axes.set_ylim(0.5, 1.005)
        axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
        axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
        axes.set_xlabel("probability that they give to the answer")
        axes.set_ylabel("right")
        axes.grid()
        axes.set_axisbelow(True)
        legend(figure, columns=4)
        return figure

    rows = tuple(
        row
        for words, bins in lines.items()
        for row in [
            (words, f"{said:.1%}", f"{right:.1%}", f"{points:.0%}") for points, said, right in zip(*bins, strict=True)
        ]
        or [(words, "none", "none", "none")]
    )
    return Figure(
        name="reliability",
        title="What answers said to be so likely come to",
        caption="All answers of all networks, sorted by their probability into bins of 5 %. Above the line networks "
        "are too careful, below it they are too sure. Bins with less than 1 % of the answers are left out.",
        table=Table(("networks", "said", "right", "of all answers"), rows),
        draw=draw,
    )


def _pooled(bins: Bins) -> tuple[Floats, Floats, Floats]:
    """Return the shares of points, the mean of what was said, and of what was right, in bins with enough of them."""
    known = np.isfinite(bins.confidence)
    points, said, right = (
        values[:, known].sum(axis=1) / max(known.sum(), 1) for values in (bins.points, bins.said, bins.right)
    )
    kept = points >= FEWEST
    return points[kept], said[kept] / points[kept], right[kept] / points[kept]
