"""Ask which chance decides: the starting weights, or the order in which the examples come.

Both are drawn anew for each run. Here one is drawn anew while the other stays: the same starts with other orders of the
mini-batches, and other starts with the same orders. How often does a network then end with the same two splits of the
blobs, and how often does even each neuron hold the same one?
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from typing import final

import numpy as np
from pydantic import Field

from models.ensemble import Optimizer, Progress
from models.experiment import MOST_NETWORKS, Experiment, Hyperparameters, RandomStart, Rate, Result
from models.figures import Figure
from models.figures.same_start import pairs_figure, same_figure
from models.labs.blobs import BLOBS
from models.measures import Cohorts, share, whole
from models.network import Network
from models.plan_training import train_plans
from models.plans import Cohort, Floats, Integers, Plan, Start
from models.readings import Booleans, Strings, active_sides, side_names, success
from models.replay import Moment, Replay
from models.splits import patterns, unsigned
from models.wordings import LabSteps

FAR = MOST_NETWORKS  # stream indices from here on belong to no network of any run
CHANCES = {"other_order": "the same starts, other orders", "other_start": "other starts, the same orders"}


class Parameters(Hyperparameters):
    """What can be varied."""

    steps: LabSteps = Field(800, ge=1, le=10_000, description="training steps; 4 mini-batches of 32 make an epoch")
    rate: Rate = 0.01
    initializer: RandomStart = "glorot_uniform"


def moved(start: Start, by: int) -> Start:
    """Return the start that gives each network what ``start`` gives to the one ``by`` stream indices further."""

    def draw(network: Network, seed: int, members: Integers) -> Floats:
        return start.draw(network, seed, members + by)

    return Start(start.words, draw)


def splits(cohort: Cohort) -> Strings:
    """Return how each neuron splits the blobs (units, networks), named by the side that holds blob 0."""
    return unsigned(active_sides(cohort))


def _same(of: Callable[[Cohort], Strings], chance: str, cohorts: Cohorts) -> Booleans:
    """Say in which networks a reading (..., networks) is the same as in the first training."""
    return np.asarray(np.atleast_2d(of(cohorts["first"]) == of(cohorts[chance])).all(axis=0))


def same_index(chance: str, cohorts: Cohorts) -> Booleans:
    """Say in which networks each neuron splits the blobs as in the first training."""
    return _same(splits, chance, cohorts)


def same_splits(chance: str, cohorts: Cohorts) -> Booleans:
    """Say in which networks both neurons' splits are those of the first training, whichever neuron holds which."""
    return _same(lambda cohort: patterns(splits(cohort)), chance, cohorts)


def same_sides(chance: str, cohorts: Cohorts) -> Booleans:
    """Say in which networks each neuron even fires on the same blobs as in the first training."""
    return _same(active_sides, chance, cohorts)


def same_outcome(chance: str, cohorts: Cohorts) -> Booleans:
    """Say which networks succeed in both trainings, or in none."""
    return np.asarray(success(cohorts["first"]) == success(cohorts[chance]))


@final
class SameStart(Experiment[Parameters]):
    """Train the same starts with other orders of the batches, and other starts with the same orders."""

    title = "Which chance decides: the start or the order"
    summary = (
        "Trains the same starts on other orders of the batches, and other starts on the same orders, and compares."
    )
    parameters = Parameters
    figure_names = ("same", "pairs")

    def plans(self, hyperparameters: Parameters) -> Iterator[Plan]:
        """Plan a first training, and one in which either chance is drawn anew."""
        h, start = hyperparameters, Start.by(hyperparameters.initializer)
        first = Plan("first", BLOBS, start, h.steps, Optimizer(rate=h.rate), batch=32)
        yield first
        yield replace(first, name="other_order", start=moved(start, -FAR))
        yield replace(first, name="other_start", start=moved(start, FAR))

    def notes(self, hyperparameters: Parameters) -> dict[str, str]:
        """Say what is drawn anew."""
        return {
            "initialiser": f"{hyperparameters.initializer}, biases 0",
            "compared": "each network with the one that has its place in a first training: the same start on other "
            "orders of the batches, or another start on the same orders",
        }

    def train(self, hyperparameters: Parameters, *, networks: int, seed: int, progress: Progress) -> dict[str, Cohort]:
        """Train all three together; the order of a network's batches hangs on its stream index."""
        first, other_order, other_start = self.plans(hyperparameters)
        plans = [first, replace(other_order, members=range(FAR, FAR + networks)), other_start]
        return train_plans(plans, networks=networks, seed=seed, progress=progress)

    measures = whole(
        *(
            share(f"{name}.{chance}", f"networks {words}; {what}", partial(compute, chance))
            for name, words, compute in (
                ("same_splits_share", "whose two neurons end with the same splits, in either order", same_splits),
                ("same_index_share", "in which each neuron ends with the same split", same_index),
                ("same_sides_share", "in which each neuron ends firing on the same blobs", same_sides),
                ("same_outcome_share", "that succeed in both trainings or in none", same_outcome),
            )
            for chance, what in CHANCES.items()
        )
    )

    replay = Replay(
        {"first": "The first training", **{name: words[0].upper() + words[1:] for name, words in CHANCES.items()}},
        groups=side_names,
        moment=Moment("At least half of the networks have {bar}."),
    )

    def figures(self, result: Result) -> Iterable[Figure]:
        """Show how often the same is learned, and networks beside those that they are compared with."""
        yield same_figure(result, CHANCES)
        yield pairs_figure(result.cohorts, {"first": "the first training", **CHANCES})
