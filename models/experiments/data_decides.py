"""Ask whether it is the data that limits what the weights can become: move two blobs, and watch the lines follow.

Blobs 2 and 3 walk half a turn around each other, in four steps; blobs 0 and 1 stay. At each stop networks are trained
from the same starts. Which two-and-two splits can a line make at that stop, and which do the neurons learn? A last
group trains on the first points with other targets, left against right: the same points, but another question.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, partial
from typing import final

import numpy as np
from pydantic import Field

from models.datasets import blobs, turned_blobs
from models.ensemble import Optimizer
from models.experiment import Experiment, Hyperparameters, LabBatch, RandomStart, Rate, Result
from models.figures import Figure
from models.figures.data_decides import stops_figure, walk_figure
from models.labs.blobs import BLOBS
from models.measures import Family, each, label, of, share, whole
from models.plans import Cohort, Plan, Start, reading
from models.readings import Booleans, Strings, failed, success, sums, untrained
from models.replay import Colors, Moment, Replay
from models.splits import SPLIT_NAMES, blobs_in_words, listed, patterns, possible_lines, sides_of, split_kinds, unsigned
from models.wordings import LabSteps

STOPS = {f"turn.{turn}": turn for turn in (0, 45, 90, 135, 180)}  # degrees that blobs 2 and 3 have walked
BLOB_NAMES = "0123"
SPLITS = ("01", "02", "03")  # the two-and-two splits, each named by the side that holds blob 0


class Parameters(Hyperparameters):
    """What can be varied."""

    steps: LabSteps = Field(
        800, ge=1, le=10_000, description="training steps at each stop; 4 mini-batches make an epoch"
    )
    rate: Rate = 0.01
    batch_size: LabBatch = 32
    initializer: RandomStart = "glorot_uniform"


@cache
def possible_splits(turn: int) -> tuple[str, ...]:
    """Return the two-and-two splits that a straight line can make of the blobs' centres at a stop."""
    return tuple(side for side in possible_lines(turned_blobs.centers(turn)) if side in SPLITS)


@reading
def splits(cohort: Cohort) -> Strings:
    """Return how each neuron splits the blobs (units, networks), named by the side that holds blob 0.

    The blobs are those of the points, whatever is asked of the networks.
    """
    return unsigned(sides_of(sums(cohort) > 0, blobs.load().labels))


def makes(split: str) -> Callable[[Cohort], Booleans]:
    """Return the reading that says in which networks a neuron makes a split."""
    return lambda cohort: np.asarray((splits(cohort) == split).any(axis=0))


def learned_pairs(cohort: Cohort) -> Strings:
    """Return both neurons' splits as one name, of the networks that converged."""
    return patterns(splits(cohort))[success(cohort)]


def parted_names(cohort: Cohort) -> Strings:
    """Name what both neurons of each network part, in words."""
    return np.array(["; ".join(sorted({_parted(side) for side in sides})) for sides in splits(cohort).T.tolist()])


def _parted(side: str) -> str:
    others = [blob for blob in BLOB_NAMES if blob not in side]
    if not side or not others:
        return "nothing"
    return f"{listed(side)} from {listed(others)}"


def most_frequent(cohort: Cohort) -> str | None:
    """Return the most frequent pair of splits, the first by name of those that are equally frequent."""
    pairs = learned_pairs(cohort).tolist()
    return max(sorted(set(pairs)), key=pairs.count, default=None)


def _both_part_left_from_right(cohort: Cohort) -> Booleans:
    return np.asarray((splits(cohort) == "01").all(axis=0))


def _followed(cohorts: Mapping[str, Cohort]) -> Booleans:
    return makes("03")(cohorts["turn.180"])[makes("02")(cohorts["turn.0"])]


@final
class DataDecides(Experiment[Parameters]):
    """Train from the same starts while two blobs change places, and count the splits that are learned."""

    title = "What decides what is learned: lines follow the blobs"
    summary = (
        "Moves two of the four blobs around each other, trains networks from the same starts at every stop, and counts "
        "which splits are possible and which are learned."
    )
    parameters = Parameters
    figure_names = ("stops", "walk")

    def plans(self, hyperparameters: Parameters) -> Iterator[Plan]:
        """Plan every stop, and the other targets."""
        h, start = hyperparameters, Start.by(hyperparameters.initializer)
        labs = {
            name: BLOBS.on(partial(turned_blobs.load, turn), f"{BLOBS.data_words}; blobs 2 and 3 turned by {turn}°")
            for name, turn in STOPS.items()
        }
        labs["left_right"] = BLOBS.on(turned_blobs.left_right, f"{BLOBS.data_words}; 0 and 1 against 2 and 3")
        for name, lab in labs.items():
            yield Plan(name, lab, start, h.steps, Optimizer(rate=h.rate), batch=h.batch_size)

    def notes(self, hyperparameters: Parameters) -> dict[str, str]:
        """Say how the blobs walk, and what else is asked."""
        return {
            "data": f"{BLOBS.data_words}; blobs 2 and 3 are turned around the middle between them by "
            f"{', '.join(str(turn) for turn in STOPS.values())} degrees, each point with its blob",
            "initialiser": f"{hyperparameters.initializer}, biases 0, the same starts at every stop",
            "left against right": "the points of the first stop, with class 0 for blobs 0 and 1 and class 1 for 2 and "
            "3; the other two outputs stand for no point",
        }

    measures = (
        *each(
            Family(
                "turn.<turn>",
                "blobs 2 and 3 turned by {turn} degrees",
                ending="<turn>",
                choices={"turn": {str(turn): str(turn) for turn in STOPS.values()}},
            ),
            *(
                share(
                    f"split_share.<turn>.{split}",
                    f"networks in which a neuron parts {blobs_in_words(split)} from the others",
                    makes(split),
                )
                for split in SPLITS
            ),
            *(
                share(
                    f"split_share_at_start.<turn>.{split}",
                    f"networks in which a neuron parts {blobs_in_words(split)} from the others already before training",
                    untrained(makes(split)),
                )
                for split in SPLITS
            ),
            label(
                "possible_splits",
                "two-and-two splits that a straight line can make",
                lambda cohort: ", ".join(possible_splits(STOPS[cohort.plan.name])),
            ),
            share("converged_share", "networks that get at least 99 % of the points right", success),
            share(
                "agreement",
                "of the converged networks: those whose two splits are the most frequent pair",
                lambda cohort: np.asarray(learned_pairs(cohort) == most_frequent(cohort)),
            ),
            share(
                "agreement_failed",
                "of the networks that fail: those whose two splits are that pair",
                lambda cohort: np.asarray(patterns(splits(cohort))[failed(cohort)] == most_frequent(cohort)),
            ),
            label(
                "most_frequent",
                "most frequent pair of splits among the converged networks, each by the blobs on the side of blob 0",
                most_frequent,
            ),
        ),
        *whole(
            share(
                "followed_share",
                "of the networks that part blobs 0 and 2 from 1 and 3 before the walk: those that, from the same "
                "start, part 0 and 3 from 1 and 2 after it",
                _followed,
            )
        ),
        *of(
            "left_right",
            *(
                share(
                    f"left_right.{split}",
                    f"networks in which a neuron parts {blobs_in_words(split)} from the others, when only left against "
                    "right is asked",
                    makes(split),
                )
                for split in SPLITS
            ),
            share(
                "left_right_both_share",
                "networks in which both neurons part left from right, when only that is asked",
                _both_part_left_from_right,
            ),
            share(
                "left_right_both_share_at_start",
                "networks in which both neurons part left from right already before training",
                untrained(_both_part_left_from_right),
            ),
        ),
    )

    replay = Replay(
        {
            "turn.0": "The blobs as in the lab",
            "turn.90": "Blobs 2 and 3, a quarter turn on",
            "turn.180": "Blobs 2 and 3 have changed places",
            "left_right": "Asked only for left or right",
        },
        groups=parted_names,
        counts={
            "old": ("have a neuron that parts blobs 0 and 2 from 1 and 3", makes("02")),
            "new": ("have one that parts blobs 0 and 3 from 1 and 2", makes("03")),
        },
        colors=Colors("split", SPLIT_NAMES, lambda cohort: split_kinds(splits(cohort))),
        moment=Moment("At least half of the networks have nearly every point right."),
    )

    def figures(self, result: Result) -> Iterable[Figure]:
        """Show the learned lines at every stop, and how often each split is learned on the way."""
        titles = {name: f"turned by {turn}°" for name, turn in STOPS.items()} | {"left_right": "left or right?"}
        possible = {name: possible_splits(STOPS.get(name, 0)) for name in titles}
        yield stops_figure(result, titles, possible, splits)
        yield walk_figure(result, STOPS, possible)
