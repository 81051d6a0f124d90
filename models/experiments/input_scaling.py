"""Ask why the coffee data is normalised first.

The same networks are trained on four versions of the same roasts: normalised, only moved to mean 0, only stretched to
variance 1, and raw. Every function that a network can compute of one version it can compute of all others, so what
differs is the way there: where the first lines lie, how many neurons begin saturated, and how long the steps may be.
"""

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache
from typing import ClassVar, final

import numpy as np
import numpy.typing as npt
from pydantic import Field
from scipy.special import expit

from models.datasets import Dataset, coffee
from models.ensemble import Optimizer, Progress, Recording, Trained, log_spaced, train
from models.experiment import Declared, Experiment, Findings, Hyperparameters, RandomStart, Rate, Result
from models.figures import Figure
from models.figures.input_scaling import curves_figure, first_lines_figure, success_figure
from models.initializers import start
from models.network import Floats, Network

NETWORK = Network((2, 3, 1), "sigmoid", "binary_crossentropy")
CONVERGED = 0.97  # accuracy
INPUTS = {
    "normalised": "normalised to mean 0 and variance 1",
    "centred": "moved to mean 0, not stretched",
    "stretched": "stretched to variance 1, not moved",
    "raw": "raw degrees and minutes",
}
RAW_RATES = (1e-3, 1e-2, 0.1, 1.0)  # besides the rate of the others
FLAT, MOST = 0.01, 0.9  # the distance from 0 or 1 within which a sigmoid counts as flat, and the share that is most
RECORDED = 64  # networks of each cohort


class Parameters(Hyperparameters):
    """What can be varied."""

    steps: int = Field(2_000, ge=1, le=10_000, description="full-batch training steps")
    rate: Rate = 0.05
    initializer: RandomStart = "glorot_uniform"


@final
class InputScaling(Experiment[Parameters]):
    """Train the same networks on four versions of the same roasts."""

    title = "The same roasts, normalised and raw"
    summary = (
        "Trains coffee-roasting networks on normalised, centred, stretched and raw features, and looks at where their "
        "first lines lie and which neurons are saturated."
    )
    parameters = Parameters
    declared: ClassVar = {
        **{
            f"success.{name}": Declared("share", f"networks that get at least 97 % right; features: {words}")
            for name, words in INPUTS.items()
        },
        **{
            f"success.raw.{rate:g}": Declared(
                "share", f"networks that get at least 97 % right; raw features, rate {rate:g}"
            )
            for rate in RAW_RATES
        },
        "diverged_share": Declared("share", "networks that diverged in one of the trainings at least"),
        **{
            f"saturated_share.{name}": Declared(
                "share", f"networks with a neuron that is flat on most roasts, before training; features: {words}"
            )
            for name, words in INPUTS.items()
        },
        **{
            f"crossing_share.{name}": Declared(
                "share",
                f"networks whose first lines all have roasts on both sides, before training; features: {words}",
            )
            for name, words in INPUTS.items()
        },
        **{
            f"loss.{name}": Declared("quantity", f"cross-entropy after training (median); features: {words}", "nats")
            for name, words in INPUTS.items()
        },
        **{
            f"steps_to_success.{name}": Declared(
                "quantity",
                f"recorded step from which on 97 % are right (median of those of the first {RECORDED} that get there); "
                f"features: {words}",
                "step",
            )
            for name, words in INPUTS.items()
        },
        **{
            f"condition_number.{name}": Declared(
                "quantity",
                "largest by smallest eigenvalue of the mean outer product of the inputs, the constant 1 of the bias "
                f"included; features: {words}",
                "ratio",
            )
            for name, words in INPUTS.items()
        },
        **{
            f"largest_rate.{name}": Declared(
                "quantity",
                "rate up to which plain gradient descent on a single sigmoid neuron is sure to descend: 2 by the "
                f"largest curvature; features: {words}",
                "rate",
            )
            for name, words in INPUTS.items()
        },
        "same_function_error": Declared(
            "quantity",
            "largest difference of an output when trained networks are rewritten for raw features",
            "probability",
        ),
    }

    def setup(self, hyperparameters: Parameters) -> dict[str, str]:
        """Describe the set-up."""
        return {
            "data": "coffee roasting, 200 roasts; temperature and duration normalised, centred, stretched, or raw",
            "network": "3 sigmoid hidden neurons, 1 sigmoid output",
            "initialiser": f"{hyperparameters.initializer}, biases 0; the same starts for all",
            "loss": "binary cross-entropy",
            "optimiser": f"Adam, rate {hyperparameters.rate:g}; on raw features also "
            + ", ".join(f"{rate:g}" for rate in RAW_RATES),
            "steps": f"{hyperparameters.steps:,}, full batch",
            "flat on most roasts": f"the output is within {FLAT:g} of 0 or 1 on at least {MOST:.0%} of them",
        }

    def cost(self, hyperparameters: Parameters, networks: int) -> int:
        """Count every network once for each version of the features, and for each further rate on raw ones."""
        return networks * hyperparameters.steps * (len(INPUTS) + len(RAW_RATES))

    def train(self, hyperparameters: Parameters, *, networks: int, seed: int, progress: Progress) -> dict[str, Trained]:
        """Train one ensemble for each version of the features, side by side; the raw one at several rates."""
        starts = start(NETWORK, hyperparameters.initializer, seed=seed, networks=np.arange(networks))
        first = np.arange(min(networks, RECORDED))

        def trained(name: str) -> Trained:
            rates = np.array([hyperparameters.rate, *(RAW_RATES if name == "raw" else ())], np.float32)
            recorded = np.concatenate([at * networks + first for at in range(rates.size)])
            return train(
                NETWORK,
                np.tile(starts, (1, rates.size)),
                versions()[name],
                Optimizer(rate=np.repeat(rates, networks)),
                steps=hyperparameters.steps,
                seed=seed,
                networks=np.tile(np.arange(networks), rates.size),
                recording=Recording(log_spaced(hyperparameters.steps), tuple(recorded.tolist())),
                progress=progress,
            )

        with ThreadPoolExecutor(2) as beside:
            ensembles = dict(zip(INPUTS, beside.map(trained, INPUTS), strict=True))
        cohorts = {name: ensemble.part(slice(networks)) for name, ensemble in ensembles.items()}
        for at, rate in enumerate(RAW_RATES, 1):
            cohorts[f"raw.{rate:g}"] = ensembles["raw"].part(slice(at * networks, (at + 1) * networks))
        return cohorts

    def measure(self, cohorts: Mapping[str, Trained], findings: Findings) -> None:
        """Count success, look at the start, and work out the numbers of the inputs themselves."""
        for name, trained in cohorts.items():
            data = versions()[name.partition(".")[0]]
            accuracy = NETWORK.accuracy(trained.parameters, data.x, data.labels)
            findings.share(f"success.{name}", accuracy >= CONVERGED)
        findings.share("diverged_share", np.any([trained.diverged for trained in cohorts.values()], axis=0))
        for name, data in versions().items():
            trained = cohorts[name]
            sums = NETWORK.forward(trained.start, data.x)[0]  # (rows, units, networks)
            outputs = expit(sums)
            flat = (np.minimum(outputs, 1 - outputs) < FLAT).mean(axis=0) >= MOST  # (units, networks)
            crossing = (sums > 0).any(axis=0) & (sums < 0).any(axis=0)  # (units, networks)
            findings.share(f"saturated_share.{name}", np.asarray(flat.any(axis=0)))
            findings.share(f"crossing_share.{name}", np.asarray(crossing.all(axis=0)))
            findings.median(f"loss.{name}", trained.loss)
            findings.median(f"steps_to_success.{name}", _steps_to_success(trained, data))
            eigenvalues = _eigenvalues(data)
            findings.quantity(f"condition_number.{name}", float(eigenvalues[-1] / eigenvalues[0]))
            # The cross-entropy of one sigmoid neuron curves at most a quarter as much as its inputs' outer product.
            findings.quantity(f"largest_rate.{name}", float(2 / (eigenvalues[-1] / 4)))
        findings.quantity("same_function_error", _same_function_error(cohorts["normalised"]))

    def figures(self, result: Result) -> Iterable[Figure]:
        """Show where the first lines lie, success by version of the features, and the loss over the steps."""
        kernels = {name: NETWORK.unpack(result.cohorts[name].start)[0][0] for name in ("normalised", "raw")}
        yield first_lines_figure(result, {name: versions()[name] for name in kernels}, kernels)
        yield success_figure(result, INPUTS, RAW_RATES)
        yield curves_figure(result, INPUTS)


@cache
def versions() -> dict[str, Dataset]:
    """Return the roasts in every version of the features."""
    x, _ = coffee.roasts()
    mean, deviation = x.mean(axis=0), x.std(axis=0)
    features = {"normalised": (x - mean) / deviation, "centred": x - mean, "stretched": x / deviation, "raw": x}
    return {name: replace(coffee.load(), x=values.astype(np.float32)) for name, values in features.items()}


def _eigenvalues(data: Dataset) -> npt.NDArray[np.float64]:
    """Return the eigenvalues, in ascending order, of the mean outer product of the inputs with a constant 1 added."""
    inputs = np.column_stack((data.x.astype(np.float64), np.ones(len(data.x))))
    return np.asarray(np.linalg.eigvalsh(inputs.T @ inputs / len(inputs)), np.float64)


def _steps_to_success(trained: Trained, data: Dataset) -> npt.NDArray[np.float64]:
    """Return the recorded step (networks,) from which on each recorded network succeeds; NaN where it does not."""
    history = trained.history
    right = np.stack([NETWORK.accuracy(each, data.x, data.labels) >= CONVERGED for each in history.parameters])
    lasting = np.flip(np.logical_and.accumulate(np.flip(right, axis=0), axis=0), axis=0)  # (steps, networks)
    return np.where(lasting.any(axis=0), history.steps[lasting.argmax(axis=0)].astype(float), np.nan)


def rewritten(parameters: Floats) -> Floats:
    """Return networks (P, networks) for raw features that compute what ``parameters`` do for normalised ones."""
    x, _ = coffee.roasts()
    mean, deviation = x.mean(axis=0)[:, None, None], x.std(axis=0)[:, None, None]
    rewritten = np.array(parameters, np.float64)
    kernel, bias = NETWORK.unpack(rewritten)[0]
    kernel /= deviation
    bias -= (kernel * mean).sum(axis=0)
    return rewritten


def _same_function_error(trained: Trained) -> float:
    """Return the largest difference of an output between finite networks and the same, rewritten for raw features."""
    finite = np.asarray(trained.parameters[:, ~trained.diverged], np.float64)
    x, _ = coffee.roasts()
    normalised = (x - x.mean(axis=0)) / x.std(axis=0)
    here = expit(NETWORK.forward(finite, normalised)[-1])
    there = expit(NETWORK.forward(rewritten(finite), x)[-1])
    return float(np.abs(here - there).max(initial=0)) if finite.size else float("nan")
