"""Ask whether two solutions are one solution, written in two ways.

Two coffee networks that succeed have other weights, and half-way between these lies a network that fails: there is a
hill between them. Exchange neurons of one of them, which leaves its function as it is, and replace neurons by their
mirror images, which does so too: of all 48 ways to write the same function, does one lie in the same valley?
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import permutations, product
from typing import final

import numpy as np
from pydantic import Field

from models.backpropagation import losses
from models.ensemble import Optimizer
from models.experiment import Experiment, Hyperparameters, RandomStart, Rate, Result
from models.figures import Figure
from models.figures.joining import barriers_figure, paths_figure
from models.labs.coffee import COFFEE
from models.measures import median, share
from models.plans import Cohort, Plan, Start, reading
from models.readings import Booleans, Floats, success
from models.replay import Moment, Replay
from models.wordings import FullBatchSteps

WAYS = {"raw": "as they are", "permuted": "neurons exchanged", "mirrored": "neurons exchanged and mirrored"}
ALONG = 11  # places on the straight line between two networks
JOINED = 0.02  # nats that a path may rise


class Parameters(Hyperparameters):
    """What can be varied."""

    steps: FullBatchSteps = Field(2_000, ge=1, le=20_000, description="full-batch training steps")
    rate: Rate = 0.05
    initializer: RandomStart = "glorot_uniform"


@cache
def writings() -> dict[tuple[tuple[int, ...], tuple[int, ...]], str]:
    """Return the 48 orders and signs of three neurons with which one function can be written, by the way they need."""
    as_it_is = (0, 1, 2), (1, 1, 1)
    every = product(permutations(range(3)), product((1, -1), repeat=3))
    return {each: "raw" if each == as_it_is else "permuted" if each[1] == as_it_is[1] else "mirrored" for each in every}


def written(parameters: Floats, order: tuple[int, ...], signs: tuple[int, ...]) -> Floats:
    """Return the same functions, neurons in another order and, where a sign is -1, as their mirror images.

    ``parameters`` has shape (P, networks). As sigmoid(-s) is 1 - sigmoid(s), a mirrored neuron's outgoing weight is
    added to the next bias, and all its signs change (Hecht-Nielsen 1990).
    """
    (kernel, bias), (outgoing, output_bias) = COFFEE.network.unpack(np.asarray(parameters, np.float64))
    chosen = list(order)
    sign = np.array(signs, np.float64)[:, None]  # (units, 1)
    added = ((sign < 0)[:, None] * outgoing[chosen]).sum(axis=0)  # (outputs, networks)
    layers = (
        (sign * kernel[:, chosen], sign * bias[chosen]),
        (sign[:, None] * outgoing[chosen], output_bias + added),
    )
    parts = [part for layer in layers for part in layer]
    return np.concatenate([part.reshape(int(np.prod(part.shape[:-1])), part.shape[-1]) for part in parts])


def along(one: Floats, two: Floats) -> Floats:
    """Return the losses (places, pairs) on the straight lines between networks (P, pairs)."""
    shares = np.linspace(0, 1, ALONG)
    between = [(1 - share) * one + share * two for share in shares]
    flat = losses(COFFEE.network, np.concatenate(between, axis=1), COFFEE.data).mean(axis=0)
    return np.asarray(flat.reshape(ALONG, -1))


@dataclass(frozen=True, eq=False)
class Paths:
    """The losses (places, pairs) on the way between pairs of networks, by the way in which the second is written."""

    pairs: tuple[tuple[int, int], ...]
    losses: dict[str, Floats]

    def barrier(self, way: str) -> Floats:
        """Return how far each path (pairs,) rises above the straight line between its ends' losses."""
        path = self.losses[way]
        straight = np.linspace(path[0], path[-1], ALONG)
        return np.asarray((path - straight).max(axis=0))


@reading
def paths(main: Cohort) -> Paths:
    """Join pairs of successful networks, each network in one pair, in the lowest way that each kind of writing has."""
    chosen = np.flatnonzero(success(main))
    pairs = chosen[: chosen.size // 2 * 2].reshape(-1, 2)
    one, two = (main.parameters[:, each].astype(np.float64) for each in pairs.T)
    found: dict[str, Floats] = {}
    for (order, signs), way in writings().items():
        path = along(one, written(two, order, signs))
        for wider in list(WAYS)[list(WAYS).index(way) :]:  # what may be exchanged may also be left as it is
            before = found.get(wider)
            found[wider] = path if before is None else np.where(path.max(axis=0) < before.max(axis=0), path, before)
    return Paths(tuple((int(a), int(b)) for a, b in pairs), {way: found[way] for way in WAYS})


def _barriers(main: Cohort) -> dict[str, Floats]:
    return {way: paths(main).barrier(way) for way in WAYS}


def _joined(main: Cohort) -> dict[str, Booleans]:
    return {way: np.asarray(barrier <= JOINED) for way, barrier in _barriers(main).items()}


@final
class Joining(Experiment[Parameters]):
    """Walk straight from one solution to another, with its neurons as they are, exchanged, and mirrored."""

    title = "One solution, written in several ways"
    summary = "Joins pairs of trained coffee networks by a straight line, and looks for the hill between them."
    parameters = Parameters
    figure_names = ("paths", "barriers")

    def plans(self, hyperparameters: Parameters) -> Iterator[Plan]:
        """Plan networks that differ in their starts alone."""
        h = hyperparameters
        yield Plan("main", COFFEE, Start.by(h.initializer), h.steps, Optimizer(rate=h.rate))

    def notes(self, hyperparameters: Parameters) -> dict[str, str]:  # noqa: ARG002
        """Say what is joined, and what a barrier is."""
        return {
            "pairs": "networks that succeed, in the order of the run, each in one pair",
            "barrier": f"how far the loss, at {ALONG} places of the straight line, rises above the line between the "
            f"losses at both ends; joined: at most {JOINED:g} nats",
            "ways to write": "the lowest of 6 orders of the neurons; of 6 orders and 8 choices of mirror images",
        }

    measures = (
        share("converged_share", "networks that get at least 97 % of the roasts right", success),
        median(
            "barrier.<way>",
            "rise of the loss between two networks that succeed, neurons {way} (median over pairs of networks)",
            "nats",
            _barriers,
        ),
        share(
            "joined_share.<way>", "pairs of networks that succeed without a hill between them, neurons {way}", _joined
        ),
    )

    replay = Replay(
        {"main": "Three neurons each, from 64 random starts"},
        moment=Moment("At least half of the networks tell good roasts from bad ones."),
    )

    def figures(self, result: Result) -> Iterable[Figure]:
        """Show the loss on the way between pairs, and how many are joined."""
        found = paths(result.cohorts["main"])
        yield paths_figure(found.losses, WAYS)
        yield barriers_figure(result, WAYS)
