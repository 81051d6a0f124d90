"""Ask how long two neurons that are nearly equal stay together.

Equal neurons stay equal for ever, but the balance is that of a pencil on its tip: each difference, however small,
grows. Two neurons are started a distance apart that shrinks from a tenth to a millionth, and the step is found at which
they have visibly parted. If the difference grows by the same factor in each step, a distance ten times smaller costs
the same number of further steps each time.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from itertools import product
from typing import final

import numpy as np
import numpy.typing as npt
from pydantic import Field

from models.ensemble import Optimizer, OptimizerName
from models.experiment import Experiment, Hyperparameters, Result
from models.experiments.similar_lines import twins
from models.figures import Figure
from models.figures.escape import growth_figure, steps_figure
from models.labs.blobs import BLOBS
from models.measures import Family, each, median, quantity, share, whole
from models.plans import Cohort, Plan, Start, reading
from models.readings import Booleans, Floats, distance, over_steps
from models.replay import Moment, Replay
from models.statistics import median as middle
from models.wordings import FullBatchSteps

EPSILONS = (0.1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6)
RATES: dict[OptimizerName, float] = {"sgd": 0.1, "adam": 0.01}
OPTIMIZERS: dict[OptimizerName, str] = {"sgd": "plain gradient descent", "adam": "Adam"}
APART = 0.5  # the gap at which two neurons count as parted; weights are about 1 after training


class Parameters(Hyperparameters):
    """What can be varied."""

    steps: FullBatchSteps = Field(800, ge=1, le=20_000, description="full-batch training steps")
    factor: float = Field(
        1.0, ge=0.01, le=10, title="factor of the rates", description="what multiplies the rates 0.1 and 0.01"
    )


@reading
def gaps(cohort: Cohort) -> Floats:
    """Return how far the two neurons are apart at each recorded step (steps, recorded networks)."""
    return over_steps(distance)(cohort)


@reading
def escape_step(cohort: Cohort) -> npt.NDArray[np.float64]:
    """Return the step at which the neurons of each recorded network have parted; NaN where they do not.

    Between two recorded steps the logarithm of the gap is taken to be straight, as it is for a steady factor of growth.
    """
    steps, apart = cohort.history.steps.astype(np.float64), gaps(cohort).astype(np.float64)  # (steps, networks)
    there = apart > APART
    after = np.maximum(there.argmax(axis=0), 1)
    networks = np.arange(apart.shape[1])
    with np.errstate(divide="ignore", invalid="ignore"):
        low, high = np.log(apart[after - 1, networks]), np.log(apart[after, networks])
        found = steps[after - 1] + (steps[after] - steps[after - 1]) * (np.log(APART) - low) / (high - low)
    return np.where(there.any(axis=0), np.where(there[0], 0.0, found), np.nan)


def escaped(cohort: Cohort) -> Booleans:
    """Say in which recorded networks the two neurons have parted by the end."""
    return np.isfinite(escape_step(cohort))


def steps_per_decade(cohorts: Mapping[str, Cohort], optimizer: str) -> float:
    """Return how many more steps a distance costs that is ten times smaller: the slope through the medians."""
    medians = {epsilon: middle(escape_step(cohorts[f"{optimizer}.{epsilon:g}"])) for epsilon in EPSILONS}
    known = {-np.log10(epsilon): steps for epsilon, steps in medians.items() if steps is not None}
    return float(np.polyfit(list(known), list(known.values()), 1)[0]) if len(known) > 1 else float("nan")


def visibly_apart(cohort: Cohort) -> Booleans:
    """Say in which networks the two neurons have parted."""
    return np.asarray(distance(cohort) > APART)


@final
class Escape(Experiment[Parameters]):
    """Start two neurons nearly alike, and find the step at which they have parted."""

    title = "How long nearly equal neurons stay together"
    summary = "Starts two neurons a tenth to a millionth apart, and counts the steps until they have visibly parted."
    parameters = Parameters
    figure_names = ("steps", "growth")

    def plans(self, hyperparameters: Parameters) -> Iterator[Plan]:
        """Plan every distance with either optimiser."""
        h, start = hyperparameters, Start.by("glorot_uniform")
        for optimizer, epsilon in product(OPTIMIZERS, EPSILONS):
            rule = Optimizer(optimizer, RATES[optimizer] * h.factor)
            yield Plan(f"{optimizer}.{epsilon:g}", BLOBS, twins(start, epsilon), h.steps, rule)

    def notes(self, hyperparameters: Parameters) -> dict[str, str]:  # noqa: ARG002
        """Say what twins are, and when they have parted."""
        return {
            "initialiser": "neuron 1 Glorot uniform, biases 0; neuron 2 the same, moved by a given distance",
            "parted": f"an incoming weight or bias of the two differs by more than {APART:g}; of the first 64 networks",
        }

    measures = (
        *each(
            Family(
                "<optimizer>.<epsilon>",
                "{optimizer}, started {epsilon} apart",
                choices={"optimizer": OPTIMIZERS, "epsilon": {f"{each:g}": f"{each:g}" for each in EPSILONS}},
            ),
            median("escape_steps", "steps until the two neurons have parted (median)", "steps", escape_step),
            share("escaped_share", "networks whose two neurons have parted by the end", escaped),
        ),
        *whole(
            *(
                quantity(
                    f"slope.{optimizer}",
                    f"further steps that the two neurons stay together for a distance ten times smaller; {words}",
                    "steps",
                    partial(steps_per_decade, optimizer=optimizer),
                )
                for optimizer, words in OPTIMIZERS.items()
            )
        ),
    )

    replay = Replay(
        {
            "sgd.0.1": "Plain gradient descent, started 0.1 apart",
            "sgd.0.001": "Started 0.001 apart",
            "sgd.1e-06": "Started a millionth apart",
            "adam.1e-06": "Adam, started a millionth apart",
        },
        groups=lambda cohort: np.where(visibly_apart(cohort), "two neurons that have parted", "two neurons together"),
        counts={"apart": ("have two neurons that have parted", visibly_apart)},
        moment=Moment("In at least half of the networks, the two neurons have parted.", reading=visibly_apart),
    )

    def figures(self, result: Result) -> Iterable[Figure]:
        """Show the steps until the neurons part against their distance, and how the gap grows."""
        steps = {name: escape_step(cohort) for name, cohort in result.cohorts.items()}
        yield steps_figure(steps, EPSILONS, OPTIMIZERS)
        yield growth_figure(
            {name: (cohort.history.steps, gaps(cohort)) for name, cohort in result.cohorts.items()}, EPSILONS, APART
        )
