"""Depth: success by the number of layers, gradients layer by layer, and what more steps and more width change."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure as Canvas

from models.experiment import Result
from models.figures import Figure, Table
from models.figures.charts import legend, shares_figure
from models.figures.style import DASHES, MARKERS, Palette, canvas
from models.figures.sweeps import counts_table, counts_words, draw_share_curve, number, share_axis
from models.labs import ACTIVATIONS
from models.network import Activation

Floats = npt.NDArray[np.floating]


def success_figure(result: Result, widths: Mapping[int, int], used: Sequence[Activation]) -> Figure:
    """Return the shares of networks that succeed against the number of hidden layers, for each activation."""
    found = {name: [result.share(f"success.{layers}.{name}") for layers in widths] for name in used}
    values = [f"{layers} of {width}" for layers, width in widths.items()]

    def draw(palette: Palette) -> Canvas:
        figure = canvas(2.9)
        axes = figure.add_subplot()
        for index, (name, shares) in enumerate(found.items()):
            places = [at + 0.06 * (index - 1) for at in range(len(widths))]  # so that equal ones are seen
            draw_share_curve(axes, palette, index, places, shares, ACTIVATIONS[name])
        share_axis(axes)
        axes.set_xticks(range(len(widths)), values)
        axes.set_xlabel("hidden layers, and neurons in each")
        axes.set_ylabel("networks")
        legend(figure, columns=3)
        return figure

    columns = {ACTIVATIONS[name]: shares for name, shares in found.items()}
    return Figure(
        name="success",
        title="Networks that succeed, by the number of layers",
        caption="Shares of all networks with 95 % intervals. All have about as many weights, 151 to 157, and are "
        "trained for as many steps.",
        alternative=f"Networks that get 95 % of the points right. {counts_words(values, columns)}",
        table=counts_table("hidden layers", values, columns),
        draw=draw,
    )


def sizes_figure(found: Mapping[Activation, Floats]) -> Figure:
    """Return the sizes of the gradient (layers, networks) at the start, layer by layer, for each activation."""
    lines = {}
    for name, sizes in found.items():
        through = sizes[:, sizes[0] > 0]  # networks to whose first layer some gradient comes
        lines[name] = np.median(through, axis=1) if through.size else np.full(len(sizes), np.nan)
    layers = np.arange(1, len(next(iter(found.values()))) + 1)

    def draw(palette: Palette) -> Canvas:
        figure = canvas(3.0)
        axes = figure.add_subplot()
        for index, (name, sizes) in enumerate(lines.items()):
            axes.plot(
                layers,
                sizes,
                color=palette.neurons[index],
                linestyle=DASHES[index],
                marker=MARKERS[index],
                ms=5,
                label=ACTIVATIONS[name],
            )
        axes.set_yscale("log")
        axes.set_xticks(layers)
        axes.set_xlabel("layer, from the inputs (1) to the output")
        axes.set_ylabel("size of the gradient")
        axes.grid(axis="y")
        axes.set_axisbelow(True)
        axes.minorticks_off()
        legend(figure, columns=3)
        return figure

    return Figure(
        name="sizes",
        title="The gradient in each layer of the deepest networks, before training",
        caption="Medians of the networks in which some gradient comes to the first layer. Read it from right to left: "
        "the gradient is made at the output and handed back. Each step on the vertical axis is a multiple: on a "
        "straight line, each layer makes it smaller by the same factor.",
        table=Table(
            ("activation", "first layer", "middle", "last layer"),
            tuple(
                (ACTIVATIONS[name], *(number(float(sizes[at]), ".2g") for at in (0, len(sizes) // 2, -1)))
                for name, sizes in lines.items()
            ),
        ),
        draw=draw,
    )


def longer_figure(result: Result, layers: int, used: Sequence[Activation]) -> Figure:
    """Return what more steps change for the deepest networks, and what more neurons do for those of ReLUs."""
    rows = []
    for name in used:
        rows.append((f"{ACTIVATIONS[name]}", result.share(f"success.{layers}.{name}")))
        rows.append((f"{ACTIVATIONS[name]}, three times the steps", result.share(f"success_long.{layers}.{name}")))
        if name == "relu":
            rows.append(("ReLU, twice as wide", result.share(f"success_wide.{layers}.{name}")))
    return shares_figure(
        "longer",
        "Eight layers: more steps, or more neurons in each",
        "Shares of all networks with 95 % intervals. More steps are the test of the word slow; more neurons in each "
        "layer are the test of the word deep.",
        rows,
        "eight hidden layers",
    )
