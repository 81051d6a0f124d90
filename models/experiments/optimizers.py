"""Ask which optimiser is best, when each may have a learning rate of its own.

Plain gradient descent, momentum and Adam train the same starts on the four blobs and on the coffee data, each at rates
that lie about a factor of three apart. So optimisers can be compared at one rate for all, as learners often do, and at
the best rate of each. That one is looked for on half of the networks and judged on the other half, since the best of
several tries always flatters itself a little.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from itertools import product
from typing import Any, final

import numpy as np
from pydantic import Field

from models.ensemble import Optimizer
from models.experiment import Experiment, Hyperparameters, RandomStart, Result
from models.figures import Figure
from models.figures.optimizers import curves_figure, success_figure, valley_figure
from models.labs.blobs import BLOBS
from models.labs.coffee import COFFEE
from models.measures import Cohorts, Family, Measure, each, median, percent, quantity, share, whole
from models.plans import RECORDED, Cohort, Plan, Start
from models.readings import Booleans, Floats, diverged, finite, first_step, loss, success
from models.replay import Moment, Replay
from models.wordings import FullBatchSteps

OPTIMIZERS = {"sgd": "plain gradient descent", "momentum": "momentum 0.9", "adam": "Adam"}
LABS = {"blobs": BLOBS, "coffee": COFFEE}
DATA = {"blobs": "the four blobs", "coffee": "the coffee data"}
MOMENTUM = 0.9
RATES: Mapping[tuple[str, str], tuple[float, ...]] = {
    ("sgd", "blobs"): (0.01, 0.03, 0.1, 0.3, 1, 3),
    ("momentum", "blobs"): (0.01, 0.03, 0.1, 0.3),
    ("adam", "blobs"): (0.01, 0.03, 0.1, 0.3, 1),
    ("sgd", "coffee"): (1, 3, 10, 30),
    ("momentum", "coffee"): (0.3, 1, 3, 10),
    ("adam", "coffee"): (0.03, 0.1, 0.3, 1),
}
ENOUGH = 0.5  # of the networks, at which a rate counts as one that works


class Parameters(Hyperparameters):
    """What can be varied."""

    steps: FullBatchSteps = Field(500, ge=1, le=5_000, description="full-batch training steps on the blobs")
    coffee_steps: int = Field(1_000, ge=1, le=5_000, description="full-batch training steps on the coffee data")
    initializer: RandomStart = "glorot_uniform"


def rule(optimizer: str, rate: float) -> Optimizer:
    """Return an optimiser; plain gradient descent is momentum with the coefficient 0, so that both are one program."""
    if optimizer == "adam":
        return Optimizer("adam", rate)
    return Optimizer("momentum", rate, MOMENTUM if optimizer == "momentum" else 0.0)


def best(optimizer: str, data: str, cohorts: Cohorts) -> Cohort:
    """Return the cohort of the best rate: the most successes among the even networks, then the least median loss."""

    def merit(cohort: Cohort) -> tuple[int, float]:
        return int(np.count_nonzero(success(cohort)[::2])), -float(np.median(np.nan_to_num(cohort.loss[::2], nan=1e9)))

    return max((cohorts[f"{optimizer}.{data}.{rate:g}"] for rate in RATES[optimizer, data]), key=merit)


def best_rate(optimizer: str, data: str, cohorts: Cohorts) -> float:
    """Return that cohort's rate."""
    return float(best(optimizer, data, cohorts).plan.optimizer.rate)


def success_at_best(optimizer: str, data: str, cohorts: Cohorts) -> Booleans:
    """Say which of the odd networks succeed at the rate that the even ones chose."""
    return success(best(optimizer, data, cohorts))[1::2]


def steps_to_bar(optimizer: str, data: str, cohorts: Cohorts) -> Floats:
    """Return the first recorded step at which each odd network succeeds at the best rate; NaN where it never does."""
    return first_step(success)(best(optimizer, data, cohorts))[1::2]


def width_of_rates(optimizer: str, data: str, cohorts: Cohorts) -> float:
    """Return how many times the least rate that works the greatest one is; NaN where none works."""
    rates = RATES[optimizer, data]
    works = [rate for rate in rates if success(cohorts[f"{optimizer}.{data}.{rate:g}"]).mean() >= ENOUGH]
    return max(works) / min(works) if works else float("nan")


def alike(one: str, other: str, cohorts: Cohorts) -> Booleans:
    """Say which networks, from the same start, succeed in both cohorts or fail in both."""
    return np.asarray(success(cohorts[one]) == success(cohorts[other]))


def _measured(
    make: Callable[..., Measure], name: str, label: str, read: Callable[..., Any], unit: str = ""
) -> Iterator[Measure]:
    """Yield a measure of the whole run for each optimiser on each data set."""
    for optimizer, data in RATES:
        words = f"{label}; {OPTIMIZERS[optimizer]} on {DATA[data]}"
        yield make(f"{name}.{optimizer}.{data}", words, *([unit] if unit else []), partial(read, optimizer, data))


@final
class Optimizers(Experiment[Parameters]):
    """Train the same starts by three optimisers, each at many rates, on two data sets."""

    title = "Three optimisers, each at many rates"
    summary = (
        "Trains the same starts by plain gradient descent, momentum and Adam on the blobs and on the coffee data, and "
        "compares them at one rate and at the best rate of each."
    )
    parameters = Parameters
    figure_names = ("success", "curves", "valley")

    def plans(self, hyperparameters: Parameters) -> Iterator[Plan]:
        """Plan every rate of every optimiser on both data sets."""
        h, start = hyperparameters, Start.by(hyperparameters.initializer)
        steps = {"blobs": h.steps, "coffee": h.coffee_steps}
        for (optimizer, data), rates in RATES.items():
            for rate in rates:
                name = f"{optimizer}.{data}.{rate:g}"
                yield Plan(name, LABS[data], start, steps[data], rule(optimizer, rate))

    def notes(self, hyperparameters: Parameters) -> dict[str, str]:
        """Say which rates are tried, on which data for how long, and how the best one is found."""
        h = hyperparameters
        tried = (
            f"{OPTIMIZERS[optimizer]} on {DATA[data]}: {', '.join(f'{rate:g}' for rate in rates)}"
            for (optimizer, data), rates in RATES.items()
        )
        return {
            "optimiser": "; ".join(tried),
            "steps": f"{h.steps:,} on the blobs, {h.coffee_steps:,} on the coffee data, full batch",
            "best rate": "the one with the most successes among the networks 0, 2, 4, ...; judged on 1, 3, 5, ...",
            "a rate works": f"at least {percent(ENOUGH)} of the networks succeed with it",
        }

    measures = (
        *each(
            Family(
                "<optimizer>.<data>.<rate>",
                "{optimizer} on {data}, rate {rate}",
                choices={"optimizer": OPTIMIZERS, "data": DATA},
            ),
            share("success", "networks that reach the bar, 99 % of the points or 97 % of the roasts right", success),
            share("diverged_share", "networks with a loss or weight that is no finite number", diverged),
            median("loss", "cross-entropy after training (median of the finite ones)", "nats", finite(loss)),
        ),
        *whole(
            *_measured(quantity, "best_rate", "the best of the rates tried", best_rate, "rate"),
            *_measured(share, "success_at_best", "networks that succeed at the best rate", success_at_best),
            *_measured(
                median,
                "steps_to_bar",
                "first recorded step with enough right, at the best rate (median of those that get there, of the first "
                f"{RECORDED})",
                steps_to_bar,
                "steps",
            ),
            *_measured(
                quantity, "width_of_rates", "the greatest rate that works by the least one", width_of_rates, "ratio"
            ),
            *(
                share(
                    f"alike_share.{words}",
                    f"networks that succeed, or fail, with momentum at rate 0.01 and with plain descent at {rate}; the "
                    "four blobs",
                    partial(alike, "momentum.blobs.0.01", f"sgd.blobs.{rate}"),
                )
                for words, rate in (("ten_times", "0.1"), ("same_rate", "0.01"))
            ),
        ),
    )

    replay = Replay(
        {
            "sgd.blobs.0.01": "Plain gradient descent, rate 0.01",
            "momentum.blobs.0.01": "Momentum, rate 0.01",
            "adam.blobs.0.01": "Adam, rate 0.01",
            "sgd.blobs.0.3": "Plain gradient descent, rate 0.3",
        },
        moment=Moment("At least half of the networks have {bar} by this step."),
    )

    def figures(self, result: Result) -> Iterable[Figure]:
        """Show success against the rate, the loss at the best rates, and the three ways down one long valley."""
        yield success_figure(result, RATES, OPTIMIZERS, DATA)
        yield curves_figure(
            {(name, data): best(name, data, result.cohorts) for data, name in product(DATA, OPTIMIZERS)},
            OPTIMIZERS,
            DATA,
        )
        yield valley_figure()
