"""Ask what happens when the step is too small or too large.

The same starts are trained at rates from 0.0001 to 10, by plain gradient descent and by Adam. A step that is too small
gets nowhere in the time it has; one that is too large jumps across the valley. What "too large" does differs: plain
gradient descent multiplies the gradient by the rate, so that one big step makes the next one bigger, while the length
of Adam's steps is bounded by the rate whatever the gradient is.
"""

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import ClassVar, final

import numpy as np
from pydantic import Field

from models.datasets import blobs
from models.ensemble import Optimizer, OptimizerName, Progress, Recording, Trained, log_spaced, train
from models.experiment import Declared, Experiment, Findings, Hyperparameters, RandomStart, Result
from models.figures import Figure
from models.figures.learning_rate import curves_figure, one_step_figure, success_figure
from models.initializers import start
from models.network import Network

NETWORK = Network((2, 2, 4), "relu", "softmax_crossentropy")
CONVERGED = 0.99  # accuracy
RATES = (1e-4, 1e-3, 1e-2, 0.1, 1.0, 10.0)
OPTIMIZERS: tuple[OptimizerName, ...] = ("sgd", "adam")
RECORDED = 64  # networks of each rate


class Parameters(Hyperparameters):
    """What can be varied."""

    rate: float = Field(0.3, ge=1e-6, le=100, description="a rate of your own, tried beside 0.0001, 0.001, ... 10")
    steps: int = Field(800, ge=1, le=10_000, description="full-batch training steps at each rate")
    initializer: RandomStart = "glorot_uniform"

    @property
    def rates(self) -> list[float]:
        """Every rate that is tried, in ascending order."""
        return sorted({*RATES, float(f"{self.rate:g}")})  # as the names of the findings have it


@final
class LearningRate(Experiment[Parameters]):
    """Train the same starts at many learning rates, with two optimisers."""

    title = "What the learning rate changes"
    summary = (
        "Trains the same starts at rates from 0.0001 to 10, by plain gradient descent and by Adam, and counts what "
        "succeeds and what diverges."
    )
    parameters = Parameters
    declared: ClassVar = {
        "success.<optimizer>.<rate>": Declared(
            "share", "networks that get at least 99 % of the points right; {optimizer} at rate {rate}"
        ),
        "diverged_share.<optimizer>.<rate>": Declared(
            "share", "networks with a loss or weight that is no finite number; {optimizer} at rate {rate}"
        ),
        "diverged_share": Declared("share", "networks that diverged at one rate at least, with either optimiser"),
        "rose_share.<optimizer>.<rate>": Declared(
            "share",
            f"of the first {RECORDED} networks: those whose loss rose, or was no number, at least once between two "
            "recorded steps; {optimizer} at rate {rate}",
        ),
        "dead_share.<optimizer>.<rate>": Declared(
            "share", "networks that are finite and have a neuron that fires on no point; {optimizer} at rate {rate}"
        ),
        "loss.<optimizer>.<rate>": Declared(
            "quantity", "cross-entropy after training (median of the finite ones); {optimizer} at rate {rate}", "nats"
        ),
        "moved.<optimizer>.<rate>": Declared(
            "quantity",
            "largest change of a weight from start to end (median of the finite ones); {optimizer} at rate {rate}",
            "weight",
        ),
    }

    def setup(self, hyperparameters: Parameters) -> dict[str, str]:
        """Describe the set-up."""
        return {
            "data": "four blobs, 100 points, 2 features",
            "network": "2 ReLU hidden neurons, 4 outputs",
            "initialiser": f"{hyperparameters.initializer}, biases 0; the same starts at every rate",
            "loss": "softmax cross-entropy",
            "optimiser": "plain gradient descent (sgd) and Adam, rates "
            + ", ".join(f"{rate:g}" for rate in hyperparameters.rates),
            "steps": f"{hyperparameters.steps:,}, full batch",
        }

    def cost(self, hyperparameters: Parameters, networks: int) -> int:
        """Count every network once for each rate and optimiser."""
        return networks * hyperparameters.steps * len(hyperparameters.rates) * len(OPTIMIZERS)

    def train(self, hyperparameters: Parameters, *, networks: int, seed: int, progress: Progress) -> dict[str, Trained]:
        """Train one ensemble for each optimiser, side by side: all starts at the first rate, then at the next."""
        rates = hyperparameters.rates
        starts = start(NETWORK, hyperparameters.initializer, seed=seed, networks=np.arange(networks))
        first = np.arange(min(networks, RECORDED))
        recorded = np.concatenate([at * networks + first for at in range(len(rates))])

        def sweep(optimizer: OptimizerName) -> Trained:
            return train(
                NETWORK,
                np.tile(starts, (1, len(rates))),
                blobs.load(),
                Optimizer(optimizer, rate=np.repeat(np.array(rates, np.float32), networks)),
                steps=hyperparameters.steps,
                seed=seed,
                networks=np.tile(np.arange(networks), len(rates)),
                recording=Recording(log_spaced(hyperparameters.steps), tuple(recorded.tolist())),
                progress=progress,
            )

        with ThreadPoolExecutor(len(OPTIMIZERS)) as beside:
            swept = dict(zip(OPTIMIZERS, beside.map(sweep, OPTIMIZERS), strict=True))
        return {
            f"{optimizer}.{rate:g}": trained.part(slice(at * networks, (at + 1) * networks))
            for optimizer, trained in swept.items()
            for at, rate in enumerate(rates)
        }

    def measure(self, cohorts: Mapping[str, Trained], findings: Findings) -> None:
        """Count success and failure at every rate."""
        data = blobs.load()
        for name, trained in cohorts.items():
            fires = NETWORK.forward(trained.parameters, data.x)[0] > 0  # (rows, units, networks)
            accuracy = NETWORK.accuracy(trained.parameters, data.x, data.labels)
            with np.errstate(invalid="ignore", over="ignore"):
                moved = np.abs(trained.parameters - trained.start).max(axis=0)
                # A loss that is no number is compared as not lower, so that it counts as risen.
                rose = ~(trained.history.loss[1:] <= trained.history.loss[:-1])  # (steps - 1, networks)
            findings.share(f"success.{name}", accuracy >= CONVERGED)
            findings.share(f"diverged_share.{name}", trained.diverged)
            findings.share(f"rose_share.{name}", np.asarray(rose.any(axis=0)))
            findings.share(f"dead_share.{name}", np.asarray((~fires.any(axis=0)).any(axis=0)) & ~trained.diverged)
            findings.median(f"loss.{name}", trained.loss[~trained.diverged])
            findings.median(f"moved.{name}", moved[~trained.diverged])
        findings.share("diverged_share", np.any([trained.diverged for trained in cohorts.values()], axis=0))

    def figures(self, result: Result) -> Iterable[Figure]:
        """Show one step from one place at every rate, success against rate, and the loss over the steps."""
        rates = [float(name.removeprefix("sgd.")) for name in result.cohorts if name.startswith("sgd.")]
        yield one_step_figure(result, blobs.load(), rates)
        yield success_figure(result, rates)
        yield curves_figure(result, rates)
