"""How long nearly equal neurons stay together, and how the gap between them grows."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure as Canvas

from models.figures import Figure, Table
from models.figures.charts import legend
from models.figures.style import DASHES, MARKERS, Palette, canvas
from models.figures.sweeps import number, powers_of_ten
from models.statistics import median

Numbers = npt.NDArray[np.floating]


def steps_figure(steps: Mapping[str, Numbers], epsilons: Sequence[float], optimizers: Mapping[Any, str]) -> Figure:
    """Return the median step at which neurons have parted, against the distance at which they began."""
    middles = {name: [median(steps[f"{name}.{epsilon:g}"]) for epsilon in epsilons] for name in optimizers}

    def draw(palette: Palette) -> Canvas:
        figure = canvas(3.0)
        axes = figure.add_subplot()
        axes.grid(axis="y")
        for at, (name, words) in enumerate(optimizers.items()):
            values = [np.nan if value is None else value for value in middles[name]]
            axes.plot(
                epsilons,
                values,
                color=palette.neurons[at],
                linestyle=DASHES[at],
                marker=MARKERS[at],
                markersize=5.5,
                label=words,
            )
        powers_of_ten(axes, epsilons)
        axes.invert_xaxis()
        axes.set_ylim(bottom=0)
        axes.set_xlabel("distance between the two neurons before training")
        axes.set_ylabel("steps until they have parted")
        legend(figure, columns=2)
        return figure

    rows = tuple(
        (f"{epsilon:g}", *(number(middles[name][at], ".0f") for name in optimizers))
        for at, epsilon in enumerate(epsilons)
    )
    return Figure(
        name="steps",
        title="Ten times nearer costs the same number of steps each time",
        caption="Medians of up to 64 networks. A straight line means that the gap grows by a factor in each step.",
        table=Table(("distance before", *optimizers.values()), rows),
        draw=draw,
    )


def growth_figure(
    curves: Mapping[str, tuple[npt.NDArray[np.intp], Numbers]], epsilons: Sequence[float], apart: float
) -> Figure:
    """Return the median gap over the steps, by plain gradient descent, one curve for each distance."""
    shown = {epsilon: curves[f"sgd.{epsilon:g}"] for epsilon in epsilons}
    middles = {epsilon: np.median(gap, axis=1) for epsilon, (_, gap) in shown.items()}
    steps = next(iter(shown.values()))[0]

    def draw(palette: Palette) -> Canvas:
        figure = canvas(3.0)
        axes = figure.add_subplot()
        axes.grid(axis="y")
        for epsilon, middle in middles.items():
            axes.plot(steps, np.where(middle > 0, middle, np.nan), color=palette.neurons[0], linewidth=1.4)
            axes.annotate(f"{epsilon:g}", (float(steps[0]), float(middle[0])), fontsize=9, va="bottom")
        axes.axhline(apart, color=palette.accent, linewidth=1)
        axes.set_yscale("log")
        axes.set_xlim(0, float(steps[-1]) / 2)
        axes.set_xlabel("step")
        axes.set_ylabel("gap (median)")
        return figure

    places = sorted({0, steps.size // 2, steps.size - 1})
    return Figure(
        name="growth",
        title="The gap grows by a factor, and then it is there",
        caption="Plain gradient descent: the median gap between two neurons, on a logarithmic axis. Each curve is "
        "named by the distance before training; above the horizontal mark the neurons count as parted.",
        table=Table(
            ("distance before", *(f"gap at step {steps[at]:,}" for at in places)),
            tuple((f"{epsilon:g}", *(f"{middle[at]:.2g}" for at in places)) for epsilon, middle in middles.items()),
        ),
        draw=draw,
    )
