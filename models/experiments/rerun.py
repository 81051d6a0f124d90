"""Train again from another start, and ask whether the same things are learned, only by different neurons.

Many networks learn to tell good roasts from bad ones. The good region has three straight sides, and each network has
three hidden neurons. Which neuron ends up drawing which side?
"""

from collections.abc import Iterable, Iterator
from typing import final

import numpy as np
from pydantic import Field

from models.datasets import coffee
from models.edges import CLOSELY, EDGE_COLORS, all_edges, closely_all_edges, edge_names, edge_orders, edges
from models.ensemble import Optimizer
from models.experiment import Experiment, Hyperparameters, RandomStart, Rate, Result
from models.figures import Figure
from models.figures.rerun import edge_map_figure, order_wall_figure, orders_figure
from models.labs.coffee import COFFEE
from models.measures import quantity, share
from models.plans import Cohort, Plan, Start
from models.readings import Booleans, among, failed, success, untrained
from models.replay import Moment, Replay
from models.wordings import FullBatchSteps


class Parameters(Hyperparameters):
    """What can be varied."""

    steps: FullBatchSteps = Field(2_000, ge=1, le=20_000, description="full-batch training steps")
    rate: Rate = 0.05
    initializer: RandomStart = "glorot_uniform"


def _as_in_the_first(main: Cohort) -> Booleans:
    """Say of the converged networks in which every neuron draws the same edge as in the first of them."""
    drawn = among(success, edges)(main)
    return np.asarray((drawn == drawn[:, :1]).all(axis=0))


def _missed(main: Cohort) -> dict[str, Booleans]:
    """Say which of the networks that fail have no neuron at an edge."""
    drawn = among(failed, edges)(main)  # (units, networks)
    return {name: np.asarray((drawn != edge).all(axis=0)) for edge, name in enumerate(coffee.EDGE_NAMES)}


@final
class Rerun(Experiment[Parameters]):
    """Count which neuron ends up with which of the data's three edges."""

    title = "The same features, found by different neurons"
    summary = (
        "Trains coffee-roasting networks from many starts and asks which hidden neuron draws which edge of the data."
    )
    parameters = Parameters
    figure_names = ("map", "orders", "wall")

    def plans(self, hyperparameters: Parameters) -> Iterator[Plan]:
        """Plan networks that differ in their starts alone."""
        h = hyperparameters
        yield Plan("main", COFFEE, Start.by(h.initializer), h.steps, Optimizer(rate=h.rate))

    def notes(self, hyperparameters: Parameters) -> dict[str, str]:  # noqa: ARG002
        """Say how neurons are matched with edges."""
        return {"match": coffee.MATCH}

    measures = (
        share("converged_share", "networks that get at least 97 % of the roasts right", success),
        share(
            "same_features_share",
            "of the converged networks: those whose neurons draw all three edges",
            among(success, all_edges),
        ),
        quantity(
            "orders_seen",
            "different orders in which the three neurons hold the edges",
            "of 6 orders",
            lambda main: sum(bool(found.any()) for found in edge_orders(main).values()),
        ),
        share(
            "same_index_share",
            "of the converged networks: those in which each neuron holds the same edge as in the first of them, "
            "itself counted",
            _as_in_the_first,
        ),
        share(
            "same_features_share_at_start",
            "networks whose neurons would hold all three edges already before training",
            untrained(all_edges),
        ),
        share(
            "close_features_share",
            f"of the converged networks: those whose neurons draw all three edges within {CLOSELY:g} degrees",
            among(success, closely_all_edges),
        ),
        share(
            "close_features_share_failed",
            f"of the networks that fail: those whose neurons draw all three edges within {CLOSELY:g} degrees",
            among(failed, closely_all_edges),
        ),
        share(
            "close_features_share_at_start",
            f"networks whose neurons would draw all three edges within {CLOSELY:g} degrees already before training",
            untrained(closely_all_edges),
        ),
        share(
            "edge_missed_share.<line>",
            "of the networks that fail: those in which no neuron draws {line}, within 40 degrees",
            _missed,
        ),
        share(
            "order.<first>-<second>-<third>",
            "of all networks: those that converged with neurons that hold, in order, {first}, {second}, {third}",
            edge_orders,
        ),
    )

    replay = Replay(
        {"main": "Three neurons each, from 64 random starts"},
        groups=edge_names,
        counts={"edges": ("have neurons that draw all three edges", all_edges)},
        colors=EDGE_COLORS,
        moment=Moment(
            "At least half of the networks tell good roasts from bad ones: their lines have found the edges."
        ),
    )

    def figures(self, result: Result) -> Iterable[Figure]:
        """Show one network, the six orders, and all networks by their order, exceptions included."""
        yield edge_map_figure(result)
        yield orders_figure(result)
        yield order_wall_figure(result)
