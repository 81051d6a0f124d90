"""The symmetry ladder: two neurons' weights over training, who stays identical, and what the networks can do."""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure as Canvas

from models.datasets import Dataset
from models.experiment import Result
from models.figures import Figure, Table
from models.figures.boundaries import Group, draw_wall
from models.figures.charts import legend, log_steps, shares_figure
from models.figures.style import DASHES, Palette, canvas
from models.figures.sweeps import number

ROW = 8  # networks of each rung on the wall


def ladder_figure(result: Result, rungs: Mapping[str, str]) -> Figure:
    """Return both neurons' incoming weights over training in network 0, one panel for each rung."""

    def draw(palette: Palette) -> Canvas:
        height = 0.9 + 1.05 * len(rungs)
        figure = canvas(height)
        figure.set_layout_engine("none")  # nine panels at fixed places take half the time of a solved layout
        places = {"left": 0.09, "right": 0.99, "bottom": 0.5 / height, "top": 1 - 0.62 / height, "hspace": 0.55}
        panels = figure.subplots(len(rungs), 1, sharex=True, gridspec_kw=places)
        for axes, (rung, title) in zip(panels, rungs.items(), strict=True):
            cohort = result.cohorts[rung]
            steps = cohort.history.steps
            weights, _ = cohort.network.unpack(cohort.history.parameters[..., 0].T)[0]  # (inputs, units, steps)
            for neuron in range(2):
                axes.plot(
                    steps,
                    weights[:, neuron].T,
                    color=palette.neurons[neuron],
                    linestyle=DASHES[neuron],
                    linewidth=(3.4, 1.6)[neuron],
                    label=f"neuron {neuron + 1}",
                )
            axes.axhline(0, color=palette.grid, linewidth=0.8, zorder=0)
            axes.set_title(title, fontsize=9.5)
            low, high = axes.get_ylim()
            middle, half = (low + high) / 2, max((high - low) / 2, 0.6)
            axes.set_ylim(middle - half, middle + half)
            axes.locator_params(axis="y", nbins=3)
        log_steps(panels[-1], steps)
        panels[-1].set_xlabel("training step")
        legend(figure, panels[0], columns=2, inside=True)
        return figure

    rows = []
    for rung, title in rungs.items():
        same = result.share(f"identical_share.{rung}")
        step, gap = (result.quantity(f"{family}.{rung}") for family in ("first_step_apart", "gap"))
        apart = "never" if step is None else f"step {step:g}"
        rows.append((title, same.words, apart, number(gap)))
    return Figure(
        name="ladder",
        title="Two neurons' weights from nine kinds of start",
        caption="Incoming weights of both hidden neurons in network 0 from each start. Where the dashed line runs on "
        "top of the solid one, the two neurons are the same.",
        table=Table(("start", "networks with identical neurons", "first apart", "gap at the end, median"), tuple(rows)),
        draw=draw,
    )


def identical_figure(result: Result, rungs: Mapping[str, str]) -> Figure:
    """Return the share of networks on each rung whose two neurons end identical."""
    return shares_figure(
        "identical",
        "Networks whose two neurons end identical, to the last bit",
        "The bar is the 95 % interval. Starts without anything random in them are trained once.",
        [(title, result.share(f"identical_share.{rung}")) for rung, title in rungs.items()],
        "start",
    )


def rung_wall_figure(result: Result, data: Dataset, rungs: Mapping[str, str]) -> Figure:
    """Return the first networks of each rung as small maps."""
    network = result.cohorts["glorot"].network
    groups, rows, shown = [], [], np.empty((network.size, 0), np.float32)
    for rung, title in rungs.items():
        cohort = result.cohorts[rung]
        if cohort.network.activation == "relu":
            rows.append((title, number(result.quantity(f"accuracy.{rung}"), ".0%")))
            first = shown.shape[1]
            shown = np.concatenate((shown, cohort.parameters[:, :ROW]), axis=1)
            groups.append(Group(f"{title}: {rows[-1][1]} right", range(first, shown.shape[1])))
    return Figure(
        name="wall",
        title="What the networks from each start can do",
        caption=f"Up to {ROW} trained ReLU networks from each start, with the median accuracy of all. Identical "
        "neurons are not idle: they act as one, and one neuron can put the blobs in order along a line.",
        table=Table(("start", "accuracy, median"), tuple(rows)),
        draw=lambda palette: draw_wall(palette, network, shown, data, palette.classes, groups),
    )
