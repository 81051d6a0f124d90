"""Pairs of neurons with one error and with an error each: how many draw one line twice, and what that looks like."""

from collections.abc import Mapping

import numpy as np

from models.experiment import Result
from models.figures import Figure, Table
from models.figures.boundaries import Group, draw_wall
from models.figures.charts import shares_figure
from models.plans import Cohort
from models.readings import active_sides, duplicate, untrained

PAIRS = 16


def counts_figure(result: Result, trainings: Mapping[str, str]) -> Figure:
    """Return the shares of networks whose two neurons hold the same split, before and after either training."""
    rows = [("before training", result.share("duplicate_share_at_start"))]
    rows += [(words, result.share(f"duplicate_share.{name}")) for name, words in trainings.items()]
    rows += [(f"began alike; {words}", result.share(f"kept_share.{name}")) for name, words in trainings.items()]
    return shares_figure(
        "counts",
        "Networks whose two neurons split the blobs alike",
        "The bar is the 95 % interval. The same starts and the same batches; only the error differs. The last two rows "
        "count, of the networks that began with the same split twice, those that end so.",
        rows,
        "networks",
    )


def pairs_figure(shared: Cohort, separate: Cohort) -> Figure:
    """Return the same starts side by side: those that began with the same split first."""
    began = untrained(duplicate)(shared)
    chosen = np.argsort(~began, kind="stable")[:PAIRS]
    count = chosen.size
    parameters = np.concatenate([cohort.parameters[:, chosen] for cohort in (shared, separate)], axis=1)
    alike = np.concatenate([duplicate(cohort)[chosen] for cohort in (shared, separate)])
    groups = [
        Group(title, range(at * count, (at + 1) * count), [*(np.flatnonzero(alike[at * count :][:count]) + at * count)])
        for at, title in enumerate(("One error for both neurons", "From the same starts, an error of its own for each"))
    ]
    sides = [np.where(active_sides(cohort) == "", "none", active_sides(cohort)) for cohort in (shared, separate)]
    return Figure(
        name="pairs",
        title="The same starts, with one error and with two",
        caption="Neuron 1 is drawn solid, neuron 2 dashed. A frame marks two neurons that split the blobs alike. "
        "Starts in which they did so from the beginning come first.",
        alternative=f"{count} networks from the same starts. "
        + "; ".join(f"{group.title}: {len(group.marked)} with the same split twice" for group in groups)
        + ".",
        table=Table(
            ("network", "one error: neurons fire on", "two errors: neurons fire on"),
            tuple((str(at), *(" and ".join(each[:, at]) for each in sides)) for at in chosen.tolist()),
        ),
        draw=lambda palette: draw_wall(
            palette, shared.network, parameters, shared.data, palette.classes, groups, len(groups)
        ),
    )
