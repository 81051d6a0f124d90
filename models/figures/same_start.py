"""Which chance decides: how often the same is learned, and what that looks like."""

from collections.abc import Mapping

import numpy as np

from models.experiment import Result
from models.figures import Figure, Table
from models.figures.boundaries import Group, draw_wall
from models.figures.charts import shares_figure
from models.plans import Cohort
from models.readings import active_sides

SHOWN = 8


def same_figure(result: Result, chances: Mapping[str, str]) -> Figure:
    """Return the share of networks that learn the same splits, and the same in each neuron."""
    whats = {"same_splits_share": "the same two splits", "same_index_share": "each neuron the same split"}
    return shares_figure(
        "same",
        "Networks that learn the same as in the first training",
        "The bar is the 95 % interval. Either the order of the batches is drawn anew, or the starting weights.",
        [
            (f"{what}: {words}", result.share(f"{name}.{chance}"))
            for name, what in whats.items()
            for chance, words in chances.items()
        ],
        "what is compared",
    )


def pairs_figure(cohorts: Mapping[str, Cohort], titles: Mapping[str, str]) -> Figure:
    """Return the first networks of each training, one below the other."""
    shown = [cohorts[name] for name in titles]
    count = min(SHOWN, *(cohort.loss.size for cohort in shown))
    parameters = np.concatenate([cohort.parameters[:, :count] for cohort in shown], axis=1)
    groups = [Group(words, range(at * count, (at + 1) * count)) for at, words in enumerate(titles.values())]
    sides = [np.where(active_sides(cohort) == "", "none", active_sides(cohort)) for cohort in shown]
    return Figure(
        name="pairs",
        title="The same start, the same order, or neither",
        caption="Each column is compared from top to bottom. Neuron 1 is drawn solid, neuron 2 dashed.",
        table=Table(
            ("network", *(f"neurons fire on: {words}" for words in titles.values())),
            tuple((str(at), *(" and ".join(each[:, at]) for each in sides)) for at in range(count)),
        ),
        draw=lambda palette: draw_wall(palette, shown[0].network, parameters, shown[0].data, palette.classes, groups),
    )
