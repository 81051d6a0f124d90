"""Climb the symmetry ladder: from neurons that start alike to neurons that start apart.

If two neurons get the same data, have the same activation and start with the same weights, they get the same gradients
and stay the same for ever. The ladder shows what breaks this and what does not. Its rungs are ways to start: all zero,
constant, the same incoming weights with different outgoing ones, constant plus a tiny noise, and Glorot. The constant
start is also trained with shuffled mini-batches and with dropout, and a start with zero incoming weights is trained
with ReLU and with tanh, which behave differently at 0.
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
from models.figures.symmetry import Rung, identical_figure, ladder_figure, rung_wall_figure
from models.initializers import start
from models.network import Network
from models.streams import Purpose, stream

RELU = Network((2, 2, 4), "relu", "softmax_crossentropy")
TANH = Network((2, 2, 4), "tanh", "softmax_crossentropy")
NOISE = 1e-6
DROPOUT = 0.5
BATCH = 32

RUNGS = (
    Rung("zero", "all weights zero"),
    Rung("constant", "constant weights"),
    Rung("constant_shuffled", "constant weights, shuffled mini-batches"),
    Rung("outgoing_differ", "same incoming weights, different outgoing ones"),
    Rung("constant_dropout", "constant weights, dropout 0.5"),
    Rung("tiny_noise", "constant weights plus noise of 0.000001"),
    Rung("zero_incoming_relu", "zero incoming weights, random outgoing ones, ReLU"),
    Rung("zero_incoming_tanh", "zero incoming weights, random outgoing ones, tanh"),
    Rung("glorot", "random weights (Glorot)"),
)
LADDER = (
    "zero",
    "constant",
    "outgoing_differ",
    "tiny_noise",
    "glorot",
    "zero_incoming_relu",
)  # one program trains these


class Parameters(Hyperparameters):
    """What can be varied."""

    steps: int = Field(800, ge=1, le=20_000, description="training steps on each rung")
    rate: Rate = 0.01


@final
class Symmetry(Experiment[Parameters]):
    """Train two hidden neurons from starts that are more and more different, and see whether they part."""

    title = "The symmetry ladder: what makes two neurons differ"
    summary = "Starts two neurons alike, nearly alike and apart, and counts the networks in which they stay identical."
    parameters = Parameters
    declared: ClassVar = {
        **{
            f"identical_share.{rung.name}": Declared(
                "share", f"networks whose two neurons end identical, to the last bit; start: {rung.title}"
            )
            for rung in RUNGS
        },
        **{
            f"gap.{rung.name}": Declared(
                "quantity",
                f"largest difference of the two neurons' incoming weights and biases (median); start: {rung.title}",
                "weight",
            )
            for rung in RUNGS
        },
        **{
            f"accuracy.{rung.name}": Declared("quantity", f"accuracy (median); start: {rung.title}", "share of points")
            for rung in RUNGS
        },
        **{
            f"first_step_apart.{rung.name}": Declared(
                "quantity", f"first recorded step at which the two neurons differ (median); start: {rung.title}", "step"
            )
            for rung in RUNGS
        },
        "moved.output_biases": Declared(
            "quantity", "largest change of an output bias from the all-zero start", "weight"
        ),
        "moved.other_parameters": Declared(
            "quantity", "largest change of any other parameter from the all-zero start", "weight"
        ),
        "diverged_share": Declared("share", "networks with a loss or weight that is no finite number, on any rung"),
    }

    def setup(self, hyperparameters: Parameters) -> dict[str, str]:
        """Describe the set-up."""
        return {
            "data": "four blobs, 100 points, 2 features",
            "network": "2 hidden neurons (ReLU, and tanh on one rung), 4 outputs",
            "initialiser": "one for each rung, biases 0",
            "loss": "softmax cross-entropy",
            "optimiser": f"Adam, rate {hyperparameters.rate:g}",
            "steps": f"{hyperparameters.steps:,}, full batch, but for shuffled mini-batches of {BATCH} on one rung",
        }

    def cost(self, hyperparameters: Parameters, networks: int) -> int:
        """Count every rung; the all-zero start has nothing random in it and is trained once."""
        return ((len(RUNGS) - 1) * networks + 1) * hyperparameters.steps

    def train(self, hyperparameters: Parameters, *, networks: int, seed: int, progress: Progress) -> dict[str, Trained]:
        """Train every rung; those that differ in nothing but their start are one ensemble."""
        members = np.arange(networks)
        starts = _starts(seed, members)
        sizes = [starts[rung].shape[1] for rung in LADDER]

        def trained(
            start: npt.NDArray[np.float32],
            network: Network = RELU,
            batch_size: int | None = None,
            dropout: float = 0.0,
        ) -> Trained:
            return train(
                network,
                start,
                blobs.load(),
                Optimizer(rate=hyperparameters.rate),
                steps=hyperparameters.steps,
                batch_size=batch_size,
                dropout=dropout,
                seed=seed,
                recording=Recording(log_spaced(hyperparameters.steps), tuple(range(start.shape[1]))),
                progress=progress,
            )

        with ThreadPoolExecutor(3) as beside:
            own = {
                "constant_shuffled": beside.submit(trained, starts["constant"], batch_size=BATCH),
                "constant_dropout": beside.submit(trained, starts["constant"], dropout=DROPOUT),
                "zero_incoming_tanh": beside.submit(trained, starts["zero_incoming_relu"], TANH),
            }
            ladder = trained(np.concatenate([starts[rung] for rung in LADDER], axis=1))
            cohorts = {rung: cohort.result() for rung, cohort in own.items()}
        for rung, size, end in zip(LADDER, sizes, np.cumsum(sizes).tolist(), strict=True):
            cohorts[rung] = ladder.part(slice(end - size, end))
        return {rung.name: cohorts[rung.name] for rung in RUNGS}

    def measure(self, cohorts: Mapping[str, Trained], findings: Findings) -> None:
        """Compare the two neurons on every rung."""
        data = blobs.load()
        diverged = np.zeros(cohorts["glorot"].loss.size, bool)
        for rung, trained in cohorts.items():
            apart = gap(*trained.network.unpack(trained.parameters)[0])
            findings.share(f"identical_share.{rung}", apart == 0)
            findings.median(f"gap.{rung}", apart)
            findings.median(f"accuracy.{rung}", trained.network.accuracy(trained.parameters, data.x, data.labels))
            findings.median(f"first_step_apart.{rung}", _first_step_apart(trained))
            diverged[: trained.loss.size] |= trained.diverged
        moved = np.abs(cohorts["zero"].parameters - cohorts["zero"].start)[:, 0]
        output_biases = RELU.layers[-1].bias
        findings.quantity("moved.output_biases", float(moved[output_biases].max()))
        findings.quantity("moved.other_parameters", float(np.delete(moved, output_biases).max()))
        findings.share("diverged_share", diverged)

    def figures(self, result: Result) -> Iterable[Figure]:
        """Show the neurons' weights on every rung, the shares that stay identical, and what the networks can do."""
        yield ladder_figure(result, RUNGS)
        yield identical_figure(result, RUNGS)
        yield rung_wall_figure(result, blobs.load(), RUNGS)


def _starts(seed: int, members: npt.NDArray[np.intp]) -> dict[str, npt.NDArray[np.float32]]:
    """Return the starting parameters (P, networks) of every full-batch rung."""
    glorot = start(RELU, "glorot_uniform", seed=seed, networks=members)
    constant, tiny_noise = np.zeros_like(glorot), np.zeros_like(glorot)
    (incoming, _), (outgoing, _) = RELU.unpack(constant)
    (noisy_incoming, _), (noisy_outgoing, _) = RELU.unpack(tiny_noise)
    for network in members:
        incoming[..., network], outgoing[..., network] = stream(seed, network, Purpose.CONSTANTS).uniform(-1, 1, 2)
        noise = stream(seed, network, Purpose.NOISE)
        noisy_incoming[..., network] = incoming[..., network] + NOISE * noise.standard_normal(incoming.shape[:2])
        noisy_outgoing[..., network] = outgoing[..., network] + NOISE * noise.standard_normal(outgoing.shape[:2])
    outgoing_differ, zero_incoming = glorot.copy(), glorot.copy()
    same, _ = RELU.unpack(outgoing_differ)[0]
    same[:, 1] = same[:, 0]
    zero_incoming[RELU.layers[0].kernel] = 0
    return {
        "zero": np.zeros((RELU.size, 1), np.float32),
        "constant": constant,
        "outgoing_differ": outgoing_differ,
        "tiny_noise": tiny_noise,
        "glorot": glorot,
        "zero_incoming_relu": zero_incoming,
    }


def _first_step_apart(trained: Trained) -> npt.NDArray[np.floating]:
    """Return the first recorded step (networks,) at which the two neurons differ, and NaN where they never do."""
    history = trained.history
    apart = np.stack([gap(*trained.network.unpack(parameters)[0]) > 0 for parameters in history.parameters])
    first = history.steps[apart.argmax(axis=0)].astype(float)
    return np.where(apart.any(axis=0), first, np.nan)
