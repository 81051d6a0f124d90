"""Ask what an activation is for: the same networks with linear, ReLU, sigmoid and tanh hidden neurons.

On the four blobs every activation can succeed, the linear one included, because four straight cuts are enough there. On
XOR no straight cut is. However many linear neurons there are, they amount to one matrix, and the experiment computes
that matrix. What tells ReLU from sigmoid and tanh is measured too: how often, how soon, with which slopes, and whether
a neuron went silent.
"""

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import ClassVar, final, get_args

import numpy as np
import numpy.typing as npt
from pydantic import Field

from models.datasets import Dataset, blobs, xor
from models.ensemble import Optimizer, Progress, Recording, Trained, log_spaced, train
from models.experiment import Declared, Experiment, Findings, Hyperparameters, RandomStart, Rate, Result
from models.figures import Figure
from models.figures.activation import maps_figure, speed_figure
from models.network import Activation, Network, activate
from models.success import MARGIN, succeeded
from models.widths import narrow_start

ACTIVATIONS: tuple[Activation, ...] = get_args(Activation)
DATA = {"blobs": blobs.load, "xor": xor.load}
NETWORKS = {
    **{f"blobs.{each}": Network((2, 2, 4), each, "softmax_crossentropy") for each in ACTIVATIONS},
    **{f"xor.{each}": Network((2, 10, 1), each, "binary_crossentropy") for each in ACTIVATIONS},
}
SILENT = 0.01  # of the greatest slope that an activation has
STEEPEST = {"linear": 1.0, "relu": 1.0, "sigmoid": 0.25, "tanh": 1.0}


class Parameters(Hyperparameters):
    """What can be varied."""

    steps: int = Field(800, ge=1, le=20_000, description="training steps on the blobs")
    xor_steps: int = Field(2_000, ge=1, le=20_000, description="training steps on XOR")
    xor_hidden: int = Field(4, ge=1, le=10, description="hidden neurons on XOR")
    rate: Rate = 0.01
    initializer: RandomStart = "glorot_uniform"


@final
class ActivationExperiment(Experiment[Parameters]):
    """Train the same networks with four activations, on data that needs a bend and on data that does not."""

    title = "What an activation is for"
    summary = "Trains networks with linear, ReLU, sigmoid and tanh neurons on four blobs and on XOR."
    parameters = Parameters
    declared: ClassVar = {
        "success.<data>.<activation>": Declared("share", "networks of {activation} neurons that succeed on {data}"),
        "collapse_error": Declared(
            "quantity",
            "largest difference between a linear network's outputs and those of the one matrix and bias that its two "
            "layers amount to, over all networks and both data sets",
            "logit",
        ),
        "loss.<data>.<activation>": Declared(
            "quantity", "cross-entropy of networks of {activation} neurons on {data} after training (median)", "nats"
        ),
        "steps_needed.<data>.<activation>": Declared(
            "quantity",
            "first recorded step at which networks of {activation} neurons succeed on {data} (median of those that "
            "ever do, among the first 64)",
            "step",
        ),
        "silent_share.<data>.<activation>": Declared(
            "share",
            f"networks with a {{activation}} neuron whose slope on every example of {{data}} is below {SILENT:.0%} of "
            "the greatest that it can have, after training",
        ),
        "slope_at_start.<data>.<activation>": Declared(
            "quantity", "slope of {activation} neurons on {data} before training, mean of a network (median)", "ratio"
        ),
        "slope.<data>.<activation>": Declared(
            "quantity", "slope of {activation} neurons on {data} after training, mean of a network (median)", "ratio"
        ),
        "diverged_share": Declared("share", "networks with a loss or weight that is no finite number, in any of eight"),
    }

    def setup(self, hyperparameters: Parameters) -> dict[str, str]:
        """Describe the set-up."""
        return {
            "data": "four blobs, 100 points; XOR, the four corners of the square from -1 to 1",
            "network": f"blobs: 2 hidden neurons, 4 outputs; XOR: {hyperparameters.xor_hidden} hidden neurons, "
            "1 output; linear, ReLU, sigmoid or tanh",
            "initialiser": f"{hyperparameters.initializer}, biases 0",
            "loss": "softmax cross-entropy on the blobs, binary cross-entropy on XOR",
            "optimiser": f"Adam, rate {hyperparameters.rate:g}",
            "success": f"blobs: 99 % of the points right; XOR: all four corners right by {MARGIN:g} of a logit or more",
            "steps": f"{hyperparameters.steps:,} on the blobs, {hyperparameters.xor_steps:,} on XOR, full batch",
        }

    def cost(self, hyperparameters: Parameters, networks: int) -> int:
        """Count every activation on both data sets."""
        return len(ACTIVATIONS) * networks * (hyperparameters.steps + hyperparameters.xor_steps)

    def train(self, hyperparameters: Parameters, *, networks: int, seed: int, progress: Progress) -> dict[str, Trained]:
        """Train every activation on both data sets, side by side; starts differ by nothing but the activation."""

        def trained(cohort: str) -> Trained:
            network, data = NETWORKS[cohort], _data(cohort)
            on_xor = cohort.startswith("xor")
            width = hyperparameters.xor_hidden if on_xor else network.sizes[1]
            steps = hyperparameters.xor_steps if on_xor else hyperparameters.steps
            members = np.arange(networks)
            start, trainable = narrow_start(network, width, hyperparameters.initializer, seed=seed, networks=members)
            return train(
                network,
                start,
                data,
                Optimizer(rate=hyperparameters.rate),
                steps=steps,
                seed=seed,
                trainable=trainable,
                recording=Recording(log_spaced(steps), tuple(range(min(networks, 64)))),
                progress=progress,
            )

        with ThreadPoolExecutor(3) as pool:
            return dict(zip(NETWORKS, pool.map(trained, NETWORKS), strict=True))

    def measure(self, cohorts: Mapping[str, Trained], findings: Findings) -> None:
        """Count successes, and measure slopes, silent neurons and the collapse."""
        for cohort, trained in cohorts.items():
            findings.share(f"success.{cohort}", succeeded(trained.network, trained.parameters, _data(cohort)))
            findings.median(f"loss.{cohort}", trained.loss)
            findings.median(f"steps_needed.{cohort}", steps_needed(trained, _data(cohort)))
            before, after = _slopes(cohort, trained, trained.start), _slopes(cohort, trained, trained.parameters)
            silent = (after < SILENT * STEEPEST[trained.network.activation]).all(axis=0)  # (units, networks)
            findings.share(f"silent_share.{cohort}", silent.any(axis=0) & ~trained.diverged)
            findings.median(f"slope_at_start.{cohort}", before.mean(axis=(0, 1)))
            findings.median(f"slope.{cohort}", after.mean(axis=(0, 1)))
        linear = {cohort: trained for cohort, trained in cohorts.items() if trained.network.activation == "linear"}
        errors = [collapse_error(trained, _data(cohort)) for cohort, trained in linear.items()]
        findings.quantity("collapse_error", float(np.concatenate(errors).max()))
        findings.share("diverged_share", np.any([trained.diverged for trained in cohorts.values()], axis=0))

    def figures(self, result: Result) -> Iterable[Figure]:
        """Show what one network of each kind does with the plane, and how soon how many succeed."""
        yield maps_figure(
            result,
            {name: load() for name, load in DATA.items()},
            {
                cohort: trained.network.accuracy(trained.parameters, data.x, data.labels)
                for cohort, trained in result.cohorts.items()
                for data in (_data(cohort),)
            },
        )
        found = {cohort: successes(trained, _data(cohort)) for cohort, trained in result.cohorts.items()}
        yield speed_figure(result, found)


def successes(trained: Trained, data: Dataset) -> npt.NDArray[np.bool_]:
    """Say for each recorded step who of the recorded networks succeeds at it (steps, networks)."""
    return np.stack([succeeded(trained.network, parameters, data) for parameters in trained.history.parameters])


def steps_needed(trained: Trained, data: Dataset) -> npt.NDArray[np.floating]:
    """Return the first recorded step (recorded networks,) at which each succeeds, and NaN where none does."""
    there = successes(trained, data)
    return np.where(there.any(axis=0), trained.history.steps[there.argmax(axis=0)].astype(float), np.nan)


def collapse_error(trained: Trained, data: Dataset) -> npt.NDArray[np.floating]:
    """Return how far each linear network's outputs (networks,) are from those of one matrix and one bias.

    The layers are multiplied out as they were trained, and both sides are computed in double precision.
    """
    parameters = trained.parameters.astype(np.float64)
    (kernel, bias), (outgoing, output_bias) = trained.network.unpack(parameters)
    with np.errstate(invalid="ignore", over="ignore"):  # a network that diverged has an error that is no number
        matrix = np.einsum("iun,uon->ion", kernel, outgoing)
        offset = np.einsum("un,uon->on", bias, outgoing) + output_bias
        one = np.einsum("ri,ion->ron", data.x.astype(np.float64), matrix) + offset
        error: npt.NDArray[np.floating] = np.abs(one - trained.network.forward(parameters, data.x)[-1]).max(axis=(0, 1))
    return error


def _data(cohort: str) -> Dataset:
    return DATA[cohort.partition(".")[0]]()


def _slopes(cohort: str, trained: Trained, parameters: npt.NDArray[np.float32]) -> npt.NDArray[np.floating]:
    """Return the slope (rows, units, networks) of each hidden neuron at each example; masked neurons are left out."""
    kernel, _ = trained.network.unpack(trained.start)[0]
    drawn = kernel.any(axis=(0, 2))  # (units,), masked neurons have no weights
    z = trained.network.forward(parameters, _data(cohort).x)[0][:, drawn]  # (rows, units, networks)
    return slope(trained.network.activation, z)


def slope(activation: Activation, z: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
    """Return the derivative of an activation at pre-activations of any shape; that of ReLU at 0 counts as 0."""
    value = activate(activation, z)
    match activation:
        case "relu":
            return np.where(z > 0, 1.0, np.where(np.isnan(z), np.nan, 0.0))
        case "sigmoid":
            return np.asarray(value * (1 - value))
        case "tanh":
            return np.asarray(1 - value**2)
    return np.where(np.isnan(z), np.nan, 1.0)
