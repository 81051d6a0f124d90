"""Where the softmax is: successes, losses over the steps, and the probabilities that a second softmax leaves."""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import PercentFormatter

from models.experiment import Result
from models.figures import Figure, Table
from models.figures.charts import legend, log_steps, shares_figure
from models.figures.style import DASHES, Palette, canvas
from models.figures.sweeps import number
from models.readings import Floats
from models.statistics import median

NAMES = {"right": "softmax in the loss", "twice": "softmax twice", "none": "no softmax"}
CEILING = 3.0  # nats
BINS = np.linspace(0, 1, 51)


def success_figure(result: Result) -> Figure:
    """Return how many networks get 99 % of the points right, for each place of the softmax."""
    return shares_figure(
        "success",
        "Networks whose largest output is the right one at 99 % of the points",
        "Shares of all networks with 95 % intervals. All three were trained from the same starts, on the same batches.",
        [(words, result.share(f"success.{name}")) for name, words in NAMES.items()],
        "place of the softmax",
    )


def loss_figure(result: Result, floor: float) -> Figure:
    """Return the median loss over the steps, for each place of the softmax, with the floor of the softmax twice."""
    histories = {name: result.cohorts[name].history for name in NAMES}
    lines = {name: _medians(history.loss) for name, history in histories.items()}
    steps = histories["right"].steps

    def draw(palette: Palette) -> Canvas:
        figure = canvas(3.0)
        axes = figure.add_subplot()
        for index, (name, values) in enumerate(lines.items()):
            axes.plot(
                steps,
                np.where(np.isfinite(values), values, CEILING).clip(max=CEILING),
                color=palette.neurons[index],
                linestyle=DASHES[index],
                linewidth=2,
                label=NAMES[name],
            )
        axes.axhline(floor, color=palette.accent, linewidth=1)
        axes.text(0, floor + 0.03, f"floor of the softmax twice: {floor:.2f}", color=palette.accent, va="bottom")
        log_steps(axes, steps)
        axes.set_ylim(0, CEILING)
        axes.set_xlabel("training step")
        axes.set_ylabel("loss (nats)")
        axes.grid(axis="y")
        axes.set_axisbelow(True)
        legend(figure, columns=3)
        return figure

    return Figure(
        name="loss",
        title="The loss that training shows, for each place of the softmax",
        caption=f"Medians of the networks recorded; what is above {CEILING:g} is drawn at the edge. These are three "
        "different losses: that one line is lower than another does not say that more points are right.",
        table=Table(
            ("place of the softmax", "loss at the start", "half-way", "at the end"),
            tuple(
                (NAMES[name], *(number(float(values[at])) for at in (0, len(values) // 2, -1)))
                for name, values in lines.items()
            ),
        ),
        draw=draw,
    )


def likelihood_figure(found: Mapping[str, Floats], highest: float) -> Figure:
    """Return how sure the loss takes all networks to be of the right classes: probabilities (points, networks)."""
    pooled = {name: values[np.isfinite(values)] for name, values in found.items()}

    def draw(palette: Palette) -> Canvas:
        figure = canvas(3.2)
        panels = figure.subplots(2, 1, sharex=True, sharey=True)
        for index, (axes, (name, values)) in enumerate(zip(panels, pooled.items(), strict=True)):
            weights = np.full(values.size, 1 / max(values.size, 1))
            axes.hist(values, BINS, weights=weights, color=palette.neurons[index], alpha=0.85)
            axes.set_title(NAMES[name], fontsize=9.5)
            axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
            axes.set_ylabel("points")
        panels[1].axvline(highest, color=palette.accent, linewidth=1.2)
        panels[1].text(highest + 0.015, 0.5, f"no higher than {highest:.3f}", color=palette.accent)
        panels[1].set_xlim(0, 1)
        panels[1].set_ylim(0, 1)
        panels[1].set_xlabel("probability of the right class, as the loss sees it")
        return figure

    return Figure(
        name="likelihood",
        title="How sure of the right class the loss takes the networks to be",
        caption="All points of all networks at the end of training. A softmax of probabilities cannot give more than "
        f"{highest:.3f} to one class of four, even where the first softmax gives it 1.",
        table=Table(
            ("place of the softmax", "median probability", f"points above {highest:.3f}"),
            tuple(
                (NAMES[name], number(median(values)), "none" if not values.size else f"{(values > highest).mean():.0%}")
                for name, values in pooled.items()
            ),
        ),
        draw=draw,
    )


def _medians(losses: Floats) -> Floats:
    """Return the median (steps,) of losses (steps, networks), of which those that are not finite count as infinite."""
    return np.asarray(np.median(np.where(np.isfinite(losses), losses, np.inf), axis=1))
