"""Ask what happens when the step is too small or too large.

The same starts are trained at rates from 0.0001 to 10, by plain gradient descent and by Adam. A step that is too small
gets nowhere in the time it has; one that is too large jumps across the valley. What "too large" does differs: plain
gradient descent multiplies the gradient by the rate, so that one big step makes the next one bigger, while the length
of Adam's steps is bounded by the rate whatever the gradient is.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import product
from typing import final

from pydantic import Field

from models.ensemble import Optimizer, OptimizerName
from models.experiment import Experiment, Hyperparameters, RandomStart, Result
from models.figures import Figure
from models.figures.learning_rate import curves_figure, one_step_figure, success_figure
from models.labs.blobs import BLOBS
from models.measures import Family, each, median, share
from models.plans import RECORDED, Cohort, Plan, Start
from models.readings import dead, diverged, finite, loss, moved, rose, success
from models.replay import Moment, Replay
from models.wordings import RATE_NAMES, FullBatchSteps, called

RATES = (1e-4, 1e-3, 1e-2, 0.1, 1.0, 10.0)
OWN = "adam.own"  # what the replay calls the cohort at the rate that a learner varies
OPTIMIZERS: tuple[OptimizerName, ...] = ("sgd", "adam")


class Parameters(Hyperparameters):
    """What can be varied."""

    rate: float = Field(
        0.3,
        ge=1e-6,
        le=100,
        title="learning rate",
        description="a rate of your own, tried beside 0.0001, 0.001, ... 10",
        json_schema_extra=called(*RATE_NAMES, calls=("Adam", "SGD")),
    )
    steps: FullBatchSteps = Field(800, ge=1, le=10_000, description="full-batch training steps at each rate")
    initializer: RandomStart = "glorot_uniform"

    @property
    def rates(self) -> list[float]:
        """Every rate that is tried, in ascending order."""
        return sorted({*RATES, float(f"{self.rate:g}")})  # as the names of the findings have it


def _own_rate(result: Result) -> str:
    """Return the rate of one's own, as the cohorts' names have it."""
    return f"{result.hyperparameters.model_dump()['rate']:g}"


@final
class LearningRate(Experiment[Parameters]):
    """Train the same starts at many learning rates, with two optimisers."""

    title = "What the learning rate changes"
    summary = (
        "Trains the same starts at rates from 0.0001 to 10, by plain gradient descent and by Adam, and counts what "
        "succeeds and what diverges."
    )
    parameters = Parameters
    figure_names = ("one-step", "success", "curves")

    def plans(self, hyperparameters: Parameters) -> Iterator[Plan]:
        """Plan every rate with either optimiser."""
        start = Start.by(hyperparameters.initializer)
        for optimizer, rate in product(OPTIMIZERS, hyperparameters.rates):
            yield Plan(f"{optimizer}.{rate:g}", BLOBS, start, hyperparameters.steps, Optimizer(optimizer, rate))

    measures = each(
        Family(
            "<optimizer>.<rate>",
            "{optimizer} at rate {rate}",
            choices={"optimizer": {"sgd": "plain gradient descent", "adam": "Adam"}},
        ),
        share("success", "networks that get at least 99 % of the points right", success),
        share("diverged_share", "networks with a loss or weight that is no finite number", diverged),
        share(
            "rose_share",
            f"of the first {RECORDED} networks: those whose loss rose, or was no number, at least once between two "
            "recorded steps",
            rose,
        ),
        share("dead_share", "networks that are finite and have a neuron that fires on no point", dead),
        median("loss", "cross-entropy after training (median of the finite ones)", "nats", finite(loss)),
        median(
            "moved",
            "largest change of a weight from start to end (median of the finite ones)",
            "weight",
            finite(moved),
        ),
    )

    replay = Replay(
        {
            "adam.0.01": "Adam, rate 0.01",
            OWN: "Adam, a rate of your own",
            "adam.1": "Adam, rate 1",
            "sgd.10": "Plain gradient descent, rate 10",
        },
        moment=Moment("At this rate, at least half of the networks have {bar} by this step."),
    )

    def watched(self, result: Result) -> dict[str, Cohort]:
        """Return the cohorts that a replay shows; the one at the rate of one's own has the same name at every rate."""
        own = result.cohorts[f"adam.{_own_rate(result)}"]
        return super().watched(replace(result, cohorts={**result.cohorts, OWN: own}))

    def shown(self, result: Result) -> Replay:
        """Return what is shown of a run, with the rate of one's own in its title."""
        shown = super().shown(result)
        titles = {**shown.cohorts, OWN: f"Adam, a rate of your own: {_own_rate(result)}"}
        return replace(shown, cohorts=titles)

    def figures(self, result: Result) -> Iterable[Figure]:
        """Show one step from one place at every rate, success against rate, and the loss over the steps."""
        rates = [float(name.removeprefix("sgd.")) for name in result.cohorts if name.startswith("sgd.")]
        yield one_step_figure(result, rates)
        yield success_figure(result, rates)
        yield curves_figure(result, rates)
