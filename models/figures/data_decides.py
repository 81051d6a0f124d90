"""Lines that follow the data: all networks' lines at every stop of the walk, and how often each split is learned."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import PercentFormatter

from models.datasets import Dataset
from models.ensemble import Trained
from models.experiment import Result
from models.figures import Figure, Table
from models.figures.boundaries import Window, draw_points
from models.figures.style import DASHES, Palette, bare, canvas

COLOURS = {"01": 0, "02": 1, "03": 2}  # each split's colour among those of the neurons
SHOWN = 48  # networks at each stop: more lines would run together


@dataclass(frozen=True, eq=False)
class Stop:
    """One place of the walk: the data, the networks trained on it, and the splits that a line can make there."""

    title: str
    data: Dataset
    trained: Trained
    possible: tuple[str, ...]


def stops_figure(stops: Sequence[Stop], learned: Sequence[npt.NDArray[np.str_]]) -> Figure:
    """Return the lines of all networks at every stop; ``learned`` (units, networks) names each neuron's split."""
    low, high = (pick([pick(stop.data.x, axis=0) for stop in stops], axis=0).tolist() for pick in (np.min, np.max))
    window = Window(low[0] - 0.7, high[0] + 0.7, low[1] - 0.7, high[1] + 0.7)
    shown = min(learned[0].shape[1], SHOWN)

    def draw(palette: Palette) -> Canvas:
        figure = canvas(6.3)
        panels = figure.subplots(3, 2, sharex=True, sharey=True)
        for axes, stop, splits in zip(panels.flat, stops, learned, strict=True):
            lines: dict[str, list[Any]] = {split: [] for split in [*COLOURS, "other"]}
            kernel, bias = stop.trained.network.unpack(stop.trained.parameters)[0]
            for unit, network in np.ndindex(splits.shape[0], shown):
                ends = window.segment(kernel[:, unit, network], float(bias[unit, network]))
                if ends is not None:
                    split = str(splits[unit, network])
                    lines[split if split in COLOURS else "other"] += [*ends, (np.nan, np.nan)]  # lifts the pen
            for split, found in lines.items():
                known = split in COLOURS
                if found:
                    axes.plot(
                        *np.array(found).T,
                        color=palette.neurons[COLOURS[split]] if known else palette.muted,
                        linestyle=DASHES[COLOURS[split]] if known else "solid",
                        linewidth=0.8 if known else 0.5,
                        alpha=0.5 if known else 0.35,
                        zorder=1,
                    )
            draw_points(axes, palette, stop.data, palette.classes, size=7)
            axes.set_xlim(window.left, window.right)
            axes.set_ylim(window.bottom, window.top)
            axes.set_title(stop.title, fontsize=9.5)
            bare(axes)
        handles = [
            figure.axes[0].plot([], [], color=palette.neurons[at], linestyle=DASHES[at], linewidth=2)[0]
            for at in COLOURS.values()
        ]
        handles.append(figure.axes[0].plot([], [], color=palette.muted, linewidth=1)[0])
        names = [*(f"{split} from {_rest(split)}" for split in COLOURS), "other"]
        figure.legend(handles, names, loc="outside upper left", ncols=4, columnspacing=1, handlelength=1.6)
        return figure

    rows = [
        (
            stop.title,
            " and ".join(stop.possible),
            *(str(int((splits[:, :shown] == split).any(axis=0).sum())) for split in COLOURS),
        )
        for stop, splits in zip(stops, learned, strict=True)
    ]
    said = "; ".join(f"{title}: 01 in {one}, 02 in {two}, 03 in {three}" for title, _, one, two, three in rows)
    return Figure(
        name="stops",
        title="The lines follow the blobs",
        caption=f"Every thin line is one hidden neuron of one of {shown} networks, coloured and dashed by how it "
        "splits the blobs. The starts are the same in all six pictures; blob 2 (triangles) and blob 3 (diamonds) walk "
        "around each other. In the last picture the points are those of the first, but only left or right is asked.",
        alternative=f"Networks of {shown} in which a neuron makes each two-and-two split. {said}.",
        table=Table(("stop", "a line can part", "part 01 from 23", "part 02 from 13", "part 03 from 12"), tuple(rows)),
        draw=draw,
    )


def _rest(split: str) -> str:
    return "".join(blob for blob in "0123" if blob not in split)


def walk_figure(
    result: Result, turns: Sequence[int], splits: Sequence[str], possible: Mapping[int, tuple[str, ...]]
) -> Figure:
    """Return the share of networks that learn each split at each stop, and where no line can make it."""
    shares: dict[str, list[Any]] = {
        split: [result.findings[f"split_share.{turn}.{split}"] for turn in turns] for split in splits
    }

    def draw(palette: Palette) -> Canvas:
        figure = canvas(3.3)
        axes = figure.add_subplot()
        axes.grid(axis="y")
        axes.set_axisbelow(True)
        for split, found in shares.items():
            colour, dash = palette.neurons[COLOURS[split]], DASHES[COLOURS[split]]
            values = [share.value for share in found]
            axes.fill_between(
                *(turns, [share.low for share in found], [share.high for share in found]),
                color=colour,
                alpha=0.16,
                linewidth=0,
            )
            axes.plot(turns, values, color=colour, linestyle=dash, linewidth=2.2, label=f"{split} from {_rest(split)}")
            for turn, value in zip(turns, values, strict=True):
                can = split in possible[turn]
                axes.plot(
                    *([turn], [value], "o" if can else "X"),
                    color=colour,
                    markersize=6 if can else 8,
                    markeredgecolor=palette.paper,
                    clip_on=False,
                    zorder=4,
                )
        axes.set_xticks(turns, [f"{turn}°" for turn in turns])
        axes.tick_params(axis="x", pad=7)
        axes.set_xlabel("blobs 2 and 3, turned around each other by")
        axes.set_ylabel("networks with such a line")
        axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        axes.set_ylim(0, 1)
        axes.set_xlim(turns[0] - 4, turns[-1] + 4)
        figure.legend(loc="outside upper left", ncols=3, columnspacing=1.2)
        return figure

    said = "; ".join(
        f"turned by {turn} degrees: " + ", ".join(f"{split} in {shares[split][at].value:.0%}" for split in splits)
        for at, turn in enumerate(turns)
    )
    return Figure(
        name="walk",
        title="A split goes, another comes",
        caption="Share of the networks in which a neuron makes the split, with 95 % intervals. A cross marks a stop "
        "at which no straight line can make it.",
        alternative=f"Networks that learn each split, by how far blobs 2 and 3 have walked. {said}.",
        table=Table(
            ("turned by", "a line can part", *(f"{split} from {_rest(split)}" for split in splits)),
            tuple(
                (
                    *(f"{turn}°", " and ".join(possible[turn])),
                    *(f"{shares[split][at].count} of {shares[split][at].of}" for split in splits),
                )
                for at, turn in enumerate(turns)
            ),
        ),
        draw=draw,
    )
