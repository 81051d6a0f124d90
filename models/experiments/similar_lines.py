"""Ask what keeps two neurons from drawing the same line, and whether anything compares them.

Nothing compares them. Each neuron's gradient comes from the error at the outputs, and that error depends on what the
other neuron already does. The experiment counts how often two neurons end with the same split all the same, sorts the
networks that fail by kind and trains those ten times longer, starts neurons as near twins, and measures how one
neuron's gradient changes when only the other neuron is turned.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import final

import numpy as np
import numpy.typing as npt
from pydantic import Field

from models.backpropagation import backward_pass
from models.ensemble import Optimizer, Progress
from models.experiment import Experiment, Hyperparameters, LabBatch, RandomStart, Rate, Result
from models.figures import Figure
from models.figures.similar_lines import outcome_wall_figure, push_figure, twins_figure
from models.labs.blobs import BLOBS
from models.measures import Family, each, median, share, whole
from models.network import Network
from models.plan_training import train_plans
from models.plans import Cohort, Floats, Integers, Plan, Start, reading
from models.readings import Booleans, Strings, among, dead, distance, duplicate, loss, success, untrained
from models.replay import Moment, Replay
from models.streams import Purpose, streams
from models.wordings import LabSteps

OUTCOMES = {
    "converged": "converged",
    "unfinished": "two different lines, but not there yet",
    "duplicate": "both neurons split the blobs alike",
    "dead": "a neuron that fires on no point",
}
FAILURES = ("dead", "duplicate", "unfinished")
LONGER = 10  # times the steps, for networks that failed
EPSILONS = (0, 1e-6, 1e-4, 1e-2, 0.1, 1)
TURN = 90.0  # degrees


class Parameters(Hyperparameters):
    """What can be varied."""

    steps: LabSteps = Field(800, ge=1, le=5_000, description="training steps; 4 mini-batches of 32 make an epoch")
    rate: Rate = 0.01
    batch_size: LabBatch = 32
    initializer: RandomStart = "glorot_uniform"


def twins(start: Start, epsilon: float) -> Start:
    """Return the start in which neuron 2 is neuron 1, moved by ``epsilon`` in a random direction.

    The distance is Euclidean, over the incoming and outgoing weights; each network has its own direction.
    """

    def draw(network: Network, seed: int, members: Integers) -> Floats:
        drawn = start.draw(network, seed, members).astype(np.float64)
        (kernel, bias), (outgoing, output_bias) = network.unpack(drawn)
        for column, generator in enumerate(streams(seed, members, Purpose.NOISE)):
            direction = generator.standard_normal(len(kernel) + outgoing.shape[1])
            direction *= epsilon / np.linalg.norm(direction)
            kernel[:, 1, column] = kernel[:, 0, column] + direction[: len(kernel)]
            outgoing[1, :, column] = outgoing[0, :, column] + direction[len(kernel) :]
        return network.pack([(kernel, bias), (outgoing, output_bias)])

    return Start(f"twins {epsilon:g} apart", draw)


@reading
def outcome(cohort: Cohort) -> Strings:
    """Say how each network ended: converged, dead, duplicate or unfinished, the first that is true."""
    ends = [success(cohort), dead(cohort), duplicate(cohort)]
    return np.select(ends, ["converged", "dead", "duplicate"], "unfinished")


def ended(kind: str) -> Callable[[Cohort], Booleans]:
    """Return the reading that says which networks ended so."""
    return lambda cohort: np.asarray(outcome(cohort) == kind)


def _recovered(kind: str, cohorts: Mapping[str, Cohort]) -> Booleans:
    """Say which of the networks that failed so converge when they are trained longer."""
    if "longer" not in cohorts:
        return np.zeros(0, bool)
    kinds = outcome(cohorts["main"])
    return np.asarray(success(cohorts["longer"])[kinds[kinds != "converged"] == kind])


def _still_alike(cohorts: Mapping[str, Cohort]) -> Booleans:
    """Say which of the duplicates that converge when they are trained longer still split the blobs alike."""
    if "longer" not in cohorts:
        return np.zeros(0, bool)
    kinds = outcome(cohorts["main"])
    ended_alike = duplicate(cohorts["longer"])[kinds[kinds != "converged"] == "duplicate"]
    return np.asarray(ended_alike[_recovered("duplicate", cohorts)])


def midway(cohort: Cohort) -> tuple[int, Floats]:
    """Return the recorded step nearest to an eighth of the training, and the parameters (P, networks) at it."""
    at = int(np.abs(cohort.history.steps - cohort.steps / 8).argmin())
    return int(cohort.history.steps[at]), cohort.history.parameters[at]


def turned(parameters: Floats, degrees: npt.NDArray[np.float64]) -> Floats:
    """Return parameters (P, networks) with neuron 2's incoming weights turned by ``degrees``, of shape (networks,)."""
    parameters = np.broadcast_to(parameters, (len(parameters), degrees.size)).copy()
    kernel, _ = BLOBS.network.unpack(parameters)[0]
    (one, two), angle = kernel[:, 1].copy(), np.radians(degrees)
    kernel[:, 1] = np.cos(angle) * one - np.sin(angle) * two, np.sin(angle) * one + np.cos(angle) * two
    return parameters


def first_gradient(parameters: Floats) -> npt.NDArray[np.floating]:
    """Return the gradient (inputs, networks) of the loss by neuron 1's incoming weights."""
    gradients = backward_pass(BLOBS.network, parameters, BLOBS.data).gradients.mean(axis=0)
    return BLOBS.network.unpack(gradients)[0][0][:, 0]


def gradient_change(cohort: Cohort) -> npt.NDArray[np.floating]:
    """Return how far neuron 1's gradient moves when neuron 2 is turned, relative to its length."""
    _, parameters = midway(cohort)
    before = first_gradient(parameters)
    change = first_gradient(turned(parameters, np.full(parameters.shape[1], TURN))) - before
    length = np.linalg.norm(before, axis=0)
    return np.asarray(np.linalg.norm(change, axis=0) / np.where(length > 0, length, np.nan))


def _outcome_words(cohort: Cohort) -> Strings:
    return np.array([OUTCOMES[each] for each in outcome(cohort)])


@final
class SimilarLines(Experiment[Parameters]):
    """Count duplicate splits and other failures, and test what becomes of near twins."""

    title = "What keeps two neurons from drawing the same line"
    summary = "Counts how often both neurons split the blobs alike, and how twins that start almost alike drift apart."
    parameters = Parameters
    figure_names = ("wall", "push", "twins")

    def plans(self, hyperparameters: Parameters) -> Iterator[Plan]:
        """Plan all networks, the longer training of those that fail, as if all did, and the twins."""
        h = hyperparameters
        start = Start.by(h.initializer)
        main = Plan("main", BLOBS, start, h.steps, Optimizer(rate=h.rate), batch=h.batch_size)
        yield main
        yield replace(main, name="longer", steps=LONGER * h.steps, recorded=0, aside=True)
        for epsilon in EPSILONS:
            yield replace(main, name=f"twins.{epsilon:g}", start=twins(start, epsilon), recorded=0, aside=True)

    def notes(self, hyperparameters: Parameters) -> dict[str, str]:
        """Say what is trained longer, what the outcomes are, and what twins are."""
        main, longer, *_ = self.plans(hyperparameters)
        return {
            "steps": f"{main.steps:,}, {main.batch_words}; {longer.steps:,} for networks that failed",
            "outcomes": "converged (99 % of the points right), else dead (a neuron fires on no point), else duplicate "
            "(both neurons split the blobs alike), else unfinished",
            "twins": "the second neuron's weights, incoming and outgoing, stand at a given distance from the first's",
        }

    def train(self, hyperparameters: Parameters, *, networks: int, seed: int, progress: Progress) -> dict[str, Cohort]:
        """Train all networks and then the failed ones longer; side by side with them, the twins."""
        main, longer, *near = self.plans(hyperparameters)
        train = partial(train_plans, networks=networks, seed=seed, progress=progress)
        with ThreadPoolExecutor(1) as beside:
            training_twins = beside.submit(train, near)
            cohorts = train([main])
            failed = np.flatnonzero(outcome(cohorts["main"]) != "converged").tolist()
            if failed:
                cohorts |= train([replace(longer, members=failed)])
            return cohorts | training_twins.result()

    measures = (
        share("duplicate_share", "networks whose two neurons split the blobs alike, whichever side fires", duplicate),
        share(
            "duplicate_share_at_start",
            "networks whose two neurons split the blobs alike already before training",
            untrained(duplicate),
        ),
        share(
            "duplicate_converged_share",
            "of the networks with duplicate splits: those that get at least 99 % of the points right",
            among(duplicate, success),
        ),
        *(
            share(f"outcome_share.{kind}", f"networks that ended {kind}: {words}", ended(kind))
            for kind, words in OUTCOMES.items()
        ),
        share("dead_share", "networks with at least one neuron that fires on no point", dead),
        *(
            median(f"loss.{kind}", f"cross-entropy of the {kind} networks (median)", "nats", among(ended(kind), loss))
            for kind in OUTCOMES
        ),
        *whole(
            *(
                share(
                    f"recovered_share.{kind}",
                    f"of the {kind} networks: those that converge when trained {LONGER} times as long",
                    partial(_recovered, kind),
                )
                for kind in FAILURES
            ),
            share(
                "recovered_alike_share",
                f"of the duplicates that converge when trained {LONGER} times as long: those that still split alike",
                _still_alike,
            ),
        ),
        *each(
            Family(
                "twins.<epsilon>",
                "their incoming and outgoing weights started at a distance of {epsilon} (median)",
                ending="<epsilon>",
                choices={"epsilon": {f"{epsilon:g}": f"{epsilon:g}" for epsilon in EPSILONS}},
            ),
            median(
                "gap_after",
                "largest difference between two neurons' incoming weights and biases after training",
                "weight",
                distance,
            ),
        ),
        median(
            "gradient_change",
            "change of neuron 1's gradient, an eighth of the way through training, when only neuron 2's line is turned "
            f"by {TURN:g} degrees, relative to its length (median over the first 64 networks)",
            "ratio",
            gradient_change,
        ),
    )

    replay = Replay(
        {"main": "Two neurons each: who keeps both on different lines?"},
        groups=_outcome_words,
        counts={"duplicate": ("have two neurons that split the blobs alike", duplicate)},
        moment=Moment("At least half of the networks have {bar}."),
    )

    def figures(self, result: Result) -> Iterable[Figure]:
        """Show all networks by their outcome, the pull of one neuron on the other, and the fate of the twins."""
        main = result.cohorts["main"]
        yield outcome_wall_figure(main, outcome(main), OUTCOMES)
        step, parameters = midway(main)
        angles = np.linspace(0, 360, 73)
        yield push_figure(step, angles, -first_gradient(turned(parameters[:, :1], angles)))
        yield twins_figure(result, [f"{epsilon:g}" for epsilon in EPSILONS])
