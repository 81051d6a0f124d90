"""Which features the coffee neurons use: all neurons before and after, and one network's weights on the way."""

import numpy as np
from matplotlib.figure import Figure as Canvas

from models.edges import edges_learned
from models.figures import Figure, Table
from models.figures.charts import legend, log_steps
from models.figures.style import DASHES, MARKERS, Palette, canvas
from models.figures.sweeps import number
from models.plans import RECORDED, Cohort
from models.readings import Floats, accuracy
from models.statistics import median

SPOKEN = ("temperature edge", "duration edge", "diagonal")  # in the order of the data's edges


def use_figure(main: Cohort, before: Floats, after: Floats) -> Figure:
    """Return the neurons of the first networks by how much they use each feature, before and after training.

    ``before`` and ``after`` have shape (features, units, networks).
    """
    learned = edges_learned(main)[:, : after.shape[-1]]
    finite = np.isfinite(after).all(axis=0)

    def draw(palette: Palette) -> Canvas:
        figure = canvas(3.15)
        figure.set_layout_engine("none")
        places = {"left": 0.13, "right": 0.985, "bottom": 0.16, "top": 0.74, "wspace": 0.14}
        panels = figure.subplots(1, 2, sharex=True, sharey=True, gridspec_kw=places)
        for axes, use, title in zip(panels, (before, after), ("before training", "after training"), strict=True):
            axes.plot([0, 0.5], [0, 0.5], color=palette.grid, linewidth=1, zorder=0)
            axes.set_title(title)
            for edge, words in enumerate(SPOKEN):
                axes.plot(
                    *use[:, finite & (learned == edge)],
                    MARKERS[edge],
                    color=palette.neurons[edge],
                    markersize=4.2,
                    markeredgewidth=0,
                    alpha=0.7,
                    label=words,
                )
            lost = finite & (learned < 0)
            axes.plot(*use[:, lost], "x", color=palette.muted, markersize=3.5, label="other neurons", zorder=1)
            axes.set_xlim(-0.02, 0.53)
            axes.set_ylim(-0.02, 0.53)
            axes.set_xticks([0, 0.25, 0.5])
            axes.set_yticks([0, 0.25, 0.5])
            axes.set_xlabel("use of temperature")
        panels[0].set_ylabel("use of duration")
        legend(figure, panels[0], columns=2, inside=True, handletextpad=0.1)
        return figure

    rows = []
    for edge, words in enumerate(SPOKEN):
        draws = finite & (learned == edge)
        medians = (median(use[feature][draws]) for use in (before, after) for feature in (0, 1))
        rows.append((words, str(int(draws.sum())), *(number(value, ".2f") for value in medians)))
    return Figure(
        name="use",
        title="From a crowd without roles to three groups",
        caption="Every mark is a hidden neuron: how much its output changes, on average, when one feature is shuffled "
        "among the roasts. Colours and shapes tell the edge that the neuron holds in the end, also in the left panel, "
        "where nothing told them apart. Nearly all crosses belong to networks that did not converge.",
        table=Table(
            (
                *("edge in the end", "neurons", "use of temperature before", "use of duration before"),
                *("use of temperature after", "use of duration after"),
            ),
            tuple(rows),
        ),
        draw=draw,
    )


def weights_figure(main: Cohort) -> Figure:
    """Return both weights of each neuron over training, in the first network that succeeds with all three edges."""
    learned = edges_learned(main)[:, :RECORDED]
    shown = int((learned < 0).sum(axis=0).argmin())
    history = main.history
    place = main.network.layers[0]
    weights = history.parameters[:, place.kernel, shown].reshape(len(history.steps), place.inputs, place.units)
    names = main.data.feature_names
    edges = [SPOKEN[edge] if edge >= 0 else "none of the edges" for edge in learned[:, shown].tolist()]

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
        legend(figure, columns=2)
        return figure

    return Figure(
        name="weights",
        title=f"Network {shown}: every neuron has both weights, all the time",
        caption="Incoming weights of the three neurons of a network that gets "
        f"{accuracy(main)[shown]:.0%} of the roasts right. Nothing is switched off: a feature that a neuron does not "
        "need keeps a weight, only a small one beside the other.",
        table=Table(
            ("neuron", "draws", *(f"weight of {name} {when}" for when in ("before", "after") for name in names)),
            tuple(
                (
                    *(f"neuron {neuron + 1}", edges[neuron]),
                    *(f"{weights[at, feature, neuron]:.2f}" for at in (0, -1) for feature in range(place.inputs)),
                )
                for neuron in range(place.units)
            ),
        ),
        draw=draw,
    )
