"""Ask whether biases may start at zero, and whether random biases alone would break the symmetry.

With random weights, zero biases do no harm: they move from the first step on. With constant weights everything depends
on which biases are random. Those of the hidden neurons set the neurons apart, those of the outputs never do; and with
all weights at zero, a random bias can leave a ReLU neuron dead. The near question, what becomes of equal neurons, has
an experiment of its own, `symmetry`.
"""

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import ClassVar, final

import numpy as np
import numpy.typing as npt
from pydantic import Field

from models.alignment import gap
from models.datasets import blobs
from models.ensemble import Optimizer, Progress, Recording, Trained, log_spaced, train
from models.experiment import Declared, Experiment, Findings, Hyperparameters, Rate, Result
from models.figures import Figure
from models.figures.bias import films_figure, starts_figure
from models.figures.symmetry import Rung
from models.initializers import start
from models.network import Network
from models.streams import Purpose, stream
from models.success import succeeded

RELU = Network((2, 2, 4), "relu", "softmax_crossentropy")
TANH = Network((2, 2, 4), "tanh", "softmax_crossentropy")

STARTS = (
    Rung("zero_biases", "random weights, zero biases"),
    Rung("random_biases", "random weights, random biases"),
    Rung("biases_held", "random weights, biases held at zero"),
    Rung("constant_weights", "constant weights, zero biases"),
    Rung("constant_random_outputs", "constant weights, random output biases only"),
    Rung("constant_random", "constant weights, random biases"),
    Rung("zero_weights_random", "zero weights, random biases"),
    Rung("zero_weights_random_tanh", "zero weights, random biases, tanh"),
)
ON_RELU = tuple(each.name for each in STARTS if each.name != "zero_weights_random_tanh")  # one program trains these


class Parameters(Hyperparameters):
    """What can be varied."""

    steps: int = Field(800, ge=1, le=20_000, description="full-batch training steps from each start")
    rate: Rate = 0.01
    bias_scale: float = Field(1.0, ge=0, le=10, description="random biases are drawn from minus this to plus this")


@final
class Bias(Experiment[Parameters]):
    """Train two hidden neurons from starts that differ in their biases."""

    title = "What biases do to the symmetry"
    summary = "Starts two neurons with zero or random biases over random, constant or zero weights."
    parameters = Parameters
    declared: ClassVar = {
        **{
            f"identical_share.{each.name}": Declared(
                "share", f"networks whose two neurons end identical, to the last bit; start: {each.title}"
            )
            for each in STARTS
        },
        **{
            f"success.{each.name}": Declared(
                "share", f"networks that get at least 99 % of the points right; start: {each.title}"
            )
            for each in STARTS
        },
        **{
            f"accuracy.{each.name}": Declared("quantity", f"accuracy (median); start: {each.title}", "share of points")
            for each in STARTS
        },
        **{
            f"gap.{each.name}": Declared(
                "quantity",
                "largest difference between the two neurons' incoming weights and biases (median); "
                f"start: {each.title}",
                "weight",
            )
            for each in STARTS
        },
        **{
            f"angle.{each.name}": Declared(
                "quantity", f"angle between the two neurons' lines (median); start: {each.title}", "degrees"
            )
            for each in STARTS
        },
        **{
            f"dead_share.{each.name}": Declared(
                "share",
                f"networks with a hidden neuron whose slope is 0 on every point after training; start: {each.title}",
            )
            for each in STARTS
        },
        "moved.zero_biases": Declared(
            "quantity",
            "largest bias of a hidden neuron after training (median); start: random weights, zero biases",
            "weight",
        ),
        "negative_bias_share": Declared(
            "share", "networks in which a hidden neuron's random bias is negative before training"
        ),
        "diverged_share": Declared("share", "networks with a loss or weight that is no finite number, from any start"),
    }

    def setup(self, hyperparameters: Parameters) -> dict[str, str]:
        """Describe the set-up."""
        scale = hyperparameters.bias_scale
        return {
            "data": "four blobs, 100 points, 2 features",
            "network": "2 hidden neurons (ReLU, and tanh from one start), 4 outputs",
            "initialiser": "random weights: glorot_uniform; constant weights: one random number for all incoming and "
            f"one for all outgoing weights of a network; random biases: uniform from {-scale:g} to {scale:g}, hidden "
            "and output ones",
            "loss": "softmax cross-entropy",
            "optimiser": f"Adam, rate {hyperparameters.rate:g}",
            "steps": f"{hyperparameters.steps:,}, full batch",
        }

    def cost(self, hyperparameters: Parameters, networks: int) -> int:
        """Count every start."""
        return len(STARTS) * networks * hyperparameters.steps

    def train(self, hyperparameters: Parameters, *, networks: int, seed: int, progress: Progress) -> dict[str, Trained]:
        """Train from every start; the ReLU networks are one ensemble."""
        starts = starting(seed, networks, hyperparameters.bias_scale)
        shown = min(networks, 64)

        def trained(network: Network, names: tuple[str, ...]) -> dict[str, Trained]:
            trainable = np.ones((network.size, len(names) * networks), np.float32)
            for at, name in enumerate(names):
                if name == "biases_held":
                    for _, bias in network.unpack(trainable):
                        bias[:, at * networks : (at + 1) * networks] = 0
            every = train(
                network,
                np.concatenate([starts[name] for name in names], axis=1),
                blobs.load(),
                Optimizer(rate=hyperparameters.rate),
                steps=hyperparameters.steps,
                seed=seed,
                networks=np.tile(np.arange(networks), len(names)),
                trainable=trainable,
                recording=Recording(
                    log_spaced(hyperparameters.steps),
                    tuple(at * networks + k for at in range(len(names)) for k in range(shown)),
                ),
                progress=progress,
            )
            return {name: every.part(slice(at * networks, (at + 1) * networks)) for at, name in enumerate(names)}

        with ThreadPoolExecutor(1) as beside:
            tanh = beside.submit(trained, TANH, ("zero_weights_random_tanh",))
            cohorts = trained(RELU, ON_RELU)
            return cohorts | tanh.result()

    def measure(self, cohorts: Mapping[str, Trained], findings: Findings) -> None:
        """Compare the two neurons from every start, and say how far the networks get."""
        data = blobs.load()
        for name, trained in cohorts.items():
            network, parameters = trained.network, trained.parameters
            kernel, bias = network.unpack(parameters)[0]
            apart = gap(kernel, bias)
            findings.share(f"identical_share.{name}", apart == 0)
            findings.share(f"success.{name}", succeeded(network, parameters, data))
            findings.median(f"accuracy.{name}", network.accuracy(parameters, data.x, data.labels))
            findings.median(f"gap.{name}", apart)
            findings.median(f"angle.{name}", _angle(kernel))
            findings.share(f"dead_share.{name}", _dead(trained))
        _, bias = RELU.unpack(cohorts["zero_biases"].parameters)[0]
        findings.median("moved.zero_biases", np.abs(bias).max(axis=0))
        _, drawn = RELU.unpack(cohorts["zero_weights_random"].start)[0]
        findings.share("negative_bias_share", np.asarray((drawn < 0).any(axis=0)))
        findings.share("diverged_share", np.any([trained.diverged for trained in cohorts.values()], axis=0))

    def figures(self, result: Result) -> Iterable[Figure]:
        """Show how two neurons' lines move from each start, and how many networks succeed."""
        yield films_figure(result, blobs.load(), STARTS)
        yield starts_figure(result, STARTS)


def starting(seed: int, networks: int, scale: float) -> dict[str, npt.NDArray[np.float32]]:
    """Return the starting parameters (P, networks) by the name of the start."""
    glorot = start(RELU, "glorot_uniform", seed=seed, networks=np.arange(networks))
    constant, outputs, hidden = np.zeros_like(glorot), np.zeros_like(glorot), np.zeros_like(glorot)
    (incoming, _), (outgoing, _) = RELU.unpack(constant)
    for network in range(networks):
        # The constants are those of the experiment on symmetry.
        incoming[..., network], outgoing[..., network] = stream(seed, network, Purpose.CONSTANTS).uniform(-1, 1, 2)
        drawn = stream(seed, network, Purpose.NOISE).uniform(-scale, scale, 6)
        hidden[RELU.layers[0].bias, network], outputs[RELU.layers[1].bias, network] = drawn[:2], drawn[2:]
    return {
        "zero_biases": glorot,
        "random_biases": glorot + hidden + outputs,
        "biases_held": glorot,
        "constant_weights": constant,
        "constant_random_outputs": constant + outputs,
        "constant_random": constant + hidden + outputs,
        "zero_weights_random": hidden + outputs,
        "zero_weights_random_tanh": hidden + outputs,
    }


def _angle(kernel: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    """Return the angle in degrees (networks,), 0 to 90, between two neurons' lines; NaN where there are not two."""
    one, two = kernel[:, 0].astype(np.float64), kernel[:, 1].astype(np.float64)
    with np.errstate(invalid="ignore", over="ignore"):  # a network that diverged has no angle
        # The arc tangent of both products keeps its digits also for lines that are nearly parallel.
        degrees = np.degrees(np.arctan2(np.abs(one[0] * two[1] - one[1] * two[0]), np.abs((one * two).sum(axis=0))))
    drawn = kernel.any(axis=0).all(axis=0) & np.isfinite(kernel).all(axis=(0, 1))
    return np.where(drawn, degrees, np.nan)


def _dead(trained: Trained) -> npt.NDArray[np.bool_]:
    """Say for each network (networks,) whether a ReLU neuron fires on no point; tanh has a slope everywhere."""
    if trained.network.activation != "relu":
        return np.zeros(trained.loss.size, bool)
    fires = trained.network.forward(trained.parameters, blobs.load().x)[0] > 0  # (rows, units, networks)
    return np.asarray((~fires.any(axis=0)).any(axis=0)) & ~trained.diverged
