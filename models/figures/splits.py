"""What the blobs networks learned: one map, all networks by their splits, and the error of every pair of splits."""

from collections import Counter
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import FuncFormatter, MaxNLocator, PercentFormatter

from models.experiment import Result
from models.figures import Figure, Table
from models.figures.boundaries import Group, draw_map, draw_wall
from models.figures.charts import legend, share_table
from models.figures.style import Palette, canvas
from models.plans import Cohort
from models.readings import accuracy, active_sides, patterns, success
from models.splits import blobs_in_words, listed

WALL = 64  # networks on a wall, so that each stays large enough to be read
FREQUENT = 6  # pairs of splits that get a group of their own
NAMED = 5  # pairs of splits that are named beside their dots
PLACES: dict[str, Any] = {  # of a name beside its dot
    "right": {"xytext": (7, 3)},
    "left": {"xytext": (-7, 3), "ha": "right"},
    "above": {"xytext": (0, 8), "ha": "center"},
    "below": {"xytext": (0, -15), "ha": "center"},
}


def split_map_figure(cohort: Cohort) -> Figure:
    """Return the map of the first network that succeeds, so that runs that are compared show the same one."""
    shown = int(success(cohort).argmax())
    network, parameters = cohort.network, cohort.parameters[:, shown]
    sides = [blobs_in_words(side) for side in active_sides(cohort)[:, shown].tolist()]
    kernel, bias = network.unpack(parameters)[0]

    def draw(palette: Palette) -> Canvas:
        figure = canvas(3.5)
        axes = figure.add_subplot()
        draw_map(axes, palette, network, parameters, cohort.data, palette.classes)
        legend(figure, columns=4, handletextpad=0.1)
        return figure

    said = " and ".join(f"neuron {neuron + 1} is active for {side}" for neuron, side in enumerate(sides))
    return Figure(
        name="map",
        title=f"Network {shown}: two lines, four classes",
        caption="Each line is where one hidden neuron begins to fire; its arrow points to the side on which it is "
        "active. The tint shows the class that the whole network gives.",
        alternative=f"Map of network {shown} of this run, which gets {accuracy(cohort)[shown]:.0%} of the points "
        f"right: {said}.",
        table=Table(
            ("neuron", "active for", "weight of x₁", "weight of x₂", "bias"),
            tuple(
                (str(neuron + 1), side, *(f"{value:.3f}" for value in (*kernel[:, neuron], bias[neuron])))
                for neuron, side in enumerate(sides)
            ),
        ),
        draw=draw,
    )


def split_wall_figure(result: Result) -> Figure:
    """Return the wall of networks, grouped by the splits that their neurons found, the most frequent first."""
    cohort = result.cohorts["main"]
    found, right = patterns(cohort)[:WALL], success(cohort)[:WALL]
    counts = Counter(found.tolist()).most_common()
    frequent = [name for name, count in counts if count > 1][:FREQUENT]

    def group(title: str, members: npt.NDArray[np.intp]) -> Group:
        title = f"{title}: {members.size} networks, {int(right[members].sum())} converged"
        return Group(title, members.tolist(), members[~right[members]].tolist())

    groups = [group(f"active for {_pair(name)}", np.flatnonzero(found == name)) for name in frequent]
    groups.append(group("other pairs", np.flatnonzero(~np.isin(found, frequent))))
    shares = [
        (_pair(name.removeprefix("pattern.")), result.share(name))
        for name in result.findings
        if name.startswith("pattern.")
    ]
    rows = sorted((row for row in shares if row[1].count), key=lambda row: -row[1].count)
    most = "; ".join(f"{_pair(name)}: {count}" for name, count in counts[:6])
    return Figure(
        name="wall",
        title=f"{found.size} networks by the pair of splits they found",
        caption="Every little map is one trained network, from its own random start. Each group is named by the blobs "
        "for which one of its neurons is active | those for which the other one is. A frame marks a network that did "
        "not converge.",
        alternative=f"{found.size} small maps of trained networks, grouped by the blobs for which their two neurons "
        f"are active, one | the other. Networks in the largest groups: {most}.",
        table=share_table(rows, "one neuron active for blobs | the other"),
        draw=lambda palette: draw_wall(
            palette, cohort.network, cohort.parameters, cohort.data, palette.classes, groups, FREQUENT + 1
        ),
    )


def _pair(name: str) -> str:
    """Say for which blobs one neuron is active, and for which the other: "0 and 2 | for 2 and 3"."""
    return " | for ".join(listed(side) for side in name.split("|"))


def pairs_figure(result: Result) -> Figure:
    """Return how often random starts end at each pair of splits, against that pair's error when it is held fixed."""
    names = [name.removeprefix("frozen_loss.") for name in result.findings if name.startswith("frozen_loss.")]
    frozen = result.cohorts["frozen"]
    losses, fits = frozen.loss, success(frozen)
    counts = np.array([result.share(f"pattern.{name}").count for name in names])
    shares = counts / result.networks

    def draw(palette: Palette) -> Canvas:
        figure = canvas(3.7)
        axes = figure.add_subplot()
        axes.grid(axis="y")
        axes.set_axisbelow(True)
        axes.axhline(0, color=palette.grid, linewidth=1)
        for mask, colour, filled, label in (
            (fits, palette.neurons[0], True, "held fixed, gets 99 % right"),
            (~fits, palette.neurons[1], False, "gets less right"),
        ):
            axes.plot(
                losses[mask],
                shares[mask],
                "o",
                color=colour,
                markerfacecolor=colour if filled else "none",
                markersize=6,
                markeredgewidth=1.3,
                clip_on=False,
                label=label,
            )
        named = [at for at in np.argsort(-shares, kind="stable")[:NAMED] if counts[at]]
        for at, side in zip(named, _label_sides(losses[named], shares[named]), strict=True):
            axes.annotate(
                " | ".join(", ".join(side) for side in names[at].split("|")),
                (losses[at], shares[at]),
                textcoords="offset points",
                fontsize=9,
                **PLACES[side],
            )
        axes.set_xscale("log")
        axes.set_xticks(
            [tick for tick in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2) if losses.min() / 2 < tick < losses.max() * 2]
        )
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axes.minorticks_off()
        axes.tick_params(axis="x", pad=7)
        axes.set_xlabel("error left when the two lines are held fixed (cross-entropy)")
        axes.set_ylabel("networks that end there")
        axes.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
        axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
        axes.set_ylim(bottom=0)
        legend(figure, columns=2, handletextpad=0.2)
        return figure

    best = _pair(names[int(losses.argmin())])
    reached = (
        f"most ({shares.max():.0%}) end at {_pair(names[int(counts.argmax())])}" if counts.any() else "none end here"
    )
    return Figure(
        name="pairs",
        title="Many pairs of lines would do; random starts prefer some",
        caption="Every dot is a pair of lines that could be drawn: 0, 2 | 2, 3 where one neuron is active for blobs 0 "
        "and 2, the other for blobs 2 and 3. If networks simply went where the error is smallest, only the dots on the "
        "far left would be above zero. A trained network also shifts and stretches its lines, and so does better than "
        "the same pair held fixed.",
        alternative=f"Of {len(names)} pairs of lines, {int(fits.sum())} can classify 99 % of the points when they are "
        f"held fixed. The smallest error has {best}, where {shares[losses.argmin()]:.0%} of the networks end; "
        f"{reached}.",
        table=Table(
            (
                "one neuron active for blobs | the other",
                "error, lines fixed",
                "accuracy, lines fixed",
                "networks that end there",
            ),
            tuple(
                (
                    _pair(names[at]),
                    f"{losses[at]:.4f}",
                    f"{accuracy(frozen)[at]:.0%}",
                    f"{counts[at]} of {result.networks}",
                )
                for at in np.argsort(losses)
            ),
        ),
        draw=draw,
    )


def _label_sides(losses: npt.NDArray[np.floating], shares: npt.NDArray[np.floating]) -> list[str]:
    """Return the side of its dot on which each name stands, so that the names of close dots do not overlap."""
    across, up = np.log(losses), shares / max(shares.max(initial=0), 1e-9)
    sides = []
    for at in range(len(losses)):
        close = np.flatnonzero((np.abs(across - across[at]) < 0.7) & (np.abs(up - up[at]) < 0.07))
        place = close[np.argsort(across[close], kind="stable")].tolist().index(at)
        if place == close.size - 1:
            sides.append("right")
        else:
            sides.append("left" if place == 0 else ("below", "above")[place % 2])
    return sides
