"""How two neurons come to draw different lines: outcomes, the pull of one neuron on the other, and near twins."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import FuncFormatter

from models.experiment import Result
from models.figures import Figure, Table
from models.figures.boundaries import Group, draw_wall
from models.figures.charts import legend
from models.figures.style import DASHES, Palette, canvas
from models.plans import Cohort
from models.readings import active_sides, distance

WALL = 64


def outcome_wall_figure(cohort: Cohort, outcome: npt.NDArray[np.str_], kinds: Mapping[str, str]) -> Figure:
    """Return the wall of networks grouped by how they ended; ``kinds`` holds each outcome's words."""
    outcome, sides = outcome[:WALL], active_sides(cohort)
    groups = []
    for kind, words in kinds.items():
        members = np.flatnonzero(outcome == kind).tolist()
        groups.append(Group(f"{words}: {len(members)}", members, () if kind == "converged" else members))
    return Figure(
        name="wall",
        title=f"{outcome.size} networks by how they ended",
        caption="Neuron 1 is drawn solid, neuron 2 dashed. A frame marks a network that gets less than 99 % of the "
        "points right.",
        alternative=f"{outcome.size} small maps of trained networks, grouped by how they ended. "
        f"{'; '.join(group.title for group in groups)}.",
        table=Table(
            ("network", "ended", "neuron 1 fires on", "neuron 2 fires on", "error"),
            tuple(
                (str(at), str(kind), *(str(side) or "none" for side in sides[:, at]), f"{cohort.loss[at]:.4f}")
                for at, kind in enumerate(outcome)
            ),
        ),
        draw=lambda palette: draw_wall(
            palette, cohort.network, cohort.parameters, cohort.data, palette.classes, groups, len(kinds)
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
        legend(figure, columns=2)
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


def twins_figure(result: Result, epsilons: Sequence[str]) -> Figure:
    """Return how far apart two neurons end that start a given distance apart."""
    gaps = [distance(result.cohorts[f"twins.{epsilon}"]) for epsilon in epsilons]
    finite = [np.sort(each[np.isfinite(each)]) for each in gaps]

    def draw(palette: Palette) -> Canvas:
        figure = canvas(3.2)
        axes = figure.add_subplot()
        axes.grid(axis="y")
        axes.set_axisbelow(True)
        for at, each in enumerate(finite):
            if each.size:
                beside = at + np.linspace(-0.16, 0.16, max(each.size, 2))[: each.size]
                axes.plot(beside, each, "o", color=palette.neurons[0], markersize=3, alpha=0.35, markeredgewidth=0)
                axes.plot([at - 0.28, at + 0.28], [np.median(each)] * 2, color=palette.neurons[1], linewidth=2.4)
        axes.set_xticks(range(len(epsilons)), epsilons)
        axes.set_yscale("symlog", linthresh=1e-6, linscale=0.6)
        axes.set_yticks([0, 1e-6, 1e-4, 1e-2, 1])
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axes.set_ylim(-2e-7, 3 * max([1.0, *(float(each[-1]) for each in finite if each.size)]))
        axes.minorticks_off()
        axes.set_xlabel("distance between the two neurons before training")
        axes.set_ylabel("gap after training")
        return figure

    rows = tuple(
        (epsilon, *(f"{value:.3g}" for value in (np.median(each), each[0], each[-1])))
        if each.size
        else (epsilon, "none", "none", "none")
        for epsilon, each in zip(epsilons, finite, strict=True)
    )
    return Figure(
        name="twins",
        title="Twins stay twins; near twins part",
        caption="Each dot is a network whose second neuron began as a copy of the first, moved by the distance below. "
        "The bar is the median.",
        alternative="Largest difference between the two neurons' incoming weights after training, median over the "
        f"networks, by their distance before. {'; '.join(f'{row[0]} apart: {row[1]}' for row in rows)}.",
        table=Table(("distance before", "gap after, median", "smallest", "largest"), rows),
        draw=draw,
    )
