"""Curves: what the best networks of each width draw, how near all come, how they go on beyond the data, and outputs."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from models.datasets import Dataset
from models.experiment import Result
from models.figures import Figure, Table
from models.figures.charts import legend, shares_figure
from models.figures.spreads import draw_strip, dress_strips
from models.figures.style import DASHES, Palette, canvas
from models.figures.sweeps import number
from models.statistics import median

Floats = npt.NDArray[np.floating]
LARGEST = 0.8  # distance from the curve; dots farther off stand at the edge
HIGHEST = 4.0  # of the values that are drawn


class Drawn(NamedTuple):
    """What one network draws: its values at ``x`` (places,), where it has kinks, and how far it is from the curve."""

    x: Floats
    y: Floats
    kinks: Floats
    error: float


def pieces_figure(best: Mapping[str, Drawn], data: Dataset) -> Figure:
    """Return what the network nearest to the curve draws, a panel for each width by its name."""

    def draw(palette: Palette) -> Canvas:
        figure = canvas(4.3)
        panels = figure.subplots(2, 2, sharex=True, sharey=True)
        for axes, (words, drawn) in zip(panels.flat, best.items(), strict=True):
            _points(axes, palette, data)
            axes.plot(drawn.x, drawn.y, color=palette.neurons[0], linewidth=2, label="network")
            heights = np.interp(drawn.kinks, drawn.x, drawn.y)
            axes.plot(drawn.kinks, heights, "o", ms=6, color=palette.neurons[1], label="kink")
            axes.set_title(words, fontsize=9.5)
            axes.grid(axis="y")
            axes.set_axisbelow(True)
        for axes in panels[1]:
            axes.set_xlabel("x")
        legend(figure, columns=3)
        return figure

    return Figure(
        name="pieces",
        title="What the network draws that came nearest to the sine, of 1, 2, 4 and 8 ReLU neurons",
        caption="The best network of each width. Each large dot is the kink of a neuron, where the slope changes; "
        "between them the network is straight.",
        table=Table(
            ("neurons", "kinks between -1 and 1", "distance from the sine"),
            tuple((words, str(len(drawn.kinks)), number(drawn.error)) for words, drawn in best.items()),
        ),
        draw=draw,
    )


def error_figure(errors: Mapping[str, Floats], near: float) -> Figure:
    """Return how far all networks (networks,) are from their curve, a strip of dots for each kind by its name."""

    def draw(palette: Palette) -> Canvas:
        figure = canvas(0.7 + 0.5 * len(errors))
        axes = figure.add_subplot()
        for at, (words, found) in enumerate(errors.items()):
            shown = np.nan_to_num(found, nan=LARGEST, posinf=LARGEST)  # what diverged is farthest
            count = f"{np.count_nonzero(found < near)} of {found.size}"
            draw_strip(axes, palette, at, words, shown, (0, LARGEST), told=count)
        rows = np.arange(len(errors))
        axes.vlines(np.full(len(errors), near), rows - 0.14, rows + 0.14, color=palette.accent, linewidth=1.8)
        dress_strips(axes, len(errors), (0, LARGEST))
        axes.set_xlabel("distance from the curve between -1 and 1 (root mean square)")
        return figure

    return Figure(
        name="error",
        title=f"How far each network is from the curve where the data are; {near:g} and less counts as following it",
        caption="Each dot is a network, judged on the curve without noise. At the right, how many lie left of the "
        f"mark at {near:g}. Dots that stand together are networks that ended at the same, worse solution.",
        table=Table(
            ("network", "nearer than " + f"{near:g}", "distance (median)"),
            tuple(
                (words, f"{np.count_nonzero(found < near)} of {found.size}", number(median(found)))
                for words, found in errors.items()
            ),
        ),
        draw=draw,
    )


def beyond_figure(x: Floats, found: Mapping[str, Floats], true: Floats, data: Dataset) -> Figure:
    """Return what networks say at ``x`` (places,), each (places, networks), a panel for each kind by its name."""

    def draw(palette: Palette) -> Canvas:
        figure = canvas(4.8)
        panels = figure.subplots(2, 1, sharex=True)
        for index, (axes, (words, values)) in enumerate(zip(panels, found.items(), strict=True)):
            axes.axvspan(-1, 1, color=palette.grid, alpha=0.6, linewidth=0)
            for line in axes.plot(x, values, color=palette.neurons[index], linewidth=0.8, alpha=0.45):
                line.get_path().simplify_threshold = 0.5  # points: less is not seen, and would double the file
            axes.plot(x, true, color=palette.ink, linewidth=1.4, linestyle=DASHES[1], label="the sine, gone on with")
            _points(axes, palette, data)
            axes.set_ylim(-HIGHEST, HIGHEST)
            axes.set_xlim(x[0], x[-1])
            axes.set_title(words, fontsize=9.5)
        panels[-1].set_xlabel("x")
        legend(figure, columns=2)
        return figure

    places = (-2.0, 0.5, 2.0)
    rows = tuple(
        (f"{words}, x = {place:g}", *(number(float(each)) for each in _tenths(values[np.abs(x - place).argmin()])))
        for words, values in found.items()
        for place in places
    )
    return Figure(
        name="beyond",
        title="What the networks say between -3 and 3, after learning points between -1 and 1",
        caption="Each line is a network. All learned the same points, on the grey ground. There they "
        f"agree, and beside it they do not. What lies beyond {HIGHEST:g} is outside of the frame.",
        table=Table(("networks", "a tenth below", "median", "a tenth above"), rows),
        draw=draw,
    )


def output_figure(result: Result) -> Figure:
    """Return how often a linear and a ReLU output give what the data ask for, and how often only 0."""
    rows = {
        "linear output: goes below -0.5": "negative_share.linear",
        "ReLU output: goes below -0.5": "negative_share.relu",
        "linear output: 0 at all points": "zero_share.linear",
        "ReLU output: 0 at all points": "zero_share.relu",
    }
    return shares_figure(
        "output",
        "Networks that give negative values, and networks that give nothing but 0",
        "Shares of all networks with 95 % intervals: 8 ReLU neurons on the sine, from the same starts. The sine goes "
        "down to -1.",
        [(words, result.share(name)) for words, name in rows.items()],
        "output",
    )


def _points(axes: Axes, palette: Palette, data: Dataset) -> None:
    """Draw the points that are learned."""
    axes.scatter(data.x, data.targets, s=6, color=palette.muted, linewidths=0, zorder=3, label="points learned")


def _tenths(values: Floats) -> Floats:
    """Return below which value a tenth of the finite ones lie, their median, and above which a tenth lie."""
    known = values[np.isfinite(values)]
    return np.percentile(known, (10, 50, 90)) if known.size else np.full(3, np.nan)
