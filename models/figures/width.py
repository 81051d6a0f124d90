"""Success against width, and a wide network in which two neurons would do."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure as Canvas
from matplotlib.patheffects import withStroke

from models.experiment import Result
from models.figures import Figure, Table
from models.figures.boundaries import Window, draw_points, regions, tinted
from models.figures.charts import legend, share_table
from models.figures.style import DASHES, Palette, bare, canvas
from models.figures.sweeps import counted, draw_share_curve, share_axis
from models.plans import Cohort

DATA = {"blobs": "four blobs", "xor": "XOR"}


def success_figure(result: Result, widths: Mapping[str, Sequence[int]], chance: Callable[[int], float]) -> Figure:
    """Return the share of networks that succeed against the number of hidden neurons, with intervals.

    ``chance`` is how likely a random start of some width is to hold two well-placed neurons on XOR.
    """
    found = {name: [result.share(f"success.{name}.{width}") for width in each] for name, each in widths.items()}

    def draw(palette: Palette) -> Canvas:
        figure = canvas(3.5)
        axes = figure.add_subplot()
        for index, (name, shares) in enumerate(found.items()):
            places = [width + (-0.07, 0.07)[index] for width in widths[name]]
            draw_share_curve(axes, palette, index, places, shares, DATA[name])
        axes.plot(
            range(2, 11),
            [chance(width) for width in range(2, 11)],
            color=palette.muted,
            linestyle=DASHES[2],
            zorder=1.5,
            label="XOR: two well-placed neurons at the start",
        )
        share_axis(axes)
        axes.set_yticks(np.linspace(0, 1, 6))
        axes.set_xlim(0.6, 10.4)
        axes.set_xticks(range(1, 11))
        axes.set_xlabel("hidden neurons")
        axes.set_ylabel("networks that succeed")
        legend(figure)
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
        alternative=f"Networks that succeed. {counted(rows)}.",
        table=share_table(rows, "network"),
        draw=draw,
    )


def spare_figure(result: Result, cohort: Cohort, shown: int, pair: Sequence[int]) -> Figure:
    """Return one network of ten neurons on XOR, whole and with all neurons but the ``pair`` switched off."""
    network, whole = cohort.network, cohort.parameters[:, shown]
    alone = whole.copy()
    (kernel, bias), (outgoing, _) = network.unpack(alone)
    weights = outgoing[:, 0].copy()
    outgoing[[neuron for neuron in range(cohort.width) if neuron not in pair]] = 0
    window = Window.around(cohort.data, 0.45)

    def draw(palette: Palette) -> Canvas:
        figure = canvas(2.75)
        panels = {"all ten neurons": whole, "only the two drawn bold": alone}
        for axes, (title, parameters) in zip(figure.subplots(1, 2), panels.items(), strict=True):
            picture = tinted(regions(network, parameters[:, None], window, 110, 110)[..., 0], palette.classes)
            window.fill(axes, picture)
            for neuron, ends in window.segments(kernel, bias):
                if neuron not in pair:
                    if parameters is whole:
                        axes.plot(*ends.T, color=palette.muted, linewidth=0.9, zorder=1)
                    continue
                place = pair.index(neuron)
                colour, halo = palette.neurons[place], [withStroke(linewidth=4.2, foreground=palette.paper)]
                axes.plot(*ends.T, color=colour, linestyle=DASHES[place], linewidth=2.2, path_effects=halo, zorder=1.5)
                foot = ends[0] + (ends[1] - ends[0]) * (0.34, 0.66)[place]
                tip = foot + 0.55 * kernel[:, neuron] / np.linalg.norm(kernel[:, neuron])
                arrow = {"arrowstyle": "-|>", "color": colour, "linewidth": 1.8, "shrinkA": 0, "shrinkB": 0}
                axes.annotate("", xy=tuple(tip), xytext=tuple(foot), arrowprops=arrow, zorder=3)
            draw_points(axes, palette, cohort.data, palette.classes, size=48)
            axes.set_title(title)
            bare(axes)
        return figure

    bold = " and ".join(str(neuron + 1) for neuron in pair) or "none"
    share = result.share("two_suffice.xor.10")
    return Figure(
        name="spare",
        title="Ten neurons, and two that would do",
        caption=f"Network {shown} of those with ten hidden neurons, and the same network with all outgoing weights but "
        "two set to 0. An arrow points to the side on which a neuron fires.",
        alternative=f"Network {shown} with ten hidden neurons on XOR. Neurons that get it right alone: {bold}. Among "
        f"the successful networks of this width, {share.words} hold such a pair.",
        table=Table(
            ("neuron", "weight of x₁", "weight of x₂", "bias", "outgoing weight", "drawn"),
            tuple(
                (str(at + 1), *(f"{value:.2f}" for value in numbers), "bold" if at in pair else "thin")
                for at, numbers in enumerate(zip(*kernel, bias, weights, strict=True))
            ),
        ),
        draw=draw,
    )
