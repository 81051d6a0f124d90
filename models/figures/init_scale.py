"""How large starts are: points on the tanh curve, success against size, and the signal in a deep network."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import FuncFormatter, NullLocator

from models.experiment import Result
from models.figures import Figure, Table
from models.figures.charts import legend
from models.figures.style import DASHES, MARKERS, Palette, canvas
from models.figures.sweeps import counts_table, counts_words, draw_share_curve, number, share_axis
from models.plans import Cohort
from models.readings import sums

Floats = npt.NDArray[np.floating]
EDGE = 4.0  # what lies further out is drawn at the edge

RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
SHORT = {"0.0001": "10⁻⁴", "0.001": "10⁻³", "glorot": "Glorot", "he": "He"}
PANELS = {
    "get 99 % of the points right": {"success.relu": "ReLU", "success.tanh": "tanh"},
    "have a neuron that is stuck": {
        "dead_share": "ReLU: dead, at the end",
        "saturated_share_at_start": "tanh: flat, at the start",
    },
}


def squashing_figure(cohorts: Mapping[str, Cohort], flat: float) -> Figure:
    """Return where the points fall on the tanh curve of network 0 at the start, for several sizes of the weights.

    ``flat`` is the slope below which the curve counts as flat.
    """
    inputs = {name: sums(cohort.untrained)[..., 0].ravel() for name, cohort in cohorts.items()}
    shares = {name: float((1 - np.tanh(values) ** 2 < flat).mean()) for name, values in inputs.items()}

    def draw(palette: Palette) -> Canvas:
        figure = canvas(2.7)
        panels = figure.subplots(1, len(inputs), sharex=True, sharey=True)
        line = np.linspace(-EDGE, EDGE, 81)
        for axes, (name, values) in zip(panels, inputs.items(), strict=True):
            inside = np.clip(values, -EDGE, EDGE)
            axes.plot(line, np.tanh(line), color=palette.muted, linewidth=1.2)
            axes.plot(
                *(inside, np.tanh(inside), "o"),
                color=palette.neurons[1],
                markersize=5,
                alpha=0.35,
                markeredgewidth=0,
                clip_on=False,
            )
            axes.set_title(f"size {name}\n{100 * shares[name]:.0f} % flat")
            axes.set_xticks([-EDGE, 0, EDGE])
            axes.set_yticks([-1, 0, 1])
            axes.grid(axis="y")
        panels[0].set_ylabel("output")
        panels[len(inputs) // 2].set_xlabel("weighted sum of a hidden neuron; beyond 4 drawn at 4")
        return figure

    return Figure(
        name="squashing",
        title="Where the points fall on the curve, before training",
        caption="Each dot is one point of the data in one hidden tanh neuron of network 0. Tiny weights put all points "
        "on the straight middle, where the neuron is nearly linear; huge ones put them on the flat ends, where the "
        "slope, and with it the gradient, is nearly zero.",
        table=Table(
            ("size of the weights", "points on a flat part", "smallest sum", "largest sum"),
            tuple(
                (name, f"{shares[name]:.0%}", number(float(values.min())), number(float(values.max())))
                for name, values in inputs.items()
            ),
        ),
        draw=draw,
    )


def success_figure(result: Result, starts: Sequence[str]) -> Figure:
    """Return success and stuck neurons against the size of the start, and by the rules of Glorot and He."""
    found = {
        family: [result.share(f"{family}.{name}") for name in starts] for rows in PANELS.values() for family in rows
    }
    columns = {f"{words}, {title}": found[family] for title, rows in PANELS.items() for family, words in rows.items()}
    names = [name.capitalize() for name in starts]  # sizes stay as they are
    sizes = len(starts) - 2  # the rules stand at the end
    places = [*range(sizes), sizes + 0.5, sizes + 1.5]

    def draw(palette: Palette) -> Canvas:
        figure = canvas(5.0)
        for axes, (title, rows) in zip(figure.subplots(2, 1, sharex=True), PANELS.items(), strict=True):
            for index, (family, words) in enumerate(rows.items()):
                shares = found[family]
                draw_share_curve(axes, palette, index, places[:sizes], shares[:sizes], words)
                draw_share_curve(axes, palette, index, places[sizes:], shares[sizes:], "_rules", joined=False)
            axes.axvline(sizes - 0.25, color=palette.grid, linewidth=1)
            share_axis(axes)
            axes.set_title(title, pad=26)
            above = axes.legend(loc="lower left", bbox_to_anchor=(-0.03, 0.98), ncols=2, borderpad=0.2)
            above.set_in_layout(False)
            axes.set_xticks(places, [SHORT.get(name, name) for name in starts])
        axes.set_xlabel("standard deviation of the starting weights, or rule", x=0.5)
        return figure

    return Figure(
        name="success",
        title="Not too large; small is less dangerous here",
        caption="With 95 % intervals. One hidden layer and Adam forgive tiny starts. Huge ones fail with both "
        "activations: tanh neurons are stuck on the flat ends, ReLU networks are sure of wrong answers.",
        alternative=counts_words(names, columns),
        table=counts_table("start", names, columns),
        draw=draw,
    )


def _power(value: float) -> str:
    """Write a power of ten as such."""
    return f"10{f'{np.log10(value):.0f}'.translate(RAISED)}"


def signal_figure(strengths: Mapping[str, Floats]) -> Figure:
    """Return how strong the signal is in each layer of untrained deep networks.

    ``strengths`` holds, for each kind of start, the medians (layers,).
    """

    def draw(palette: Palette) -> Canvas:
        figure = canvas(3.4)
        axes = figure.add_subplot()
        for index, (words, strength) in enumerate(strengths.items()):
            axes.plot(
                *(np.arange(1, strength.size + 1), strength),
                color=palette.classes[index],
                marker=MARKERS[index],
                markersize=5,
                linestyle=DASHES[index % 3],
                label=words,
            )
        axes.set_yscale("log")
        axes.yaxis.set_minor_locator(NullLocator())
        # Matplotlib typesets its own labels as mathematics, which takes longer than all the rest of the figure.
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: _power(value)))
        axes.grid(axis="y")
        axes.set_xticks(range(1, 11))
        axes.set_xlabel("hidden layer")
        axes.set_ylabel("size of the outputs (root mean square)")
        legend(figure, columns=2, handletextpad=0.4)
        return figure

    said = "; ".join(
        f"{words}: {number(float(strength[0]))} in layer 1, {number(float(strength[-1]))} in layer {strength.size}"
        for words, strength in strengths.items()
    )
    return Figure(
        name="signal",
        title="What the rules are for: a signal on its way through ten layers",
        caption="Ten hidden layers of 32 ReLU neurons, not trained. With one size for all weights the signal dies out "
        "or explodes; He's rule keeps it about as strong as it was. Glorot's was made for curves like tanh: with ReLU "
        "it loses a little in every layer.",
        alternative=f"Median size of a hidden layer's outputs. {said}.",
        table=Table(
            ("start", *(f"layer {layer + 1}" for layer in range(10))),
            tuple(
                (words, *(number(float(value), ".2g") for value in strength)) for words, strength in strengths.items()
            ),
        ),
        draw=draw,
    )
