"""Ask why a neuron parts the four blobs two and two, and whether the error is simply smallest there.

Many networks are trained on the four blobs, and each hidden neuron's line is read off: which blobs lie on its active
side? Then the question about the error is put directly. Every pair of lines that could be drawn is held fixed, only the
output layer is trained, and the error that remains is compared with how often random starts end at that pair.
"""

from collections.abc import Iterable, Iterator
from functools import cache
from itertools import combinations_with_replacement
from typing import final

import numpy as np
import numpy.typing as npt
from pydantic import Field

from models.datasets import blobs
from models.ensemble import Optimizer
from models.experiment import Experiment, Hyperparameters, LabBatch, RandomStart, Rate, Result
from models.figures import Figure
from models.figures.splits import pairs_figure, split_map_figure, split_wall_figure
from models.labs.blobs import BLOBS
from models.measures import label, of, quantity, share, spoken
from models.network import Network
from models.plans import Cohort, Plan, Start
from models.readings import (
    accuracy,
    active_sides,
    among,
    complementary,
    counts,
    failed,
    patterns,
    side_names,
    success,
    two_and_two,
    untrained,
)
from models.replay import Colors, Moment, Replay
from models.splits import SPLIT_NAMES, Border, blobs_in_words, possible_lines, split_kinds
from models.wordings import LabSteps

FROZEN_STEPS, FROZEN_RATE, FROZEN_L2 = 1_000, 0.05, 1e-3
# A line parts four points in 14 ways (Cover 1965), in 12 of which neither side is empty; 12 sides make 78 pairs.
PAIRS = 78


class Parameters(Hyperparameters):
    """What can be varied."""

    steps: LabSteps = Field(800, ge=1, le=20_000, description="training steps; 4 mini-batches of 32 make an epoch")
    rate: Rate = 0.01
    batch_size: LabBatch = 32
    initializer: RandomStart = "glorot_uniform"


@cache
def _lines() -> dict[str, Border]:
    """Return the line that is held fixed for each side that a straight line can cut off."""
    return possible_lines(np.array(blobs.CENTERS))


def _pairs() -> list[str]:
    """Return the names of all unordered pairs of sides that straight lines can cut off, a side with itself included."""
    return ["|".join(pair) for pair in combinations_with_replacement(_lines(), 2)]


def _frozen(network: Network, _seed: int, members: npt.NDArray[np.integer]) -> npt.NDArray[np.float32]:
    """Return the start (P, pairs) with one pair of lines for each network, and an output layer of zeros."""
    pairs = [[_lines()[side] for side in name.split("|")] for name in np.array(_pairs())[members]]
    kernel = np.stack([np.column_stack([line.normal for line in pair]) for pair in pairs], axis=-1)
    bias = np.array([[line.offset for line in pair] for pair in pairs]).T
    return network.pack([(kernel, bias), (np.zeros((2, 4, len(pairs))), np.zeros((4, len(pairs))))])


def _best_pair(frozen: Cohort) -> str:
    return _pairs()[int(frozen.loss.argmin())]


def _patterns(main: Cohort) -> dict[str, npt.NDArray[np.bool_]]:
    """Return who ends with which pair of sides, also for the pairs with which nobody does."""
    nobody = np.zeros(main.loss.size, bool)
    ended = counts(patterns)(main)
    return {name: ended.get(name, nobody) for name in sorted({*_pairs(), *ended})}


@final
class BlobsSplit(Experiment[Parameters]):
    """Count how hidden neurons split the blobs, and hold every possible pair of splits against its error."""

    title = "How two neurons split four blobs"
    summary = (
        "Trains networks of two ReLU neurons on four blobs and counts which blobs lie on each neuron's active side."
    )
    parameters = Parameters
    figure_names = ("map", "wall", "pairs")

    def plans(self, hyperparameters: Parameters) -> Iterator[Plan]:
        """Plan the networks themselves, and the output layers over every pair of lines held fixed."""
        h = hyperparameters
        start = Start.by(h.initializer)
        yield Plan("main", BLOBS, start, h.steps, Optimizer(rate=h.rate), batch=h.batch_size)
        trainable = np.ones((BLOBS.network.size, 1), np.float32)
        trainable[: BLOBS.network.layers[0].bias.stop] = 0
        yield Plan(
            "frozen",
            BLOBS,
            Start("a pair of lines for each network", _frozen),
            FROZEN_STEPS,
            Optimizer(rate=FROZEN_RATE),
            l2=FROZEN_L2,
            trainable=trainable,
            members=range(PAIRS),
            recorded=0,
            aside=True,
            sample=False,
        )

    def notes(self, hyperparameters: Parameters) -> dict[str, str]:  # noqa: ARG002
        """Say how lines are held fixed."""
        return {
            "lines held fixed": f"widest margin between the blobs' centres, unit normals; the output layer trained for "
            f"{FROZEN_STEPS:,} full-batch Adam steps, rate {FROZEN_RATE:g}, L2 penalty {FROZEN_L2:g}",
        }

    measures = (
        share("converged_share", "networks that get at least 99 % of the points right", success),
        share("two_two_share", "networks in which both neurons split the blobs two and two", two_and_two),
        share(
            "two_two_share_at_start",
            "networks in which both neurons split the blobs two and two already before training",
            untrained(two_and_two),
        ),
        share(
            "complementary_share_at_start",
            "networks whose neurons split two and two, in different ways, already before training",
            untrained(complementary),
        ),
        share("complementary_share", "networks whose neurons split two and two, in different ways", complementary),
        share(
            "converged_complementary_share",
            "of the converged networks: those whose neurons split two and two, in different ways",
            among(success, complementary),
        ),
        share(
            "failed_complementary_share",
            "of the networks that fail: those whose neurons split two and two, in different ways",
            among(failed, complementary),
        ),
        *of(
            "frozen",
            share("pairs_that_fit", "of all pairs of lines held fixed: those that reach 99 % accuracy", success),
            label(
                "best_frozen_pair",
                "the pair of lines with the smallest error when held fixed, by the blobs for which one neuron | the "
                "other is active",
                _best_pair,
            ),
        ),
        *spoken(
            blobs_in_words,
            share("pattern.<a>|<b>", "networks with one neuron active for {a}, the other for {b}", _patterns),
        ),
        *of(
            "frozen",
            *spoken(
                blobs_in_words,
                quantity(
                    "frozen_loss.<a>|<b>",
                    "cross-entropy with lines held fixed, one neuron active for {a}, the other for {b}",
                    "nats",
                    lambda frozen: dict(zip(_pairs(), frozen.loss.tolist(), strict=True)),
                ),
                quantity(
                    "frozen_accuracy.<a>|<b>",
                    "accuracy with lines held fixed, one neuron active for {a}, the other for {b}",
                    "share of points",
                    lambda frozen: dict(zip(_pairs(), accuracy(frozen).tolist(), strict=True)),
                ),
            ),
        ),
    )

    replay = Replay(
        {"main": "Two neurons each, from 64 random starts"},
        groups=side_names,
        counts={"complementary": ("have neurons that split two and two, in different ways", complementary)},
        colors=Colors("split", SPLIT_NAMES, lambda cohort: split_kinds(active_sides(cohort))),
        moment=Moment("At least half of the networks have nearly every point right."),
    )

    def figures(self, result: Result) -> Iterable[Figure]:
        """Show one network, all networks by their splits, and each pair's error against how often it is reached."""
        yield split_map_figure(result.cohorts["main"])
        yield split_wall_figure(result)
        yield pairs_figure(result)
