"""Ask why the coffee data is normalised first.

The same networks are trained on four versions of the same roasts: normalised, only moved to mean 0, only stretched to
variance 1, and raw. Every function that a network can compute of one version it can compute of all others, so what
differs is the way there: where the first lines lie, how many neurons begin saturated, and how long the steps may be.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache, partial
from typing import final

import numpy as np
import numpy.typing as npt
from pydantic import Field
from scipy.special import expit

from models.datasets import Dataset, coffee
from models.ensemble import Optimizer
from models.experiment import Experiment, Hyperparameters, RandomStart, Rate, Result
from models.figures import Figure
from models.figures.input_scaling import curves_figure, first_lines_figure, success_figure
from models.labs.coffee import COFFEE
from models.measures import Family, each, median, of, percent, quantity, share
from models.plans import RECORDED, Cohort, Plan, Start, reading
from models.readings import Booleans, kernel, loss, over_steps, saturated, success, sums, untrained
from models.replay import Moment, Replay
from models.wordings import FullBatchSteps

INPUTS = {
    "normalised": "normalised to mean 0 and variance 1",
    "centred": "moved to mean 0, not stretched",
    "stretched": "stretched to variance 1, not moved",
    "raw": "raw degrees and minutes",
}
RAW_RATES = (1e-3, 1e-2, 0.1, 1.0)  # besides the rate of the others
FLAT, MOST = 0.01, 0.9  # the distance from 0 or 1 within which a sigmoid counts as flat, and the share that is most


class Parameters(Hyperparameters):
    """What can be varied."""

    steps: FullBatchSteps = Field(2_000, ge=1, le=10_000, description="full-batch training steps")
    rate: Rate = 0.05
    initializer: RandomStart = "glorot_uniform"


@cache
def scaled(name: str) -> Dataset:
    """Return the roasts in one version of the features."""
    x, _ = coffee.roasts()
    mean, deviation = x.mean(axis=0), x.std(axis=0)
    features = {"normalised": (x - mean) / deviation, "centred": x - mean, "stretched": x / deviation, "raw": x}
    return replace(coffee.load(), x=features[name].astype(np.float32))


def crossing(cohort: Cohort) -> Booleans:
    """Say in which networks every hidden neuron's line has rows on both sides."""
    pre = sums(cohort)  # (rows, units, networks)
    return np.asarray(((pre > 0).any(axis=0) & (pre < 0).any(axis=0)).all(axis=0))


def saturated_sigmoid(cohort: Cohort) -> Booleans:
    """Say which networks have a neuron whose output is near 0 or 1 on most rows."""
    outputs = expit(sums(cohort))  # (rows, units, networks)
    return saturated(np.minimum(outputs, 1 - outputs) < FLAT, MOST)


def lasting_success(cohort: Cohort) -> npt.NDArray[np.float64]:
    """Return the recorded step from which on each recorded network succeeds; NaN where it does not."""
    right = over_steps(success)(cohort)  # (steps, networks)
    lasting = np.flip(np.logical_and.accumulate(np.flip(right, axis=0), axis=0), axis=0)
    steps = cohort.history.steps[lasting.argmax(axis=0)].astype(np.float64)
    return np.where(lasting.any(axis=0), steps, np.nan)


@reading
def eigenvalues(cohort: Cohort) -> npt.NDArray[np.float64]:
    """Return the eigenvalues, in ascending order, of the mean outer product of the inputs with a constant 1 added."""
    inputs = np.column_stack((cohort.data.x.astype(np.float64), np.ones(len(cohort.data.x))))
    return np.asarray(np.linalg.eigvalsh(inputs.T @ inputs / len(inputs)), np.float64)


def rewritten(parameters: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    """Return networks (P, networks) for raw features that compute what ``parameters`` do for normalised ones."""
    x, _ = coffee.roasts()
    mean, deviation = x.mean(axis=0)[:, None, None], x.std(axis=0)[:, None, None]
    rewritten = np.array(parameters, np.float64)
    weights, bias = COFFEE.network.unpack(rewritten)[0]
    weights /= deviation
    bias -= (weights * mean).sum(axis=0)
    return rewritten


def _same_function_error(cohort: Cohort) -> float:
    """Return the largest difference of an output between finite networks and the same, rewritten for raw features."""
    finite = np.asarray(cohort.parameters[:, ~cohort.diverged], np.float64)
    x, _ = coffee.roasts()
    here = expit(COFFEE.network.forward(finite, (x - x.mean(axis=0)) / x.std(axis=0))[-1])
    there = expit(COFFEE.network.forward(rewritten(finite), x)[-1])
    return float(np.abs(here - there).max(initial=0)) if finite.size else float("nan")


@final
class InputScaling(Experiment[Parameters]):
    """Train the same networks on four versions of the same roasts."""

    title = "The same roasts, normalised and raw"
    summary = (
        "Trains coffee-roasting networks on normalised, centred, stretched and raw features, and looks at where their "
        "first lines lie and which neurons are saturated."
    )
    parameters = Parameters
    figure_names = ("first-lines", "success", "curves")

    def plans(self, hyperparameters: Parameters) -> Iterator[Plan]:
        """Plan the same starts on every version of the features; on raw ones at several rates."""
        h, start = hyperparameters, Start.by(hyperparameters.initializer)
        labs = {
            name: COFFEE.on(partial(scaled, name), f"coffee roasting, 200 roasts, features {words}")
            for name, words in INPUTS.items()
        }
        for name, lab in labs.items():
            yield Plan(name, lab, start, h.steps, Optimizer(rate=h.rate))
        for rate in RAW_RATES:
            yield Plan(f"raw.{rate:g}", labs["raw"], start, h.steps, Optimizer(rate=rate))

    def notes(self, hyperparameters: Parameters) -> dict[str, str]:
        """Say which features there are, and what flat means."""
        h = hyperparameters
        rates = ", ".join(f"{rate:g}" for rate in RAW_RATES)
        return {
            "data": "coffee roasting, 200 roasts; temperature and duration normalised, centred, stretched, or raw",
            "initialiser": f"{h.initializer}, biases 0; the same starts for all",
            "optimiser": f"Adam, rate {h.rate:g}; on raw features also {rates}",
            "flat on most roasts": f"the output is within {FLAT:g} of 0 or 1 on at least {percent(MOST)} of them",
        }

    measures = (
        *each(
            Family("<name>", "features: {name}", choices={"name": INPUTS}),
            share("success", "networks that get at least 97 % right", success),
        ),
        *each(
            Family(
                "raw.<rate>", "raw features, rate {rate}", choices={"rate": {f"{r:g}": f"{r:g}" for r in RAW_RATES}}
            ),
            share("success.raw.<rate>", "networks that get at least 97 % right", success),
        ),
        *each(
            Family("<name>", "features: {name}", choices={"name": INPUTS}),
            share(
                "saturated_share",
                "networks with a neuron that is flat on most roasts, before training",
                untrained(saturated_sigmoid),
            ),
            share(
                "crossing_share",
                "networks whose first lines all have roasts on both sides, before training",
                untrained(crossing),
            ),
            median("loss", "cross-entropy after training (median)", "nats", loss),
            median(
                "steps_to_success",
                f"recorded step from which on 97 % are right (median of those of the first {RECORDED} that get there)",
                "step",
                lasting_success,
            ),
            quantity(
                "condition_number",
                "largest by smallest eigenvalue of the mean outer product of the inputs, the constant 1 of the bias "
                "included",
                "ratio",
                lambda cohort: float(eigenvalues(cohort)[-1] / eigenvalues(cohort)[0]),
            ),
            quantity(
                "largest_rate",
                "rate up to which plain gradient descent on a single sigmoid neuron is sure to descend: 2 by the "
                "largest curvature",
                "rate",
                # The cross-entropy of one sigmoid neuron curves at most a quarter as much as its inputs' outer product.
                lambda cohort: float(2 / (eigenvalues(cohort)[-1] / 4)),
            ),
        ),
        *of(
            "normalised",
            quantity(
                "same_function_error",
                "largest difference of an output when trained networks are rewritten for raw features",
                "probability",
                _same_function_error,
            ),
        ),
    )

    replay = Replay(
        {name: f"{words[:1].upper()}{words[1:]}" for name, words in INPUTS.items()},
        moment=Moment("At least half of the networks have {bar}."),
    )

    def figures(self, result: Result) -> Iterable[Figure]:
        """Show where the first lines lie, success by version of the features, and the loss over the steps."""
        shown = [result.cohorts[name] for name in ("normalised", "raw")]
        yield first_lines_figure(result, {each.plan.name: (each.data, kernel(each.untrained)) for each in shown})
        yield success_figure(result, INPUTS, RAW_RATES)
        yield curves_figure(result, INPUTS)
