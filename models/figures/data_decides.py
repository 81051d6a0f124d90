"""Lines that follow the data: all networks' lines at every stop of the walk, and how often each split is learned."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure as Canvas
from matplotlib.lines import Line2D
from matplotlib.ticker import PercentFormatter

from models.datasets import blobs
from models.experiment import Result
from models.figures import Figure, Table
from models.figures.boundaries import Window, draw_points
from models.figures.charts import legend
from models.figures.style import DASHES, Palette, bare, canvas
from models.plans import Cohort

NAMES = {"01": "01 from 23", "02": "02 from 13", "03": "03 from 12"}  # of the splits, in the order of their colours
SHOWN = 48  # networks at each stop: more lines would run together


def stops_figure(
    result: Result,
    titles: Mapping[str, str],
    possible: Mapping[str, Sequence[str]],
    splits: Callable[[Cohort], npt.NDArray[np.str_]],
) -> Figure:
    """Return the lines of all networks at every stop.

    ``titles`` and ``possible`` hold each stop's title and the splits that a line can make there; ``splits`` names those
    that the neurons of a cohort make (units, networks).
    """
    cohorts = {name: result.cohorts[name] for name in titles}
    learned = {name: splits(cohort)[:, :SHOWN] for name, cohort in cohorts.items()}
    points = {name: replace(blobs.load(), x=cohort.data.x) for name, cohort in cohorts.items()}
    everywhere = np.concatenate([data.x for data in points.values()])
    (left, bottom), (right, top) = everywhere.min(axis=0).tolist(), everywhere.max(axis=0).tolist()
    window = Window(left - 0.7, right + 0.7, bottom - 0.7, top + 0.7)

    def draw(palette: Palette) -> Canvas:
        looks: dict[str, dict[str, Any]] = {
            split: {"color": palette.neurons[at], "linestyle": DASHES[at], "linewidth": 0.8, "alpha": 0.5}
            for at, split in enumerate(NAMES)
        }
        looks["other"] = {"color": palette.muted, "linewidth": 0.5, "alpha": 0.35}
        figure = canvas(6.3)
        panels = figure.subplots(3, 2, sharex=True, sharey=True)
        for axes, (name, cohort) in zip(panels.flat, cohorts.items(), strict=True):
            lines: dict[str, list[Any]] = {split: [] for split in looks}
            kernel, bias = cohort.network.unpack(cohort.parameters)[0]
            for (unit, network), made in np.ndenumerate(learned[name]):
                ends = window.segment(kernel[:, unit, network], float(bias[unit, network]))
                if ends is not None:
                    lines[str(made) if made in NAMES else "other"] += [*ends, (np.nan, np.nan)]  # lifts the pen
            for split, found in lines.items():
                if found:
                    axes.plot(*np.array(found).T, **looks[split], zorder=1)
            draw_points(axes, palette, points[name], palette.classes, size=7)
            window.limit(axes)
            axes.set_title(titles[name], fontsize=9.5)
            bare(axes)
        drawn = zip([*NAMES.values(), "other"], looks.values(), strict=True)
        handles = {words: Line2D([], [], **{**look, "linewidth": 2, "alpha": 1}) for words, look in drawn}
        legend(figure, handles=handles, columns=4, columnspacing=1, handlelength=1.6)
        return figure

    counts = {name: [int((made == split).any(axis=0).sum()) for split in NAMES] for name, made in learned.items()}
    shown = min(result.networks, SHOWN)
    return Figure(
        name="stops",
        title="The lines follow the blobs",
        caption=f"Every thin line is one hidden neuron of one of {shown} networks, coloured and dashed by how it "
        "splits the blobs. The starts are the same in all six pictures; blob 2 (triangles) and blob 3 (diamonds) walk "
        "around each other. In the last picture the points are those of the first, but only left or right is asked.",
        alternative=f"Networks of {shown} in which a neuron makes each two-and-two split. "
        + "; ".join(
            f"{titles[name]}: {', '.join(f'{split} in {count}' for split, count in zip(NAMES, each, strict=True))}"
            for name, each in counts.items()
        )
        + ".",
        table=Table(
            ("stop", "a line can part", *(f"part {words}" for words in NAMES.values())),
            tuple((titles[name], " and ".join(possible[name]), *map(str, each)) for name, each in counts.items()),
        ),
        draw=draw,
    )


def walk_figure(result: Result, stops: Mapping[str, int], possible: Mapping[str, Sequence[str]]) -> Figure:
    """Return the share of networks that learn each split at each stop, and where no line can make it.

    ``stops`` holds by how many degrees the blobs are turned at each stop, and ``possible`` what a line can part there.
    """
    turns = list(stops.values())
    shares = {split: [result.share(f"split_share.{turn}.{split}") for turn in turns] for split in NAMES}

    def draw(palette: Palette) -> Canvas:
        figure = canvas(3.3)
        axes = figure.add_subplot()
        axes.grid(axis="y")
        axes.set_axisbelow(True)
        for colour, dash, (split, found) in zip(palette.neurons, DASHES, shares.items(), strict=True):
            low, value, high = np.array([(each.low, each.value, each.high) for each in found], float).T
            axes.fill_between(turns, low, high, color=colour, alpha=0.16, linewidth=0)
            axes.plot(turns, value, color=colour, linestyle=dash, linewidth=2.2, label=NAMES[split])
            for at, stop in enumerate(stops):
                can = split in possible[stop]
                axes.plot(
                    turns[at],
                    value[at],
                    "o" if can else "X",
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
        axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
        axes.set_ylim(0, 1)
        axes.set_xlim(turns[0] - 4, turns[-1] + 4)
        legend(figure, columns=3)
        return figure

    rows = [
        (f"{turn}°", " and ".join(possible[stop]), *(each[at].words for each in shares.values()))
        for at, (stop, turn) in enumerate(stops.items())
    ]
    return Figure(
        name="walk",
        title="A split goes, another comes",
        caption="Share of the networks in which a neuron makes the split, with 95 % intervals. A cross marks a stop "
        "at which no straight line can make it.",
        table=Table(("turned by", "a line can part", *NAMES.values()), tuple(rows)),
        draw=draw,
    )
