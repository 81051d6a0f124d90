"""What four activations make of the plane, and how soon the networks get there."""

from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from models.experiment import Result
from models.figures import Figure, Table
from models.figures.boundaries import Window, draw_points, regions, tinted
from models.figures.charts import legend, log_steps
from models.figures.style import DASHES, WIDTH, Palette, bare, canvas
from models.figures.sweeps import share_axis
from models.labs import ACTIVATIONS
from models.plans import Cohort
from models.readings import accuracy, over_steps, success

DATA = {"blobs": "four blobs", "xor": "XOR"}
LINES: dict[str, Any] = dict(zip(ACTIVATIONS, (*DASHES, (0, (6, 1.5, 1.2, 1.5))), strict=True))
CELLS = 72  # of a map, across and down


def maps_figure(result: Result) -> Figure:
    """Return one network for each activation and data set: the first of those that get the most examples right."""
    shown = {
        (name, activation): (cohort, int(accuracy(cohort).argmax()))
        for name in DATA
        for activation in ACTIVATIONS
        for cohort in (result.cohorts[f"{name}.{activation}"],)
    }
    said = {
        which: f"{accuracy(cohort)[member]:.0%}" if _decided(cohort, member, cohort.data.x).any() else "unsure"
        for which, (cohort, member) in shown.items()
    }

    def draw(palette: Palette) -> Canvas:
        across, down, headings = 0.235, 0.235 * WIDTH, 0.5
        height = 2 * (down + headings)
        figure = canvas(height)
        figure.set_layout_engine("none")  # the panels have fixed places, which takes half the time of a solved layout
        for row, (name, title) in enumerate(DATA.items()):
            top = height - row * (down + headings)
            figure.text(0.005, (top - 0.13) / height, title, fontsize=10, va="center", color=palette.ink)
            for column, activation in enumerate(ACTIVATIONS):
                place = (0.005 + column * 0.252, (top - headings + 0.02 - down) / height, across, down / height)
                axes = figure.add_axes(place)
                _draw_panel(axes, palette, *shown[name, activation])
                axes.set_title(f"{ACTIVATIONS[activation]}: {said[name, activation]}", fontsize=9.5, pad=3)
        return figure

    rows = tuple(
        (DATA[name], ACTIVATIONS[activation], str(member), said[name, activation])
        for (name, activation), (_, member) in shown.items()
    )
    return Figure(
        name="maps",
        title="What each activation makes of the plane",
        caption="The network of each kind that gets the most examples right, with its share. Colours are its answers, "
        "grey lines are where the sum in a hidden neuron is 0. Linear neurons can only give straight borders, and no "
        "straight border parts the corners of XOR. Places without colour are those where a network is unsure: its "
        "output is 0 there, or nearly.",
        alternative="The best network of each kind, with its share of examples right. "
        + "; ".join(f"{title}, {activation}: {share}" for title, activation, _, share in rows)
        + ".",
        table=Table(("data", "activation", "network", "examples right"), rows),
        draw=draw,
    )


def _decided(cohort: Cohort, member: int, x: npt.NDArray[np.floating]) -> npt.NDArray[np.bool_]:
    """Say where (rows,) a network answers: an output nearer to 0 than the margin of its lab is no answer."""
    outputs = cohort.network.forward(cohort.parameters[:, member : member + 1], x)[-1][:, :, 0]
    return np.asarray(~(np.abs(outputs) < cohort.lab.margin).all(axis=1))


def _draw_panel(axes: Axes, palette: Palette, cohort: Cohort, member: int) -> None:
    """Draw one network's answers, the examples, and the lines on which its hidden neurons are at 0."""
    few = len(cohort.data.x) == 4
    window = Window.around(cohort.data, 0.3 if few else 0.09)
    parameters = cohort.parameters[:, member]
    picture = tinted(regions(cohort.network, parameters[:, None], window, CELLS, CELLS)[..., 0], palette.classes)
    picture[~_decided(cohort, member, window.grid(CELLS, CELLS)).reshape(CELLS, CELLS), 3] = 0
    window.fill(axes, picture)
    for _, ends in window.segments(*cohort.network.unpack(parameters)[0]):
        axes.plot(*ends.T, color=palette.muted, linewidth=0.9, zorder=1)
    draw_points(axes, palette, cohort.data, palette.classes, size=36 if few else 7)
    bare(axes)


def speed_figure(result: Result) -> Figure:
    """Return the share of the recorded networks that succeed at each step."""
    successes = {name: over_steps(success)(cohort) for name, cohort in result.cohorts.items()}  # (steps, networks)
    recorded = successes["xor.relu"].shape[1]

    def draw(palette: Palette) -> Canvas:
        figure = canvas(4.3)
        for axes, (name, title) in zip(figure.subplots(2, 1), DATA.items(), strict=True):
            steps = result.cohorts[f"{name}.relu"].history.steps
            for place, (activation, words) in enumerate(ACTIVATIONS.items()):
                axes.plot(
                    steps,
                    successes[f"{name}.{activation}"].mean(axis=1),
                    color=palette.classes[place],
                    linestyle=LINES[activation],
                    linewidth=2,
                    label=words,
                )
            axes.set_title(title)
            share_axis(axes)
            log_steps(axes, steps)
        axes.set_xlabel("training step")
        legend(figure, columns=4, handlelength=2.4)
        return figure

    rows = []
    for name, title in DATA.items():
        for activation, words in ACTIVATIONS.items():
            share = result.share(f"success.{name}.{activation}")
            step = result.quantity(f"steps_needed.{name}.{activation}")
            first = "never" if step is None else f"{step:,.0f}"
            rows.append((title, words, share.words, share.interval, first))
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
