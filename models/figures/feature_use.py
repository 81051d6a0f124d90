"""Which features the coffee neurons use: all neurons before and after, and one network's weights on the way."""

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure as Canvas

from models.datasets import coffee
from models.ensemble import Trained
from models.figures import Figure, Table
from models.figures.charts import log_steps
from models.figures.style import DASHES, Palette, canvas

Floats = npt.NDArray[np.floating]

SPOKEN = ("temperature edge", "duration edge", "diagonal")  # in the order of the data's edges
SYMBOLS = ("o", "s", "^")


def use_figure(before: Floats, after: Floats, held: npt.NDArray[np.intp]) -> Figure:
    """Return all neurons by how much they use each feature (features, units, networks), before and after training.

    ``held`` (units, networks) is the edge that a neuron holds at the end, -1 for none.
    """
    finite = np.isfinite(after).all(axis=0)

    def draw(palette: Palette) -> Canvas:
        figure = canvas(3.15)
        figure.set_layout_engine("none")
        places = {"left": 0.13, "right": 0.985, "bottom": 0.16, "top": 0.74, "wspace": 0.14}
        panels = figure.subplots(1, 2, sharex=True, sharey=True, gridspec_kw=places)
        for axes, use, title in zip(panels, (before, after), ("before training", "after training"), strict=True):
            axes.plot([0, 0.5], [0, 0.5], color=palette.grid, linewidth=1, zorder=0)
            axes.set_title(title)
            lost = finite & (held < 0)
            axes.plot(*use[:, lost], "x", color=palette.muted, markersize=3.5, label="other neurons")
            for edge, (words, symbol) in enumerate(zip(SPOKEN, SYMBOLS, strict=True)):
                axes.plot(
                    *use[:, finite & (held == edge)],
                    symbol,
                    color=palette.neurons[edge],
                    markersize=4.2,
                    markeredgewidth=0,
                    alpha=0.7,
                    label=words,
                )
            axes.set_xlim(-0.02, 0.53)
            axes.set_ylim(-0.02, 0.53)
            axes.set_xticks([0, 0.25, 0.5])
            axes.set_yticks([0, 0.25, 0.5])
            axes.set_xlabel("use of temperature")
        panels[0].set_ylabel("use of duration")
        handles, labels = panels[0].get_legend_handles_labels()
        order = [1, 2, 3, 0]
        figure.legend(
            *([handles[at] for at in order], [labels[at] for at in order]),
            loc="upper left",
            ncols=2,
            handletextpad=0.1,
            columnspacing=1.2,
        )
        return figure

    rows = []
    for edge, words in enumerate(SPOKEN):
        holds = finite & (held == edge)
        medians = (
            [np.median(use[feature][holds]) for use in (before, after) for feature in (0, 1)] if holds.any() else []
        )
        rows.append((words, str(int(holds.sum())), *([f"{value:.2f}" for value in medians] or ["none"] * 4)))
    said = "; ".join(
        f"{count} neurons at the {words}: temperature {row[2]}, duration {row[3]}" for words, count, *row in rows
    )
    return Figure(
        name="use",
        title="From a crowd without roles to three groups",
        caption="Every mark is a hidden neuron: how much its output changes, on average, when one feature is shuffled "
        "among the roasts. Colours and shapes tell the edge that the neuron holds in the end, also in the left panel, "
        "where nothing told them apart. Nearly all crosses belong to networks that did not converge.",
        alternative="Change of the neurons' outputs after training when one feature alone is shuffled, medians. "
        f"{said}.",
        table=Table(
            (
                *("edge in the end", "neurons", "temperature, before", "duration, before"),
                *("temperature, after", "duration, after"),
            ),
            tuple(rows),
        ),
        draw=draw,
    )


def weights_figure(trained: Trained, shown: int, held: npt.NDArray[np.intp], accuracy: float) -> Figure:
    """Return both weights of each neuron over training in one network; ``held`` (units,) is each neuron's edge."""
    history = trained.history
    place = trained.network.layers[0]
    weights = history.parameters[:, place.kernel, shown].reshape(len(history.steps), place.inputs, place.units)
    names = coffee.load().feature_names
    edges = [SPOKEN[edge] if edge >= 0 else "none of the edges" for edge in held.tolist()]

    def draw(palette: Palette) -> Canvas:
        figure = canvas(4.6)
        panels = figure.subplots(place.units, 1, sharex=True, sharey=True)
        for neuron, axes in enumerate(panels):
            axes.axhline(0, color=palette.grid, linewidth=1, zorder=0)
            for feature, name in enumerate(names):
                axes.plot(
                    *(history.steps, weights[:, feature, neuron]),
                    color=palette.neurons[feature],
                    linestyle=DASHES[feature],
                    linewidth=2,
                    label=f"weight of {name}",
                )
            axes.set_title(f"neuron {neuron + 1}: {edges[neuron]}")
            axes.locator_params(axis="y", nbins=4)
        log_steps(panels[-1], history.steps)
        panels[-1].set_xlabel("training step")
        handles, labels = panels[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside upper left", ncols=2)
        return figure

    ends = [
        f"neuron {neuron + 1} ({edges[neuron]}) from {_pair(weights[0, :, neuron])} to {_pair(weights[-1, :, neuron])}"
        for neuron in range(place.units)
    ]
    return Figure(
        name="weights",
        title=f"Network {shown}: every neuron has both weights, all the time",
        caption="Incoming weights of the three neurons. Nothing is switched off: a feature that a neuron does not need "
        "keeps a weight, only a small one beside the other.",
        alternative=f"Weights of temperature and duration in network {shown}, which gets {accuracy:.0%} of the "
        f"roasts right: {'; '.join(ends)}.",
        table=Table(
            ("neuron", "draws", *(f"{name}, {when}" for when in ("before", "after") for name in names)),
            tuple(
                (
                    *(str(neuron + 1), edges[neuron]),
                    *(f"{weights[at, feature, neuron]:.2f}" for at in (0, -1) for feature in range(place.inputs)),
                )
                for neuron in range(place.units)
            ),
        ),
        draw=draw,
    )


def _pair(weights: Floats) -> str:
    return " and ".join(f"{weight:.2f}" for weight in weights)
