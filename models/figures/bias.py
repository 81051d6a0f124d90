"""What becomes of two neurons' lines from starts with zero and with random biases, and how many networks succeed."""

from collections.abc import Mapping

import numpy as np

from models.datasets import Dataset
from models.experiment import Result
from models.figures import Figure, Table
from models.figures.boundaries import Group, draw_wall
from models.figures.charts import shares_figure

FRAMES = 8
FILMS = ("zero_biases", "biases_held", "constant_random_outputs", "constant_random", "zero_weights_random")


def films_figure(result: Result, data: Dataset, starts: Mapping[str, str]) -> Figure:
    """Return network 0 at eight moments of its training, one row for each of five starts."""
    cohorts = [result.cohorts[name] for name in FILMS]
    network, steps = cohorts[0].network, cohorts[0].history.steps
    chosen = _moments(steps.size)
    frames = np.concatenate([cohort.history.parameters[chosen, :, 0].T for cohort in cohorts], axis=1)  # (P, frames)
    accuracy = network.accuracy(frames, data.x, data.labels).reshape(len(FILMS), -1)
    groups = [Group(starts[name], range(at * len(chosen), (at + 1) * len(chosen))) for at, name in enumerate(FILMS)]
    rows = tuple(
        (starts[name], *(f"{share:.0%}" for share in shares)) for name, shares in zip(FILMS, accuracy, strict=True)
    )
    moments = [f"{step:,}" for step in steps[chosen]]
    looks = "Neuron 1 is drawn solid, neuron 2 dashed"
    return Figure(
        name="films",
        title="Two neurons' lines on their way",
        caption=f"Network 0 from five starts, before training and after {', '.join(moments[1:-1])} and {moments[-1]} "
        f"steps. {looks}: one line with both looks is two neurons at one place. A neuron without weights has no line."
        if len(moments) > 2
        else f"Network 0 from five starts, at steps {' and '.join(moments)}. {looks}.",
        alternative="Points that network 0 gets right, before and after training. "
        + "; ".join(f"{row[0]}: {row[1]}, then {row[-1]}" for row in rows)
        + ".",
        table=Table(("start", *(f"right at step {moment}" for moment in moments)), rows),
        draw=lambda palette: draw_wall(palette, network, frames, data, palette.classes, groups),
    )


def _moments(size: int) -> list[int]:
    """Return up to `FRAMES` places among ``size`` recorded steps: the first, and then evenly from a third on."""
    return sorted({0, *(round(place) for place in np.linspace(size // 3, size - 1, FRAMES - 1).tolist())})


def starts_figure(result: Result, starts: Mapping[str, str]) -> Figure:
    """Return the share of networks from each start that succeed."""
    same = {title: result.share(f"identical_share.{name}") for name, title in starts.items()}
    stay = [title for title, share in same.items() if share.count == share.of]
    return shares_figure(
        "starts",
        "Networks that get 99 % of the points right, by their start",
        "The bar is the 95 % interval. Two ReLU neurons, unless the row says otherwise. The two stayed identical in "
        f"every network from: {'; '.join(stay) or 'none of these starts'}.",
        [(title, result.share(f"success.{name}")) for name, title in starts.items()],
        "start",
    )
