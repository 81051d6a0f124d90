"""Ask whether it is the data that limits what the weights can become: move two blobs, and watch the lines follow.

Blobs 2 and 3 walk half a turn around each other, in four steps; blobs 0 and 1 stay. At each stop networks are trained
from the same starts. Which two-and-two splits can a line make at that stop, and which do the neurons learn? A last
group trains on the first points with other targets, left against right: the same points, but another question.
"""

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import ClassVar, final

import numpy as np
import numpy.typing as npt
from pydantic import Field

from models.datasets import Dataset, blobs
from models.ensemble import Optimizer, Progress, Recording, Trained, log_spaced, train
from models.experiment import Declared, Experiment, Findings, Hyperparameters, LabBatch, RandomStart, Rate, Result
from models.figures import Figure
from models.figures.data_decides import Stop, stops_figure, walk_figure
from models.initializers import start
from models.network import Network
from models.splits import active_sides, other_side, possible_lines

NETWORK = Network((2, 2, 4), "relu", "softmax_crossentropy")
CONVERGED = 0.99  # accuracy
TURNS = (0, 45, 90, 135, 180)  # degrees that blobs 2 and 3 have walked around each other
SPLITS = ("01", "02", "03")  # the two-and-two splits, each named by the side that holds blob 0
OTHER_TARGETS = "left_right"
WIDTH = 64  # networks of a stop that the figures show
Floats = npt.NDArray[np.floating]


class Parameters(Hyperparameters):
    """What can be varied."""

    steps: int = Field(800, ge=1, le=10_000, description="training steps at each stop; 4 mini-batches make an epoch")
    rate: Rate = 0.01
    batch_size: LabBatch = 32
    initializer: RandomStart = "glorot_uniform"


@final
class DataDecides(Experiment[Parameters]):
    """Train from the same starts while two blobs change places, and count the splits that are learned."""

    title = "What decides what is learned: lines follow the blobs"
    summary = (
        "Moves two of the four blobs around each other, trains networks from the same starts at every stop, and counts "
        "which splits are possible and which are learned."
    )
    parameters = Parameters
    declared: ClassVar = {
        "split_share.<turn>.<split>": Declared(
            "share",
            "networks in which a neuron parts blobs {split} from the others; blobs 2 and 3 turned by {turn} degrees",
        ),
        "split_share_at_start.<turn>.<split>": Declared(
            "share",
            "networks in which a neuron parts blobs {split} from the others already before training; turned by {turn} "
            "degrees",
        ),
        "possible_splits.<turn>": Declared(
            "label", "two-and-two splits that a straight line can make; blobs 2 and 3 turned by {turn} degrees"
        ),
        "converged_share.<turn>": Declared(
            "share", "networks that get at least 99 % of the points right; blobs 2 and 3 turned by {turn} degrees"
        ),
        "agreement.<turn>": Declared(
            "share",
            "of the converged networks: those whose two splits are the most frequent pair; blobs 2 and 3 turned by "
            "{turn} degrees",
        ),
        "most_frequent.<turn>": Declared(
            "label", "most frequent pair of splits among the converged networks; blobs 2 and 3 turned by {turn} degrees"
        ),
        "followed_share": Declared(
            "share",
            "of the networks that part 02 from 13 before the walk: those that, from the same start, part 03 from 12 "
            "after it",
        ),
        "left_right.<split>": Declared(
            "share",
            "networks in which a neuron parts blobs {split} from the others, when only left against right is asked",
        ),
        "left_right_both_share": Declared(
            "share", "networks in which both neurons part left from right, when only that is asked"
        ),
        "diverged_share": Declared("share", "networks with a loss or weight that is no finite number, at any stop"),
    }

    def setup(self, hyperparameters: Parameters) -> dict[str, str]:
        """Describe the set-up."""
        batch = "full batch" if hyperparameters.batch_size == 100 else "shuffled mini-batches of 32"
        return {
            "data": "four blobs, 100 points, 2 features; blobs 2 and 3 are turned around the middle between them by "
            f"{', '.join(str(turn) for turn in TURNS)} degrees, each point with its blob",
            "network": "2 ReLU hidden neurons, 4 outputs",
            "initialiser": f"{hyperparameters.initializer}, biases 0, the same starts at every stop",
            "loss": "softmax cross-entropy",
            "optimiser": f"Adam, rate {hyperparameters.rate:g}",
            "steps": f"{hyperparameters.steps:,}, {batch}",
            "left against right": "the points of the first stop, with class 0 for blobs 0 and 1 and class 1 for 2 and "
            "3; the other two outputs stand for no point",
        }

    def cost(self, hyperparameters: Parameters, networks: int) -> int:
        """Count every stop, and the other targets."""
        return networks * hyperparameters.steps * (len(TURNS) + 1)

    def train(self, hyperparameters: Parameters, *, networks: int, seed: int, progress: Progress) -> dict[str, Trained]:
        """Train from the same starts at every stop, two stops side by side."""
        starts = start(NETWORK, hyperparameters.initializer, seed=seed, networks=np.arange(networks))

        def trained(data: Dataset) -> Trained:
            return train(
                NETWORK,
                starts,
                data,
                Optimizer(rate=hyperparameters.rate),
                steps=hyperparameters.steps,
                batch_size=hyperparameters.batch_size,
                seed=seed,
                recording=Recording(log_spaced(hyperparameters.steps), tuple(range(min(networks, WIDTH)))),
                progress=progress,
            )

        scenes = {**{f"turn.{turn}": turned(turn) for turn in TURNS}, OTHER_TARGETS: left_right()}
        with ThreadPoolExecutor(2) as pool:
            return dict(zip(scenes, pool.map(trained, scenes.values()), strict=True))

    def measure(self, cohorts: Mapping[str, Trained], findings: Findings) -> None:
        """Read off the splits at every stop."""
        learned: dict[int, npt.NDArray[np.str_]] = {}
        diverged = cohorts[OTHER_TARGETS].diverged.copy()
        for turn in TURNS:
            trained, data = cohorts[f"turn.{turn}"], turned(turn)
            learned[turn] = splits(trained.parameters, data)
            first = splits(trained.start, data)
            for split in SPLITS:
                findings.share(f"split_share.{turn}.{split}", (learned[turn] == split).any(axis=0))
                findings.share(f"split_share_at_start.{turn}.{split}", (first == split).any(axis=0))
            findings.label(f"possible_splits.{turn}", ", ".join(possible_splits(turn)))
            converged = NETWORK.accuracy(trained.parameters, data.x, data.labels) >= CONVERGED
            findings.share(f"converged_share.{turn}", converged)
            pairs = ["|".join(sorted(pair)) for pair in learned[turn][:, converged].T.tolist()]
            most = max(sorted(set(pairs)), key=pairs.count, default=None)
            findings.share(f"agreement.{turn}", np.array([pair == most for pair in pairs], bool))
            findings.label(f"most_frequent.{turn}", most)
            diverged |= trained.diverged
        before, after = (learned[turn] for turn in (TURNS[0], TURNS[-1]))
        findings.share("followed_share", (after == "03").any(axis=0)[(before == "02").any(axis=0)])
        asked = splits(cohorts[OTHER_TARGETS].parameters, turned(TURNS[0]))
        for split in SPLITS:
            findings.share(f"left_right.{split}", (asked == split).any(axis=0))
        findings.share("left_right_both_share", np.asarray((asked == "01").all(axis=0)))
        findings.share("diverged_share", diverged)

    def figures(self, result: Result) -> Iterable[Figure]:
        """Show the learned lines at every stop, and how often each split is learned on the way."""
        stops = [
            Stop(f"turned by {turn}°", turned(turn), result.cohorts[f"turn.{turn}"], possible_splits(turn))
            for turn in TURNS
        ]
        asked = Stop("left or right?", turned(TURNS[0]), result.cohorts[OTHER_TARGETS], possible_splits(TURNS[0]))
        yield stops_figure([*stops, asked], [splits(stop.trained.parameters, stop.data) for stop in [*stops, asked]])
        yield walk_figure(result, TURNS, SPLITS, {turn: possible_splits(turn) for turn in TURNS})


@cache
def centers(turn: int) -> Floats:
    """Return the blobs' centres (4, 2) when 2 and 3 have walked ``turn`` degrees around each other."""
    angle = np.radians(turn)
    rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    found = np.array(blobs.CENTERS)
    middle = found[2:].mean(axis=0)
    found[2:] = middle + (found[2:] - middle) @ rotation.T
    return found


@cache
def turned(turn: int) -> Dataset:
    """Return the blobs' 100 points, each moved along with its blob's centre."""
    home = blobs.load()
    moved = home.x + (centers(turn) - centers(0))[home.labels]
    return Dataset(moved.astype(np.float32), home.targets, home.labels, home.feature_names, home.class_names)


@cache
def left_right() -> Dataset:
    """Return the lab's points with two classes: blobs 0 and 1 against blobs 2 and 3."""
    home = blobs.load()
    labels = (home.labels >= 2).astype(np.intp)
    targets = np.eye(len(blobs.CENTERS), dtype=np.float32)[labels]
    return Dataset(home.x, targets, labels, home.feature_names, home.class_names)


@cache
def possible_splits(turn: int) -> tuple[str, ...]:
    """Return the two-and-two splits that a straight line can make of the blobs' centres at a stop."""
    return tuple(side for side in possible_lines(centers(turn)) if side in SPLITS)


def splits(parameters: Floats, data: Dataset) -> npt.NDArray[np.str_]:
    """Return how each neuron splits the blobs (units, networks), named by the side that holds blob 0."""
    sides = active_sides(NETWORK, parameters, data)
    named = [side if "0" in side else other_side(side) for side in sides.ravel().tolist()]
    return np.array(named).reshape(sides.shape)
