"""Ask whether a loss that stands still is stuck, or only slow.

Networks with two hidden neurons learn XOR by plain gradient descent. Three groups stand still in their own ways: tanh
networks from a small start, soon after the beginning, and tanh and ReLU networks from the usual start, later on. At the
moment at which the loss stands still, gradient and curvature are looked at, and then training simply goes on: who gets
away?
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final, NamedTuple, final

import numpy as np
import numpy.typing as npt
from pydantic import Field
from scipy.special import expit

from models.ensemble import Optimizer, gradients
from models.experiment import Experiment, Hyperparameters, RandomStart, Result
from models.figures import Figure
from models.figures.plateau import curvature_figure, losses_figure
from models.labs import ACTIVATIONS
from models.labs.xor import XOR
from models.measures import Family, each, median, percent, share
from models.network import Activation, Network
from models.plans import Cohort, Plan, Start, reading
from models.readings import Booleans, Floats, success
from models.replay import Moment, Replay
from models.wordings import RATE_NAMES, FullBatchSteps, called

HIDDEN = 2
SMALL = 0.1  # times the usual start
LITTLE = 0.01  # of the loss: what falls by less in half the time so far stands still
DONE = 0.1  # nats; below that nobody calls it stuck
DOWN = -1e-3  # curvature below which a direction counts as one that bends down


class Arm(NamedTuple):
    """A group of networks: how they begin, and the step at which they are looked at."""

    activation: Activation
    scale: float
    step: int
    words: str


ARMS: Final = {
    "small": Arm("tanh", SMALL, 200, "tanh, a start ten times smaller, at step 200"),
    "tanh": Arm("tanh", 1.0, 2_000, "tanh, the usual start, at step 2,000"),
    "relu": Arm("relu", 1.0, 2_000, "ReLU, the usual start, at step 2,000"),
}
SMOOTH = {name: arm.words for name, arm in ARMS.items() if arm.activation == "tanh"}  # those that have a curvature


class Parameters(Hyperparameters):
    """What can be varied."""

    steps: FullBatchSteps = Field(8_000, ge=1, le=20_000, description="full-batch training steps in all")
    rate: float = Field(
        0.3,
        ge=1e-6,
        le=100,
        title="learning rate",
        description="rate of plain gradient descent",
        json_schema_extra=called(*RATE_NAMES, calls=("SGD",)),
    )
    initializer: RandomStart = "glorot_uniform"


def _row(cohort: Cohort, step: float) -> int:
    """Return the recorded step that is nearest."""
    return int(np.abs(cohort.history.steps - step).argmin())


def looked_at(cohort: Cohort) -> int:
    """Return the row of the history at which a group is looked at."""
    return _row(cohort, ARMS[cohort.plan.name].step)


@reading
def still(cohort: Cohort) -> Booleans:
    """Say whose loss stands still at the step at which its group is looked at."""
    losses, row = cohort.history.loss, looked_at(cohort)
    before, now = losses[_row(cohort, cohort.history.steps[row] / 2)], losses[row]
    with np.errstate(invalid="ignore"):  # of a network that diverged
        return np.asarray((now > DONE) & (before - now < LITTLE * before))


def left_later(cohort: Cohort) -> Booleans:
    """Say which of the networks that stand still succeed in the end."""
    return success(cohort)[still(cohort)]


def _then(cohort: Cohort) -> Floats:
    """Return the parameters (P, networks) of those that stand still, as they were then."""
    return np.asarray(cohort.history.parameters[looked_at(cohort)][:, still(cohort)])


@reading
def gradient_size(cohort: Cohort) -> Floats:
    """Return the length of the gradient of each network that stands still, as it was then."""
    parameters = _then(cohort)
    if not parameters.size:
        return np.zeros(0)
    return np.asarray(np.linalg.norm(gradients(cohort.network, parameters, cohort.data), axis=0))


def loss_then(cohort: Cohort) -> Floats:
    """Return the loss at which each of them stands still."""
    return np.asarray(cohort.history.loss[looked_at(cohort)][still(cohort)])


def hessians(network: Network, parameters: Floats, x: Floats, labels: npt.NDArray[np.integer]) -> Floats:
    """Return the exact second derivatives (networks, P, P) of the mean loss of networks with one hidden tanh layer.

    With the output z, its gradient g and its second derivatives S, a row adds p (1 - p) g g' + (p - y) S.
    """
    size, count = network.size, parameters.shape[1]
    first, last = network.layers
    (_, _), (outgoing, _) = network.unpack(parameters.astype(np.float64))
    sums, outputs = network.forward(parameters.astype(np.float64), x)  # (rows, units, networks), (rows, 1, networks)
    found = np.zeros((count, size, size))
    for row, inputs in enumerate(np.column_stack((x, np.ones(len(x))))):
        values = np.tanh(sums[row])  # (units, networks)
        slope, bend = 1 - values**2, -2 * values * (1 - values**2)
        by_output, twice = np.zeros((count, size)), np.zeros((count, size, size))
        by_output[:, last.bias] = 1
        for unit in range(first.units):
            # A neuron's incoming weights stand a row of the kernel apart; its bias comes behind the kernel.
            into = np.append(np.arange(first.inputs) * first.units + unit, first.bias.start + unit)
            out = last.kernel.start + unit
            by_output[:, into] = (outgoing[unit, 0] * slope[unit])[:, None] * inputs
            by_output[:, out] = values[unit]
            twice[:, into[:, None], into] = (outgoing[unit, 0] * bend[unit])[:, None, None] * np.outer(inputs, inputs)
            twice[:, into, out] = twice[:, out, into] = slope[unit][:, None] * inputs
        p = expit(outputs[row, 0])[:, None, None]
        found += p * (1 - p) * by_output[:, :, None] * by_output[:, None, :] + (p - labels[row]) * twice
    return found / len(x)


@reading
def least_curvature(cohort: Cohort) -> Floats:
    """Return the least eigenvalue of the second derivatives of each network that stands still, as it was then.

    NaN of networks that diverged.
    """
    parameters = _then(cohort)
    finite = np.isfinite(parameters).all(axis=0)
    least = np.full(finite.size, np.nan)
    found = hessians(cohort.network, parameters[:, finite], cohort.data.x, cohort.data.labels)
    least[finite] = np.linalg.eigvalsh(found)[:, 0]
    return least


def bends_down(cohort: Cohort) -> Booleans:
    """Say at which of the networks that stand still the loss bends down in some direction."""
    return np.asarray(least_curvature(cohort) < DOWN)


def outcome(cohort: Cohort) -> npt.NDArray[np.str_]:
    """Name what becomes of a network."""
    return np.where(
        cohort.diverged, "diverged", np.where(success(cohort), "all four corners right", "stuck to the end")
    )


@final
class Plateau(Experiment[Parameters]):
    """Stop where the loss stands still, look at gradient and curvature, and train on."""

    title = "Stuck, or only slow: what the loss does where it stands still"
    summary = (
        "Trains networks of two neurons on XOR by plain gradient descent, looks at gradient and curvature where the "
        "loss stands still, and counts who gets away later."
    )
    parameters = Parameters
    figure_names = ("losses", "curvature")

    def plans(self, hyperparameters: Parameters) -> Iterator[Plan]:
        """Plan the three groups; activations are data, so that all are one program."""
        h = hyperparameters
        for name, arm in ARMS.items():
            network = replace(XOR.network, sizes=(2, HIDDEN, 1), activation=arm.activation)
            lab = replace(
                XOR, network=network, network_words=f"{HIDDEN} {ACTIVATIONS[arm.activation]} neurons, 1 output"
            )
            start = Start.by(h.initializer, arm.scale)
            shape = replace(network, activation="linear")
            yield Plan(name, lab, start, h.steps, Optimizer("sgd", h.rate), padded_to=shape, recorded=None)

    def notes(self, hyperparameters: Parameters) -> dict[str, str]:
        """Say what standing still is, and when it is looked for."""
        return {
            "initialiser": f"{hyperparameters.initializer}, biases 0; the small start is {SMALL:g} times that",
            "stands still": f"the loss fell by less than {percent(LITTLE)} in the last half of the steps so far, and "
            f"is above {DONE:g}; at the recorded steps nearest 200 (small start) and 2,000",
            "bends down": f"the least eigenvalue of the second derivatives is below {DOWN:g}; ReLU has kinks and "
            "no such",
        }

    measures = (
        *each(
            Family("<arm>", "{arm}", choices={"arm": {name: arm.words for name, arm in ARMS.items()}}),
            share("still_share", "networks whose loss stands still", still),
            share("left_later_share", "of those that stand still: all four corners right in the end", left_later),
            share("success", "networks with all four corners right in the end", success),
            median(
                "gradient_size", "length of the gradient where the loss stands still (median)", "nats", gradient_size
            ),
            median("loss_then", "loss at which the networks stand still (median)", "nats", loss_then),
        ),
        *each(
            Family("<arm>", "{arm}", choices={"arm": SMOOTH}),
            share(
                "negative_curvature_share",
                "of those that stand still: networks with a direction in which the loss bends down",
                bends_down,
            ),
            median(
                "least_curvature", "least eigenvalue of the second derivatives (median)", "curvature", least_curvature
            ),
        ),
    )

    replay = Replay(
        {"small": "tanh, small start", "tanh": "tanh, usual start", "relu": "ReLU, usual start"},
        groups=outcome,
        moment=Moment("At least half of the networks have got away by this step."),
    )

    def figures(self, result: Result) -> Iterable[Figure]:
        """Show the losses of all groups over the steps, and gradient against curvature where they stand still."""
        words = {name: arm.words for name, arm in ARMS.items()}
        yield losses_figure(
            {name: (cohort.history, success(cohort)) for name, cohort in result.cohorts.items()},
            {name: int(cohort.history.steps[looked_at(cohort)]) for name, cohort in result.cohorts.items()},
            words,
        )
        smooth = {name: result.cohorts[name] for name in SMOOTH}
        yield curvature_figure(
            {name: (gradient_size(each), least_curvature(each), left_later(each)) for name, each in smooth.items()},
            words,
        )
