"""Which biases matter: successes, and the same starts with biases free and held."""

from collections.abc import Mapping

import numpy as np

from models.experiment import Result
from models.figures import Figure, Table
from models.figures.boundaries import Group, draw_wall
from models.figures.charts import shares_figure
from models.readings import accuracy, success

SHOWN = 8


def held_figure(result: Result, held: Mapping[str, str]) -> Figure:
    """Return the share of networks that succeed, by the biases that are held."""
    return shares_figure(
        "held",
        "Networks that get 99 % of the points right, by the biases that are held",
        "The bar is the 95 % interval. The same starts in each row. Where all outputs are equal, a network has no "
        "answer and is not counted as right.",
        [(words, result.share(f"success.{name}")) for name, words in held.items()],
        "biases",
    )


def maps_figure(result: Result, held: Mapping[str, str]) -> Figure:
    """Return the maps of the first networks, a row for each choice of biases that are held."""
    cohorts = [result.cohorts[name] for name in held]
    first, count = cohorts[0], min(SHOWN, cohorts[0].loss.size)
    parameters = np.concatenate([cohort.parameters[:, :count] for cohort in cohorts], axis=1)
    failed = ~np.concatenate([success(cohort)[:count] for cohort in cohorts])
    places = [range(at * count, (at + 1) * count) for at in range(len(cohorts))]
    groups = [
        Group(words, place, [at for at in place if failed[at]])
        for words, place in zip(held.values(), places, strict=True)
    ]
    shares = [[f"{share:.0%}" for share in accuracy(cohort)[:count]] for cohort in cohorts]
    return Figure(
        name="maps",
        title="The same starts with biases free and held",
        caption="Each column is one start. Neuron 1 is drawn solid, neuron 2 dashed. A frame marks a network that gets "
        "less than 99 % of the points right. With all biases held, the region where no neuron fires is a tie of four "
        "equal outputs, drawn as class 0.",
        alternative=f"{count} networks from the same starts. "
        + "; ".join(f"{group.title}: {len(group.members) - len(group.marked)} get there" for group in groups)
        + ".",
        table=Table(
            ("network", *held.values()),
            tuple((str(at), *(each[at] for each in shares)) for at in range(count)),
        ),
        draw=lambda palette: draw_wall(palette, first.network, parameters, first.data, palette.classes, groups),
    )
