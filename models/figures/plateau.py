"""Where the loss stands still: the losses over the steps, and gradient against curvature."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure as Canvas
from matplotlib.lines import Line2D

from models.figures import Figure, Table
from models.figures.charts import legend, log_steps
from models.figures.style import DASHES, MARKERS, Palette, canvas
from models.figures.sweeps import number
from models.history import History
from models.statistics import median

Floats = npt.NDArray[np.floating]
Booleans = npt.NDArray[np.bool_]
LEVELS = {"ln 2": float(np.log(2)), "ln 2 / 2": float(np.log(2) / 2)}
MOST = 32  # networks drawn of each group, so that the figure stays small
FATES = ("all four right in the end", "stuck to the end")


def losses_figure(
    found: Mapping[str, tuple[History, Booleans]], looked: Mapping[str, int], words: Mapping[str, str]
) -> Figure:
    """Return the loss of each network over the steps, a panel for each group, by what became of it."""

    def draw(palette: Palette) -> Canvas:
        figure = canvas(6.2)
        for axes, (name, (history, reached)) in zip(figure.subplots(3, 1, sharex=True), found.items(), strict=True):
            for network in range(min(MOST, history.loss.shape[1])):
                fate = 0 if reached[history.positions[network]] else 1
                axes.plot(
                    history.steps,
                    history.loss[:, network],
                    color=palette.neurons[fate],
                    linestyle=DASHES[fate],
                    linewidth=0.8,
                    alpha=0.55,
                )
            axes.axvline(looked[name], color=palette.accent, linewidth=1)
            axes.set_yticks([0, *reversed(LEVELS.values())], ["0", *reversed(LEVELS)])
            axes.set_ylim(0, 0.95)
            axes.set_title(words[name].partition(", at step")[0])
            axes.grid(axis="y")
            axes.set_axisbelow(True)
            log_steps(axes, history.steps)
        axes.set_xlabel("training step")
        looks = zip(FATES, palette.neurons, DASHES, strict=False)
        handles = {fate: Line2D([], [], color=colour, linestyle=dashes) for fate, colour, dashes in looks}
        legend(figure, handles=handles, columns=2, columnspacing=2)
        return figure

    rows = []
    for name, (history, reached) in found.items():
        there = reached[history.positions]
        for fate, chosen in zip(FATES, (there, ~there), strict=True):
            row = int(np.flatnonzero(history.steps == looked[name])[0])
            losses = [median(history.loss[at][chosen]) for at in (row, -1)]
            rows.append((f"{words[name]}: {fate}", str(np.count_nonzero(chosen)), *(number(each) for each in losses)))
    return Figure(
        name="losses",
        title="The loss over the steps: standing still in two ways",
        caption=f"Up to {MOST} networks of each group; the vertical line marks where they are looked at. On "
        "top all wait at ln 2, where the answer is one half everywhere, and most get away. Below, those that stand "
        "still at half of it stay there.",
        table=Table(("group", "networks", "loss when looked at (median)", "at the end (median)"), tuple(rows)),
        draw=draw,
    )


def curvature_figure(found: Mapping[str, tuple[Floats, Floats, Booleans]], words: Mapping[str, str]) -> Figure:
    """Return gradient against least curvature of the networks that stand still; both (networks,), and who gets away."""

    def draw(palette: Palette) -> Canvas:
        figure = canvas(3.4)
        axes = figure.add_subplot()
        axes.axhline(0, color=palette.muted, linewidth=1)
        for index, (sizes, curvatures, _) in enumerate(found.values()):
            finite = np.flatnonzero(np.isfinite(sizes) & np.isfinite(curvatures))[:MOST]
            axes.scatter(
                np.maximum(sizes[finite], 1e-6),
                curvatures[finite],
                s=22,
                marker=MARKERS[index],
                color=palette.neurons[index],
                alpha=0.6,
                linewidths=0,
                label=list(words.values())[index],
            )
        if any(np.isfinite(sizes).any() for sizes, *_ in found.values()):
            axes.set_xscale("log")
        axes.minorticks_off()
        axes.set_xlabel("length of the gradient")
        axes.set_ylabel("least curvature")
        axes.grid(axis="y")
        axes.set_axisbelow(True)
        if any(sizes.size for sizes, *_ in found.values()):
            legend(figure)
        return figure

    rows = tuple(
        (
            words[name],
            str(sizes.size),
            number(median(sizes), ".2g"),
            number(median(curvatures), ".2g"),
            f"{np.count_nonzero(left)} of {left.size}",
        )
        for name, (sizes, curvatures, left) in found.items()
    )
    return Figure(
        name="curvature",
        title="Gradient and curvature where the loss stands still",
        caption="Each mark is a network that stands still. By the size of the gradient, from left to right, nobody "
        "could tell who gets away; by the curvature one can. Below the line there is a direction that leads down.",
        table=Table(("group", "stand still", "gradient (median)", "least curvature (median)", "get away later"), rows),
        draw=draw,
    )
