"""What becomes of two neurons' lines from starts with zero and with random biases, and how many networks succeed."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure as Canvas

from models.datasets import Dataset
from models.experiment import Result
from models.figures import Figure, Table
from models.figures.boundaries import Group, draw_wall
from models.figures.charts import draw_shares, share_table
from models.figures.style import Palette
from models.figures.symmetry import Rung

FRAMES = 8
FILMS = ("zero_biases", "biases_held", "constant_random_outputs", "constant_random", "zero_weights_random")


def films_figure(result: Result, data: Dataset, starts: Sequence[Rung]) -> Figure:
    """Return network 0 at eight moments of its training, one row for each of five starts."""
    shown = [each for each in starts if each.name in FILMS]
    steps = result.cohorts[FILMS[0]].history.steps
    chosen = sorted({0, *_evenly(steps.size)})
    network = result.cohorts[FILMS[0]].network
    groups, frames, rows = [], [], []
    for at, each in enumerate(shown):
        history = result.cohorts[each.name].history
        frames.append(history.parameters[chosen, :, 0].T)  # (P, frames)
        groups.append(Group(each.title, range(at * len(chosen), (at + 1) * len(chosen))))
        accuracy = network.accuracy(frames[-1], data.x, data.labels)
        rows.append((each.title, *(f"{share:.0%}" for share in accuracy)))
    parameters = np.concatenate(frames, axis=1)
    moments = [f"{step:,}" for step in steps[chosen]]

    def draw(palette: Palette) -> Canvas:
        return draw_wall(palette, network, parameters, data, palette.classes, groups)

    return Figure(
        name="films",
        title="Two neurons' lines on their way",
        caption=f"Network 0 from five starts, before training and after {', '.join(moments[1:-1])} and {moments[-1]} "
        "steps. Neuron 1 is drawn solid, neuron 2 dashed: one line with both looks is two neurons at one place. A "
        "neuron without weights has no line."
        if len(moments) > 2
        else f"Network 0 from five starts, at steps {' and '.join(moments)}. Neuron 1 is drawn solid, neuron 2 dashed.",
        alternative="Points that network 0 gets right, before and after training. "
        + "; ".join(f"{title}: {first}, then {shares[-1] if shares else first}" for title, first, *shares in rows)
        + ".",
        table=Table(("start", *(f"right at step {moment}" for moment in moments)), tuple(rows)),
        draw=draw,
    )


def _evenly(size: int) -> list[int]:
    """Return up to `FRAMES` places among ``size`` recorded steps: the first, and then evenly from a third on."""
    return sorted({round(place) for place in np.linspace(size // 3, size - 1, FRAMES - 1).tolist()})


def starts_figure(result: Result, starts: Sequence[Rung]) -> Figure:
    """Return the share of networks from each start that succeed."""
    rows: list[tuple[str, Any]] = [(each.title, result.findings[f"success.{each.name}"]) for each in starts]
    same: list[Any] = [result.findings[f"identical_share.{each.name}"] for each in starts]
    stay = [each.title for each, share in zip(starts, same, strict=True) if share.count == share.of]
    counted = "; ".join(f"{title}: {share.count} of {share.of}" for title, share in rows)
    return Figure(
        name="starts",
        title="Networks that get 99 % of the points right, by their start",
        caption="The bar is the 95 % interval. Two ReLU neurons, unless the row says otherwise. The two stayed "
        f"identical in every network from: {'; '.join(stay) or 'none of these starts'}.",
        alternative=f"Networks that succeed. {counted}.",
        table=share_table(rows, "start"),
        draw=lambda palette: draw_shares(palette, rows),
    )
