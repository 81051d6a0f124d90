"""What four activations make of the plane, and how soon the networks get there."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import PercentFormatter

from models.datasets import Dataset
from models.ensemble import Trained
from models.experiment import Result
from models.figures import Figure, Table
from models.figures.boundaries import Window, draw_points, regions, tinted
from models.figures.charts import log_steps
from models.figures.style import DASHES, WIDTH, Palette, bare, canvas
from models.success import MARGIN

NAMES = {"linear": "linear", "relu": "ReLU", "sigmoid": "sigmoid", "tanh": "tanh"}
DATA = {"blobs": "four blobs", "xor": "XOR"}
LINES: dict[str, Any] = dict(zip(NAMES, (*DASHES, (0, (6, 1.5, 1.2, 1.5))), strict=True))
CELLS = 72  # of a map, across and down


def maps_figure(
    result: Result, data: Mapping[str, Dataset], accuracy: Mapping[str, npt.NDArray[np.floating]]
) -> Figure:
    """Return one network for each activation and data set: the first of those that get the most examples right.

    ``accuracy`` holds the accuracy (networks,) of each cohort.
    """
    shown = {cohort: int(each.argmax()) for cohort, each in accuracy.items()}
    told = {
        cohort: "unsure"
        if not _decided(result.cohorts[cohort], member, data[cohort.partition(".")[0]].x).any()
        else f"{accuracy[cohort][member]:.0%}"
        for cohort, member in shown.items()
    }

    def draw(palette: Palette) -> Canvas:
        across, down, headings = 0.235, 0.235 * WIDTH, 0.5
        height = 2 * (down + headings)
        figure = canvas(height)
        figure.set_layout_engine("none")  # the panels have fixed places, which takes half the time of a solved layout
        for row, (name, title) in enumerate(DATA.items()):
            top = height - row * (down + headings)
            figure.text(0.005, (top - 0.13) / height, title, fontsize=10, va="center", color=palette.ink)
            for column, activation in enumerate(NAMES):
                place = (0.005 + column * 0.252, (top - headings + 0.02 - down) / height, across, down / height)
                axes = figure.add_axes(place)
                cohort = f"{name}.{activation}"
                _draw_panel(axes, palette, result.cohorts[cohort], shown[cohort], data[name])
                axes.set_title(f"{NAMES[activation]}: {told[cohort]}", fontsize=9.5, pad=3)
        return figure

    rows = [
        (DATA[name], NAMES[activation], str(shown[cohort]), told[cohort])
        for name in DATA
        for activation in NAMES
        for cohort in (f"{name}.{activation}",)
    ]
    return Figure(
        name="maps",
        title="What each activation makes of the plane",
        caption="The network of each kind that gets the most examples right, with its share. Colours are its answers, "
        "grey lines are where the sum in a hidden neuron is 0. Linear neurons can only give straight borders, and no "
        "straight border parts the corners of XOR. Places without colour are those where a network is unsure: its "
        "output is 0 there, or nearly.",
        alternative="The best network of each kind. "
        + "; ".join(
            f"{title}, {activation}: {share}{'' if share == 'unsure' else ' right'}"
            for title, activation, _, share in rows
        )
        + ".",
        table=Table(("data", "activation", "network", "examples right"), tuple(rows)),
        draw=draw,
    )


def _decided(trained: Trained, member: int, x: npt.NDArray[np.floating]) -> npt.NDArray[np.bool_]:
    """Say where (rows,) a network answers: a single output nearer to 0 than `MARGIN` is no answer."""
    outputs = trained.network.forward(trained.parameters[:, member : member + 1], x)[-1][:, :, 0]
    return np.asarray(~(np.abs(outputs) < MARGIN).all(axis=1) | (outputs.shape[1] > 1))


def _draw_panel(axes: Axes, palette: Palette, trained: Trained, member: int, data: Dataset) -> None:
    """Draw one network's answers, the examples, and the lines on which its hidden neurons are at 0."""
    colours = palette.classes
    window = Window.around(data, 0.3 if len(data.x) == 4 else 0.09)
    parameters = trained.parameters[:, member]
    picture = tinted(regions(trained.network, parameters[:, None], window, CELLS, CELLS)[..., 0], colours)
    picture[~_decided(trained, member, window.grid(CELLS, CELLS)).reshape(CELLS, CELLS), 3] = 0
    axes.imshow(picture, extent=window.extent, interpolation="none", aspect="auto", zorder=0)
    kernel, bias = trained.network.unpack(parameters)[0]
    for neuron in range(kernel.shape[1]):
        ends = window.segment(kernel[:, neuron], float(bias[neuron]))
        if ends is not None:
            axes.plot(*ends.T, color=palette.muted, linewidth=0.9, zorder=1)
    draw_points(axes, palette, data, colours, size=36 if len(data.x) == 4 else 7)
    axes.set_xlim(window.left, window.right)
    axes.set_ylim(window.bottom, window.top)
    bare(axes)


def speed_figure(result: Result, successes: Mapping[str, npt.NDArray[np.bool_]]) -> Figure:
    """Return the share of the recorded networks that succeed at each step.

    ``successes`` holds for each cohort who succeeds at each recorded step (steps, networks).
    """
    recorded = next(iter(successes.values())).shape[1]

    def draw(palette: Palette) -> Canvas:
        figure = canvas(4.3)
        for axes, (name, title) in zip(figure.subplots(2, 1), DATA.items(), strict=True):
            for place, activation in enumerate(NAMES):
                cohort = f"{name}.{activation}"
                axes.plot(
                    *(result.cohorts[cohort].history.steps, successes[cohort].mean(axis=1)),
                    color=palette.classes[place],
                    linestyle=LINES[activation],
                    linewidth=2,
                    label=NAMES[activation],
                )
            axes.grid(axis="y")
            axes.set_title(title)
            axes.set_ylim(-0.04, 1.04)
            axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
            axes.set_yticks([0, 0.5, 1])
            log_steps(axes, result.cohorts[f"{name}.relu"].history.steps)
        axes.set_xlabel("training step")
        handles, labels = axes.get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside upper left", ncols=4, columnspacing=1.2, handlelength=2.4)
        return figure

    rows = []
    for name, title in DATA.items():
        for activation, spoken in NAMES.items():
            share: Any = result.findings[f"success.{name}.{activation}"]
            step = result.findings[f"steps_needed.{name}.{activation}"].value
            rows.append(
                (
                    *(title, spoken, f"{share.count} of {share.of}", f"{share.low:.1%} to {share.high:.1%}"),
                    "never" if step is None else f"{step:,.0f}",
                )
            )
    return Figure(
        name="speed",
        title="How many networks succeed, and how soon",
        caption=f"The share of {recorded} networks of each kind that get the examples right at each step: 99 % of the "
        "points of the blobs, all four corners of XOR.",
        alternative="Networks that succeed in the end. "
        + "; ".join(f"{title}, {activation}: {count}" for title, activation, count, _, _ in rows)
        + ".",
        table=Table(("data", "activation", "succeed", "95 % interval", "first at step, median"), tuple(rows)),
        draw=draw,
    )
