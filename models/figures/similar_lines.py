"""How two neurons come to draw different lines: outcomes, the pull of one neuron on the other, and near twins."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import FuncFormatter

from models.alignment import gap
from models.datasets import Dataset
from models.experiment import Result
from models.figures import Figure, Table
from models.figures.boundaries import Group, draw_wall
from models.figures.style import DASHES, Palette, canvas
from models.splits import active_sides
from models.statistics import median

WALL = 64
OUTCOMES = {
    "converged": "converged",
    "unfinished": "two different lines, but not there yet",
    "duplicate": "both neurons split the blobs alike",
    "dead": "a neuron that fires on no point",
}


def outcome_wall_figure(result: Result, data: Dataset, outcome: npt.NDArray[np.str_]) -> Figure:
    """Return the wall of networks grouped by how they ended."""
    trained = result.cohorts["main"]
    shown = min(result.networks, WALL)
    sides = active_sides(trained.network, trained.parameters[:, :shown], data)
    groups = []
    for kind, title in OUTCOMES.items():
        members = np.flatnonzero(outcome[:shown] == kind).tolist()
        groups.append(Group(f"{title}: {len(members)}", members, () if kind == "converged" else members))
    counted = "; ".join(group.title for group in groups)
    return Figure(
        name="wall",
        title=f"{shown} networks by how they ended",
        caption="Neuron 1 is drawn solid, neuron 2 dashed. A frame marks a network that gets less than 99 % of the "
        "points right.",
        alternative=f"{shown} small maps of trained networks, grouped by how they ended. {counted}.",
        table=Table(
            ("network", "ended", "neuron 1 fires on", "neuron 2 fires on", "error"),
            tuple(
                (str(at), str(outcome[at]), *(str(side) or "none" for side in sides[:, at]), f"{trained.loss[at]:.4f}")
                for at in range(shown)
            ),
        ),
        draw=lambda palette: draw_wall(
            palette, trained.network, trained.parameters, data, palette.classes, groups, len(OUTCOMES)
        ),
    )


def push_figure(step: int, angles: npt.NDArray[np.floating], pushes: npt.NDArray[np.floating]) -> Figure:
    """Return how neuron 1 is pushed (inputs, angles) at one step while only neuron 2's line is turned."""

    def draw(palette: Palette) -> Canvas:
        figure = canvas(3.0)
        axes = figure.add_subplot()
        axes.grid(axis="y")
        axes.axhline(0, color=palette.muted, linewidth=0.8)
        for index, name in enumerate(("x₁", "x₂")):
            axes.plot(
                angles, pushes[index], color=palette.neurons[index], linestyle=DASHES[index], label=f"weight of {name}"
            )
        axes.set_xlabel("neuron 2's line, turned by (degrees)")
        axes.set_ylabel("push on neuron 1")
        axes.set_xticks([0, 90, 180, 270, 360])
        axes.set_xlim(0, 360)
        figure.legend(loc="outside upper left", ncols=2)
        return figure

    low, high = pushes.min(axis=1), pushes.max(axis=1)
    return Figure(
        name="push",
        title="Neuron 1 stands still, and yet its push changes",
        caption=f"The push (minus the gradient) on neuron 1's two weights in network 0 at step {step}, while nothing "
        "but neuron 2's line is turned. Were each neuron's error its own, both curves would be flat.",
        alternative=f"Network 0 at step {step}: as neuron 2's line turns once around, the push on neuron 1's weight of "
        f"x₁ runs from {low[0]:.3f} to {high[0]:.3f}, and that on its weight of x₂ from {low[1]:.3f} to {high[1]:.3f}.",
        table=Table(
            ("neuron 2 turned by", "push on the weight of x₁", "push on the weight of x₂"),
            tuple(
                (f"{angles[at]:.0f}°", f"{pushes[0, at]:.4f}", f"{pushes[1, at]:.4f}")
                for at in range(0, len(angles), 6)
            ),
        ),
        draw=draw,
    )


def twins_figure(result: Result, epsilons: Sequence[float]) -> Figure:
    """Return how far apart two neurons end that start a given distance apart."""
    network = result.cohorts["main"].network
    gaps = [gap(*network.unpack(result.cohorts[f"twins.{epsilon:g}"].parameters)[0]) for epsilon in epsilons]
    medians = [median(each) for each in gaps]
    finite = [each[np.isfinite(each)] for each in gaps]

    def draw(palette: Palette) -> Canvas:
        figure = canvas(3.2)
        axes = figure.add_subplot()
        axes.grid(axis="y")
        axes.set_axisbelow(True)
        for at, each in enumerate(finite):
            beside = at + np.linspace(-0.16, 0.16, max(each.size, 2))[: each.size]
            axes.plot(beside, np.sort(each), "o", color=palette.neurons[0], markersize=3, alpha=0.35, markeredgewidth=0)
            middle = medians[at]
            if middle is not None:
                axes.plot([at - 0.28, at + 0.28], [middle, middle], color=palette.neurons[1], linewidth=2.4)
        axes.set_xticks(range(len(epsilons)), [f"{epsilon:g}" for epsilon in epsilons])
        axes.set_yscale("symlog", linthresh=1e-6, linscale=0.6)
        axes.set_yticks([0, 1e-6, 1e-4, 1e-2, 1])
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axes.set_ylim(-2e-7, 3 * max([1.0, *(float(each.max()) for each in finite if each.size)]))
        axes.minorticks_off()
        axes.set_xlabel("distance between the two neurons before training")
        axes.set_ylabel("gap after training")
        return figure

    said = "; ".join(
        f"{epsilon:g} apart: {'none' if middle is None else format(middle, '.2g')}"
        for epsilon, middle in zip(epsilons, medians, strict=True)
    )
    return Figure(
        name="twins",
        title="Twins stay twins; near twins part",
        caption="Each dot is a network whose second neuron began as a copy of the first, moved by the distance below. "
        "The bar is the median.",
        alternative=f"Largest difference between the two neurons' incoming weights after training, median over the "
        f"networks, by their distance before. {said}.",
        table=Table(
            ("distance before", "gap after, median", "smallest", "largest"),
            tuple(
                (f"{epsilon:g}", *(f"{value:.3g}" for value in (np.median(each), each.min(), each.max())))
                if each.size
                else (f"{epsilon:g}", "none", "none", "none")
                for epsilon, each in zip(epsilons, finite, strict=True)
            ),
        ),
        draw=draw,
    )
