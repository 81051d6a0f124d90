"""The symmetry ladder: two neurons' weights over training, who stays identical, and what the networks can do."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure as Canvas

from models.datasets import Dataset
from models.experiment import Result
from models.figures import Figure, Table
from models.figures.boundaries import Group, draw_wall
from models.figures.charts import draw_shares, log_steps, share_table
from models.figures.style import DASHES, Palette, canvas
from models.findings import Share

ROW = 8  # networks of each rung on the wall


@dataclass(frozen=True)
class Rung:
    """One way to start, and its name in words."""

    name: str
    title: str


def ladder_figure(result: Result, rungs: Sequence[Rung]) -> Figure:
    """Return both neurons' incoming weights over training in network 0, one panel for each rung."""

    def draw(palette: Palette) -> Canvas:
        height = 0.9 + 1.05 * len(rungs)
        figure = canvas(height)
        figure.set_layout_engine("none")  # nine panels at fixed places take half the time of a solved layout
        places = {"left": 0.09, "right": 0.99, "bottom": 0.5 / height, "top": 1 - 0.62 / height, "hspace": 0.55}
        panels = figure.subplots(len(rungs), 1, sharex=True, gridspec_kw=places)
        for axes, rung in zip(panels, rungs, strict=True):
            trained = result.cohorts[rung.name]
            history = trained.history
            weights = history.parameters[:, trained.network.layers[0].kernel, 0].reshape(len(history.steps), 2, 2)
            for neuron in range(2):
                for feature in range(2):
                    axes.plot(
                        *(history.steps, weights[:, feature, neuron]),
                        color=palette.neurons[neuron],
                        linestyle=DASHES[neuron],
                        linewidth=(3.4, 1.6)[neuron],
                        label=f"neuron {neuron + 1}" if feature == 0 else None,
                    )
            axes.axhline(0, color=palette.grid, linewidth=0.8, zorder=0)
            axes.set_title(rung.title, fontsize=9.5)
            low, high = axes.get_ylim()
            middle, half = (low + high) / 2, max((high - low) / 2, 0.6)
            axes.set_ylim(middle - half, middle + half)
            axes.locator_params(axis="y", nbins=3)
        log_steps(panels[-1], history.steps)
        panels[-1].set_xlabel("training step")
        handles, labels = panels[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="upper left", ncols=2)
        return figure

    rows = []
    for rung in rungs:
        same = result.findings[f"identical_share.{rung.name}"]
        step, gap = (result.findings[f"{family}.{rung.name}"].value for family in ("first_step_apart", "gap"))
        identical = f"{same.count} of {same.of}" if isinstance(same, Share) else ""
        apart = "never" if step is None else f"step {step:g}"
        rows.append((rung.title, identical, apart, "none" if gap is None else f"{gap:.3g}"))
    return Figure(
        name="ladder",
        title="Two neurons' weights from nine kinds of start",
        caption="Incoming weights of both hidden neurons in network 0 of each rung. Where the dashed line runs on top "
        "of the solid one, the two neurons are the same.",
        alternative="Whether two neurons part, by their start. "
        + "; ".join(
            f"{title}: identical in {same} networks" + ("" if apart == "never" else f", apart from {apart} on")
            for title, same, apart, _ in rows
        )
        + ".",
        table=Table(("start", "networks with identical neurons", "first apart", "gap at the end, median"), tuple(rows)),
        draw=draw,
    )


def identical_figure(result: Result, rungs: Sequence[Rung]) -> Figure:
    """Return the share of networks on each rung whose two neurons end identical."""
    rows = [(rung.title, result.findings[f"identical_share.{rung.name}"]) for rung in rungs]
    counted = "; ".join(f"{title}: {each.count} of {each.of}" for title, each in rows if isinstance(each, Share))
    return Figure(
        name="identical",
        title="Networks whose two neurons end identical, to the last bit",
        caption="The bar is the 95 % interval. Starts without anything random in them are trained once.",
        alternative=f"Networks whose two neurons end identical. {counted}.",
        table=share_table(rows, "start"),
        draw=lambda palette: draw_shares(palette, rows),
    )


def rung_wall_figure(result: Result, data: Dataset, rungs: Sequence[Rung]) -> Figure:
    """Return the first networks of each rung as small maps."""
    shown = [(rung, result.cohorts[rung.name]) for rung in rungs if rung.name != "zero_incoming_tanh"]
    network = shown[0][1].network
    parameters = np.concatenate([trained.parameters[:, :ROW] for _, trained in shown], axis=1)
    groups, rows, at = [], [], 0
    for rung, trained in shown:
        size = min(trained.loss.size, ROW)
        accuracy = result.findings[f"accuracy.{rung.name}"].value
        median = "none" if accuracy is None else f"{accuracy:.0%}"
        groups.append(Group(f"{rung.title}: {median} right", range(at, at + size)))
        rows.append((rung.title, median))
        at += size
    return Figure(
        name="wall",
        title="What the networks of each rung can do",
        caption=f"Up to {ROW} trained ReLU networks of each rung, with the median accuracy of all. Identical neurons "
        "are not idle: they act as one, and one neuron can put the blobs in order along a line.",
        alternative="Median accuracy by start. " + "; ".join(f"{title}: {median}" for title, median in rows) + ".",
        table=Table(("start", "accuracy, median"), tuple(rows)),
        draw=lambda palette: draw_wall(palette, network, parameters, data, palette.classes, groups),
    )
