"""Success against width, and a wide network in which two neurons would do."""

from collections.abc import Mapping, Sequence
from math import comb
from typing import Any

import numpy as np
from matplotlib.figure import Figure as Canvas
from matplotlib.patheffects import withStroke
from matplotlib.ticker import PercentFormatter

from models.datasets import Dataset
from models.experiment import Result
from models.figures import Figure, Table
from models.figures.boundaries import Window, draw_points, regions, tinted
from models.figures.charts import share_table
from models.figures.style import DASHES, Palette, bare, canvas

DATA = {"blobs": "four blobs", "xor": "XOR"}
MARKS = {"blobs": "o", "xor": "s"}


def pair_chance(width: int) -> float:
    """Return the chance that a start has two neurons that serve the two corners of one class of XOR.

    With weights that are symmetric about 0, a neuron serves each corner with probability 1/8: one of four corners, and
    one of two signs. The rest is inclusion and exclusion over the corners that are served.
    """
    none = [(1 - missing / 8) ** width for missing in range(5)]  # no neuron serves any of so many corners
    one_class = 1 - 2 * none[1] + none[2]
    both_classes: float = sum((-1) ** missing * comb(4, missing) * none[missing] for missing in range(5))
    return 2 * one_class - both_classes


def success_figure(result: Result, widths: Mapping[str, Sequence[int]]) -> Figure:
    """Return the share of networks that succeed against the number of hidden neurons, with intervals."""
    found: dict[str, list[Any]] = {
        name: [result.findings[f"success.{name}.{width}"] for width in each] for name, each in widths.items()
    }
    curve = np.arange(2, 11)

    def draw(palette: Palette) -> Canvas:
        figure = canvas(3.5)
        axes = figure.add_subplot()
        axes.grid(axis="y")
        axes.plot(
            curve,
            [pair_chance(int(width)) for width in curve],
            color=palette.muted,
            linestyle=DASHES[2],
            linewidth=1.6,
            label="XOR: two well-placed neurons at the start",
        )
        for place, (name, shares) in enumerate(found.items()):
            at = np.array(widths[name]) + (-0.07, 0.07)[place]
            value, low, high = (np.array([getattr(each, part) for each in shares]) for part in ("value", "low", "high"))
            colour = palette.neurons[place]
            axes.vlines(at, low, high, color=colour, linewidth=5, alpha=0.35)
            axes.plot(
                *(at, value), color=colour, linestyle=DASHES[place], marker=MARKS[name], markersize=6, label=DATA[name]
            )
        axes.set_xlim(0.6, 10.4)
        axes.set_ylim(-0.04, 1.04)
        axes.set_xticks(range(1, 11))
        axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        axes.set_xlabel("hidden neurons")
        axes.set_ylabel("networks that succeed")
        handles, labels = axes.get_legend_handles_labels()
        order = [1, 2, 0]
        figure.legend([handles[k] for k in order], [labels[k] for k in order], loc="outside upper left", ncols=1)
        return figure

    rows = [
        (f"{DATA[name]}, {width} hidden neuron{'s' * (width > 1)}", share)
        for name, shares in found.items()
        for width, share in zip(widths[name], shares, strict=True)
    ]
    return Figure(
        name="success",
        title="More hidden neurons, more successes",
        caption="Each mark is the share of the networks of one width that succeed, with its 95 % interval. The dotted "
        "line is no measurement but a calculation: how likely a random start is to hold two neurons that already "
        "lean to the two corners of one class, each with an outgoing weight of the right sign.",
        alternative="Networks that succeed. "
        + "; ".join(f"{label}: {share.count} of {share.of}" for label, share in rows)
        + ".",
        table=share_table(rows, "network"),
        draw=draw,
    )


def spare_figure(result: Result, data: Dataset, shown: int, pair: tuple[int, ...]) -> Figure:
    """Return a network of ten neurons on XOR, whole and with all neurons but two switched off."""
    trained = result.cohorts["xor.10"]
    network, whole = trained.network, trained.parameters[:, shown]
    alone = whole.copy()
    outgoing, _ = network.unpack(alone)[1]
    outgoing[[neuron for neuron in range(network.sizes[1]) if neuron not in pair]] = 0
    kernel, bias = network.unpack(whole)[0]
    weights, _ = network.unpack(whole)[1]
    window = Window.around(data, 0.45)

    def draw(palette: Palette) -> Canvas:
        figure = canvas(2.75)
        panels = figure.subplots(1, 2)
        titles = ("all ten neurons", "only the two drawn bold")
        for axes, title, parameters in zip(panels, titles, (whole, alone), strict=True):
            picture = tinted(regions(network, parameters[:, None], window, 110, 110)[..., 0], palette.classes)
            axes.imshow(picture, extent=window.extent, interpolation="none", aspect="auto", zorder=0)
            for neuron in range(network.sizes[1]):
                ends = window.segment(kernel[:, neuron], float(bias[neuron]))
                if ends is None or (neuron not in pair and parameters is alone):
                    continue
                if neuron not in pair:
                    axes.plot(*ends.T, color=palette.muted, linewidth=0.9, zorder=1)
                    continue
                place = pair.index(neuron)
                colour, halo = palette.neurons[place], [withStroke(linewidth=4.2, foreground=palette.paper)]
                style: dict[str, Any] = {"color": colour, "linestyle": DASHES[place], "linewidth": 2.2}
                axes.plot(*ends.T, **style, path_effects=halo, zorder=1.5)
                foot = ends[0] + (ends[1] - ends[0]) * (0.34, 0.66)[place]
                tip = foot + 0.55 * kernel[:, neuron] / np.linalg.norm(kernel[:, neuron])
                arrow = {"arrowstyle": "-|>", "color": colour, "linewidth": 1.8, "shrinkA": 0, "shrinkB": 0}
                axes.annotate("", xy=tuple(tip), xytext=tuple(foot), arrowprops=arrow, zorder=3)
            draw_points(axes, palette, data, palette.classes, size=48)
            axes.set_xlim(window.left, window.right)
            axes.set_ylim(window.bottom, window.top)
            axes.set_title(title)
            bare(axes)
        return figure

    bold = " and ".join(str(neuron + 1) for neuron in pair) or "none"
    share: Any = result.findings["two_suffice.xor.10"]
    return Figure(
        name="spare",
        title="Ten neurons, and two that would do",
        caption=f"Network {shown} of those with ten hidden neurons, and the same network with all outgoing weights but "
        "two set to 0. An arrow points to the side on which a neuron fires.",
        alternative=f"Network {shown} with ten hidden neurons on XOR. Neurons that get it right alone: {bold}. Among "
        f"the successful networks of this width, {share.count} of {share.of} hold such a pair.",
        table=Table(
            ("neuron", "weight of x₁", "weight of x₂", "bias", "outgoing weight", "drawn"),
            tuple(
                (
                    *(str(at + 1), f"{kernel[0, at]:.2f}", f"{kernel[1, at]:.2f}", f"{bias[at]:.2f}"),
                    *(f"{weights[at, 0]:.2f}", "bold" if at in pair else "thin"),
                )
                for at in range(network.sizes[1])
            ),
        ),
        draw=draw,
    )
