"""Ask what keeps two neurons from drawing the same line, and whether anything compares them.

Nothing compares them. Each neuron's gradient comes from the error at the outputs, and that error depends on what the
other neuron already does. The experiment counts how often two neurons end with the same split all the same, sorts the
networks that fail by kind and trains those ten times longer, starts neurons as near twins, and measures how one
neuron's gradient changes when only the other neuron is turned.
"""

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ClassVar, final

import numpy as np
import numpy.typing as npt
from pydantic import Field

from models.alignment import gap
from models.datasets import blobs
from models.ensemble import Optimizer, Progress, Recording, Trained, gradients, log_spaced, train
from models.experiment import Declared, Experiment, Findings, Hyperparameters, LabBatch, RandomStart, Rate, Result
from models.figures import Figure
from models.figures.similar_lines import outcome_wall_figure, push_figure, twins_figure
from models.initializers import start
from models.network import Network
from models.splits import active_sides, same_split
from models.streams import Purpose, stream

NETWORK = Network((2, 2, 4), "relu", "softmax_crossentropy")
CONVERGED = 0.99  # accuracy
FAILURES = ("dead", "duplicate", "unfinished")
LONGER = 10  # times the steps, for networks that failed
EPSILONS = (0, 1e-6, 1e-4, 1e-2, 0.1, 1)
TURN = 90.0  # degrees


class Parameters(Hyperparameters):
    """What can be varied."""

    steps: int = Field(800, ge=1, le=5_000, description="training steps; 4 mini-batches of 32 make an epoch")
    rate: Rate = 0.01
    batch_size: LabBatch = 32
    initializer: RandomStart = "glorot_uniform"


@final
class SimilarLines(Experiment[Parameters]):
    """Count duplicate splits and other failures, and test what becomes of near twins."""

    title = "What keeps two neurons from drawing the same line"
    summary = "Counts how often both neurons split the blobs alike, and how twins that start almost alike drift apart."
    parameters = Parameters
    declared: ClassVar = {
        "duplicate_share": Declared("share", "networks whose two neurons split the blobs alike, whichever side fires"),
        "duplicate_share_at_start": Declared(
            "share", "networks whose two neurons split the blobs alike already before training"
        ),
        "duplicate_converged_share": Declared(
            "share", "of the networks with duplicate splits: those that get at least 99 % of the points right"
        ),
        "dead_share": Declared("share", "networks with at least one neuron that fires on no point"),
        "diverged_share": Declared("share", "networks with a loss or weight that is no finite number"),
        "loss.<outcome>": Declared("quantity", "cross-entropy of the {outcome} networks (median)", "nats"),
        "recovered_share.<kind>": Declared(
            "share", f"of the {{kind}} networks: those that converge when trained {LONGER} times as long"
        ),
        "gap_after.<epsilon>": Declared(
            "quantity",
            "largest difference between two neurons' incoming weights and biases after training; their incoming and "
            "outgoing weights started at a distance of {epsilon} (median)",
            "weight",
        ),
        "gradient_change": Declared(
            "quantity",
            "change of neuron 1's gradient, an eighth of the way through training, when only neuron 2's line is turned "
            f"by {TURN:g} degrees, relative to its length (median over the first 64 networks)",
            "ratio",
        ),
    }

    def setup(self, hyperparameters: Parameters) -> dict[str, str]:
        """Describe the set-up."""
        batch = "full batch" if hyperparameters.batch_size == 100 else "shuffled mini-batches of 32"
        return {
            "data": "four blobs, 100 points, 2 features",
            "network": "2 ReLU hidden neurons, 4 outputs",
            "initialiser": f"{hyperparameters.initializer}, biases 0",
            "loss": "softmax cross-entropy",
            "optimiser": f"Adam, rate {hyperparameters.rate:g}",
            "steps": f"{hyperparameters.steps:,}, {batch}; {LONGER * hyperparameters.steps:,} for networks that failed",
            "outcomes": "converged (99 % of the points right), else dead (a neuron fires on no point), else duplicate "
            "(both neurons split the blobs alike), else unfinished",
            "twins": "the second neuron's weights, incoming and outgoing, stand at a given distance from the first's",
        }

    def cost(self, hyperparameters: Parameters, networks: int) -> int:
        """Count the networks, their longer training (as if all failed), and the twins."""
        return networks * hyperparameters.steps * (1 + LONGER + len(EPSILONS))

    def train(self, hyperparameters: Parameters, *, networks: int, seed: int, progress: Progress) -> dict[str, Trained]:
        """Train all networks and then the failed ones longer; side by side with them, the twins."""
        members = np.arange(networks)
        steps = hyperparameters.steps
        starts = start(NETWORK, hyperparameters.initializer, seed=seed, networks=members)

        def trained(start: npt.NDArray[np.float32], networks: npt.NDArray[np.intp], **how: Any) -> Trained:  # noqa: ANN401
            return train(
                NETWORK,
                start,
                blobs.load(),
                Optimizer(rate=hyperparameters.rate),
                batch_size=hyperparameters.batch_size,
                seed=seed,
                networks=networks,
                progress=progress,
                **how,
            )

        twin_starts = np.concatenate([_twins(starts, seed, epsilon) for epsilon in EPSILONS], axis=1)
        with ThreadPoolExecutor(1) as beside:
            training_twins = beside.submit(trained, twin_starts, np.tile(members, len(EPSILONS)), steps=steps)
            recording = Recording(log_spaced(steps), tuple(range(min(networks, 64))))
            main = trained(starts, members, steps=steps, recording=recording)
            cohorts = {"main": main}
            failed = np.flatnonzero(outcomes(main) != "converged")
            if failed.size:
                cohorts["longer"] = trained(starts[:, failed], failed, steps=LONGER * steps)
            twins = training_twins.result()
        for at, epsilon in enumerate(EPSILONS):
            cohorts[f"twins.{epsilon:g}"] = twins.part(slice(at * networks, (at + 1) * networks))
        return cohorts

    def measure(self, cohorts: Mapping[str, Trained], findings: Findings) -> None:
        """Sort the networks by outcome, and measure how far the twins came apart."""
        main, data = cohorts["main"], blobs.load()
        outcome = outcomes(main)
        duplicate = same_split(active_sides(NETWORK, main.parameters, data))
        accurate = NETWORK.accuracy(main.parameters, data.x, data.labels) >= CONVERGED
        findings.share("duplicate_share", duplicate)
        findings.share("duplicate_share_at_start", same_split(active_sides(NETWORK, main.start, data)))
        findings.share("duplicate_converged_share", accurate[duplicate])
        findings.share("dead_share", _dead(main))
        findings.share("diverged_share", main.diverged)
        for kind in ("converged", *FAILURES):
            findings.median(f"loss.{kind}", main.loss[outcome == kind])
        recovered = np.zeros(outcome.size, bool)
        if "longer" in cohorts:
            longer = NETWORK.accuracy(cohorts["longer"].parameters, data.x, data.labels)
            recovered[outcome != "converged"] = longer >= CONVERGED
        for kind in FAILURES:
            findings.share(f"recovered_share.{kind}", recovered[outcome == kind])
        for epsilon in EPSILONS:
            twins = cohorts[f"twins.{epsilon:g}"]
            findings.median(f"gap_after.{epsilon:g}", gap(*NETWORK.unpack(twins.parameters)[0]))
        findings.median("gradient_change", _gradient_change(_midway(main)[1]))

    def figures(self, result: Result) -> Iterable[Figure]:
        """Show all networks by their outcome, the pull of one neuron on the other, and the fate of the twins."""
        main = result.cohorts["main"]
        yield outcome_wall_figure(result, blobs.load(), outcomes(main))
        step, parameters = _midway(main)
        angles = np.linspace(0, 360, 73)
        yield push_figure(step, angles, -_first_gradient(_turned(parameters[:, :1], angles)))
        yield twins_figure(result, EPSILONS)


def outcomes(trained: Trained) -> npt.NDArray[np.str_]:
    """Return how each network (networks,) ended: converged, dead, duplicate or unfinished, the first that is true."""
    data = blobs.load()
    accurate = trained.network.accuracy(trained.parameters, data.x, data.labels) >= CONVERGED
    duplicate = same_split(active_sides(trained.network, trained.parameters, data))
    return np.select([accurate, _dead(trained), duplicate], ["converged", "dead", "duplicate"], "unfinished")


def _dead(trained: Trained) -> npt.NDArray[np.bool_]:
    """Say for each network (networks,) whether a neuron fires on no point."""
    fires = trained.network.forward(trained.parameters, blobs.load().x)[0] > 0  # (rows, units, networks)
    return np.asarray((~fires.any(axis=0)).any(axis=0)) & ~trained.diverged


def _twins(starts: npt.NDArray[np.float32], seed: int, epsilon: float) -> npt.NDArray[np.float32]:
    """Return starts (P, networks) in which neuron 2 is neuron 1, moved by ``epsilon`` in a random direction.

    The distance is Euclidean, over the incoming and outgoing weights; each network has its own direction.
    """
    (kernel, bias), (outgoing, output_bias) = NETWORK.unpack(starts.astype(np.float64))
    for network in range(starts.shape[1]):
        direction = stream(seed, network, Purpose.NOISE).standard_normal(len(kernel) + outgoing.shape[1])
        direction *= epsilon / np.linalg.norm(direction)
        kernel[:, 1, network] = kernel[:, 0, network] + direction[: len(kernel)]
        outgoing[1, :, network] = outgoing[0, :, network] + direction[len(kernel) :]
    return NETWORK.pack([(kernel, bias), (outgoing, output_bias)])


def _midway(trained: Trained) -> tuple[int, npt.NDArray[np.float32]]:
    """Return the recorded step nearest to an eighth of the training, and the parameters (P, networks) at it."""
    at = int(np.abs(trained.history.steps - trained.steps / 8).argmin())
    return int(trained.history.steps[at]), trained.history.parameters[at]


def _turned(parameters: npt.NDArray[np.float32], degrees: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
    """Return ``parameters`` (P, networks) with neuron 2's incoming weights turned by ``degrees``, which broadcast."""
    parameters = np.repeat(parameters, degrees.size, axis=1) if parameters.shape[1] == 1 else parameters.copy()
    kernel, _ = NETWORK.unpack(parameters)[0]
    cosine, sine = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    one, two = kernel[0, 1].copy(), kernel[1, 1].copy()
    kernel[0, 1], kernel[1, 1] = cosine * one - sine * two, sine * one + cosine * two
    return parameters


def _first_gradient(parameters: npt.NDArray[np.float32]) -> npt.NDArray[np.floating]:
    """Return the gradient (inputs, networks) of the loss by neuron 1's incoming weights."""
    return NETWORK.unpack(gradients(NETWORK, parameters, blobs.load()))[0][0][:, 0]


def _gradient_change(parameters: npt.NDArray[np.float32]) -> npt.NDArray[np.floating]:
    """Return how far neuron 1's gradient moves when neuron 2 is turned, relative to its length (networks,)."""
    before = _first_gradient(parameters)
    after = _first_gradient(_turned(parameters, np.array(TURN)))
    length = np.linalg.norm(before, axis=0)
    change: npt.NDArray[np.floating] = np.linalg.norm(after - before, axis=0)
    return change / np.where(length > 0, length, np.nan)
