"""One roast's error on its way back through a network, as a ledger, and the pushes of all roasts beside their mean."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from models.backpropagation import BackwardPass, backward_pass
from models.datasets import coffee
from models.figures import Figure, Table
from models.figures.charts import legend
from models.figures.style import MARKERS, Palette, canvas
from models.plans import Cohort
from models.readings import Floats

Rows = list[tuple[str, str, Sequence[float] | Floats]]

COLUMNS = (0.56, 0.74, 0.92)  # where the three neurons' numbers stand, in parts of the figure's width
LINE = 0.235  # inches between two lines of the ledger
BAR = 0.075  # half the width of the widest bar


def _of_the_first(main: Cohort) -> tuple[BackwardPass, int]:
    """Return the backward pass of the run's first network, and the roast that it judges worst."""
    found = backward_pass(main.network, main.parameters[:, :1], main.data)
    return found, int(found.worst[0])


def ledger_figure(main: Cohort) -> Figure:
    """Return the ledger of the roast that the run's first network judges worst."""
    found, roast = _of_the_first(main)
    (kernel, biases), (outgoing, bias) = main.network.unpack(main.parameters[:, 0].astype(np.float64))
    x, label = main.data.x[roast].astype(np.float64), int(main.data.labels[roast])
    sums, activations, slopes, deltas, upstream = (
        numbers[roast, :, 0] for numbers in (found.sums, found.activations, found.slopes, found.deltas, found.upstream)
    )
    output, prediction, error = (float(each[roast, 0, 0]) for each in (found.outputs, found.predictions, found.errors))
    forward: Rows = [
        ("weight of temperature", "w₁", kernel[0]),
        ("weight of duration", "w₂", kernel[1]),
        ("bias", "b", biases),
        ("weighted sum", "s = w·x + b", sums),
        ("puts out", "a = σ(s)", activations),
        ("weight to the output", "v", outgoing[:, 0]),
    ]
    back: Rows = [
        ("error that arrives", "δ · v", upstream),
        ("times its own slope", "a · (1 − a)", slopes),
        ("its share", "δⱼ = δ · v · slope", deltas),
    ]
    gains: Rows = [
        ("for v", "δ · a", activations * error),
        ("for w₁", "δⱼ · x₁", deltas * x[0]),
        ("for w₂", "δⱼ · x₂", deltas * x[1]),
        ("for b", "δⱼ", deltas),
    ]
    temperature, minutes = coffee.roasts()[0][roast]
    known = f"{temperature:.0f} °C for {minutes:.1f} minutes, in truth a {main.data.class_names[label]}"
    middle = [
        f"z = c + Σ v·a = {_say(output)}   (c = {_say(float(bias[0]))})",
        f"p = σ(z) = {_say(prediction)};  right would be y = {label}",
    ]

    def draw(palette: Palette) -> Canvas:
        lines = 2.1 + len(forward) + 1.7 + 3.3 + 1.3 + len(back) + 1.2 + 1.5 + len(gains) + 0.4
        figure = canvas(lines * LINE)
        figure.set_layout_engine("none")
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_xlim(0, 1)
        axes.set_ylim(lines, 0)
        axes.axis("off")
        axes.text(0.01, 0.7, f"Roast {roast}: {known}", va="center", fontweight="bold")
        axes.text(0.01, 1.7, f"x₁ = {_say(float(x[0]))},  x₂ = {_say(float(x[1]))}  (normalised)", va="center")
        at = _section(axes, palette, 3.1, "Forward ↓", heads=True)
        at = _rows(axes, palette, at, forward)
        axes.text(0.01, at + 0.45, middle[0], va="center")
        axes.text(0.01, at + 1.45, middle[1], va="center")
        axes.text(
            *(0.01, at + 2.45, f"error at the output  δ = p − y = {_say(error)}"),
            va="center",
            color=palette.accent,
            fontweight="bold",
        )
        at = _section(axes, palette, at + 3.9, "Back ↑", heads=True)
        at = _rows(axes, palette, at, back)
        _bars(axes, palette, at + 0.15, deltas)
        at = _section(axes, palette, at + 1.5, "Gradient of each weight", heads=False)
        _rows(axes, palette, at, gains)
        return figure

    said = "; ".join(f"neuron {neuron + 1} {_say(float(share))}" for neuron, share in enumerate(deltas))
    everyone: Rows = [
        ("output", "z, the same for all", [output] * len(deltas)),
        ("prediction", "p, the same for all", [prediction] * len(deltas)),
        ("error at the output", "δ = p − y, the same for all", [error] * len(deltas)),
    ]
    return Figure(
        name="ledger",
        title="One roast's error on its way back",
        caption="The roast that the run's first network judges worst, with every number on the way. All neurons get "
        "the same error; what differs is their weight to the output and how steep their sigmoid is at this roast. "
        "A weight moves against its gradient. Numbers are rounded, so the last digit of a product may be off.",
        alternative=f"Ledger of roast {roast} ({known}) in network 0: the prediction is "
        f"{_say(prediction)}, so the error at the output is {_say(error)}. Of it, the neurons' shares "
        f"are: {said}.",
        table=Table(
            ("number", *(f"neuron {neuron + 1}" for neuron in range(len(deltas)))),
            tuple(
                (f"{words}: {formula}", *(_say(float(value)) for value in values))
                for words, formula, values in [*forward, *everyone, *back, *gains]
            ),
        ),
        draw=draw,
    )


def _say(value: float) -> str:
    """Say a number of the ledger; a network that diverged has some that are none."""
    if not np.isfinite(value):
        return "none"
    digits = 2 if abs(value) >= 0.1 else 3 if abs(value) >= 0.01 else 4
    words = f"{value:.{digits}f}"
    return words.replace("-", "−" if float(words) else "")


def _section(axes: Axes, palette: Palette, at: float, title: str, *, heads: bool) -> float:
    """Draw a heading with a line under it, and the neurons' names; return where the first row stands."""
    axes.text(0.01, at, title, va="center", fontweight="bold")
    if heads:
        for neuron, column in enumerate(COLUMNS):
            colour = palette.neurons[neuron]
            axes.text(column, at, f"neuron {neuron + 1}", color=colour, va="center", ha="center", fontweight="bold")
    axes.plot([0.01, 0.99], [at + 0.55, at + 0.55], color=palette.grid, linewidth=1)
    return at + 1.1


def _rows(axes: Axes, palette: Palette, at: float, rows: Rows) -> float:
    """Draw rows of the ledger from ``at`` on; return where the next one would stand."""
    for words, formula, values in rows:
        axes.text(0.01, at, words, va="center", fontsize=9)
        axes.text(0.445, at, formula, va="center", ha="right", fontsize=8.5, color=palette.muted)
        for column, value in zip(COLUMNS, values, strict=True):
            axes.text(column, at, _say(float(value)), va="center", ha="center")
        at += 1
    return at


def _bars(axes: Axes, palette: Palette, at: float, deltas: Floats) -> None:
    """Draw each neuron's share as a bar to the left (less than 0) or right of its column's middle."""
    widest = float(np.abs(deltas).max())
    for neuron, (column, share) in enumerate(zip(COLUMNS, deltas.tolist(), strict=True)):
        axes.plot([column, column], [at - 0.35, at + 0.35], color=palette.muted, linewidth=1)
        if np.isfinite(widest) and widest > 0:
            end = column + BAR * share / widest
            axes.plot(
                *([column, end], [at, at]), color=palette.neurons[neuron], linewidth=7, solid_capstyle="butt", zorder=3
            )


def pushes_figure(main: Cohort) -> Figure:
    """Return every roast's push on each neuron of the run's first network, beside the mean."""
    found, roast = _of_the_first(main)
    deltas, data = found.deltas[:, :, 0], main.data
    finite = np.isfinite(deltas).all()
    means = deltas.mean(axis=0)
    units = deltas.shape[1]

    def draw(palette: Palette) -> Canvas:
        figure = canvas(1.1 + 0.95 * units)
        axes = figure.add_subplot()
        axes.axvline(0, color=palette.grid, linewidth=1, zorder=0)
        beside = (np.arange(len(deltas)) * 0.618034) % 1 * 0.5 - 0.25  # spreads neighbours, with nothing random in it
        for neuron in range(units if finite else 0):
            for label, name in enumerate(data.class_names):
                chosen = data.labels == label
                axes.scatter(
                    *(deltas[chosen, neuron], neuron + beside[chosen]),
                    s=9,
                    marker=MARKERS[label],
                    color=palette.roasts[label],
                    alpha=0.75,
                    linewidths=0,
                    label=name,
                )
            axes.plot(
                *([deltas[roast, neuron]], [neuron + beside[roast]], "o"),
                markersize=8,
                markerfacecolor="none",
                markeredgecolor=palette.accent,
                label=f"roast {roast}",
            )
            axes.plot(
                *([means[neuron]] * 2, [neuron - 0.36, neuron + 0.36]),
                color=palette.neurons[neuron],
                linewidth=2.6,
                label="mean",
            )
        axes.set_yticks(range(units), [f"neuron {neuron + 1}" for neuron in range(units)])
        axes.set_ylim(units - 0.5, -0.5)
        axes.set_xlabel("a roast's own gradient for the neuron's bias")
        axes.locator_params(axis="x", nbins=5)
        if finite:
            legend(figure, columns=4, handlelength=1.4, handletextpad=0.5)
        return figure

    return Figure(
        name="pushes",
        title="200 roasts, 200 pushes, one mean",
        caption="Every dot is one roast's own gradient for one neuron's bias, in the run's first network. The roasts "
        "pull in both directions. One step follows the mean, the coloured bar, where most of that has cancelled.",
        table=Table(
            ("neuron", "mean", "smallest", "largest", "roasts above 0"),
            tuple(
                (
                    f"neuron {neuron + 1}",
                    *(_say(float(value)) for value in (means[neuron], pushes.min(), pushes.max())),
                    f"{(pushes > 0).mean():.0%}",
                )
                for neuron, pushes in enumerate(deltas.T)
            ),
        ),
        draw=draw,
    )
