"""Ask why the losses are averaged, and what batch, epoch and step mean.

The sum of the losses of 100 examples is a hundred times their mean, and so is its gradient: for plain gradient descent
a sum is a mean with a hundredfold rate, while Adam divides the factor out again. And a batch is a sample of the pulls
of all examples: its mean points the same way on average, with less scatter the larger it is. The same networks are
trained with batches of 1, 8, 32 and all examples, once for the same number of epochs and once for the same number of
steps, and on the mean and on the sum.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import product
from typing import final

import numpy as np
from pydantic import Field

from models.backpropagation import backward_pass
from models.ensemble import Optimizer, gradients
from models.experiment import Experiment, Hyperparameters, RandomStart, Result
from models.figures import Figure
from models.figures.cost_average import clocks_figure, pulls_figure, sum_figure
from models.labs.blobs import BLOBS
from models.measures import Cohorts, Family, each, median, of, quantity, share, whole
from models.plans import RECORDED, Cohort, Plan, Start, reading
from models.readings import Floats, diverged, loss, success
from models.replay import Moment, Replay
from models.wordings import EPOCH_NAMES, RATE_NAMES, Steps, called

EXAMPLES = 100
BATCHES = {"1": 1, "8": 8, "32": 32, "all": EXAMPLES}
CLOCKS = {"epochs": "epochs", "steps": "steps"}
ADAM_RATE = 0.01
RATES = (0.3, 1.0)  # at which all batch sizes are tried besides the usual rate, for the same steps
SUMS = {
    "sum.same_rate": "the sum, at the rate of the mean",
    "sum.small_rate": "the sum, at a hundredth of the rate",
    "mean.adam": "the mean, Adam",
    "sum.adam": "the sum, Adam at the rate of the mean",
}


class Parameters(Hyperparameters):
    """What can be varied."""

    rate: float = Field(
        0.1,
        ge=1e-6,
        le=100,
        title="learning rate",
        description="the learning rate of plain gradient descent",
        json_schema_extra=called(*RATE_NAMES, calls=("SGD",)),
    )
    epochs: int = Field(
        20,
        ge=1,
        le=100,
        description="passes over the data, where all batch sizes get the same epochs",
        json_schema_extra=called(*EPOCH_NAMES),
    )
    steps: Steps = Field(400, ge=1, le=5_000, description="steps, where all batch sizes get the same steps")
    initializer: RandomStart = "glorot_uniform"


def _steps(epochs: int, size: int) -> int:
    """Return how many batches of ``size`` examples make so many epochs; the last batch of each may be short."""
    return epochs * -(-EXAMPLES // size)


def batch_means(pulls: Floats, size: int) -> Floats:
    """Return the means (batches, ...) of ``pulls`` (rows, ...) over one pass of whole batches, in the data's order."""
    batches = len(pulls) // size
    return np.asarray(pulls[: batches * size].reshape(batches, size, *pulls.shape[1:]).mean(axis=1))


@reading
def pulls_at_start(cohort: Cohort) -> Floats:
    """Return the gradient (rows, P, networks) of each single example's loss, in the first networks as they began."""
    return backward_pass(cohort.network, cohort.start[:, :RECORDED], cohort.data).gradients


def _scatter(cohort: Cohort) -> dict[str, Floats]:
    """Return the batches' root mean square distance from the mean of all, in parts of its length, by batch size."""
    pulls = pulls_at_start(cohort)
    mean = pulls.mean(axis=0)  # (P, networks)
    squares = {name: ((batch_means(pulls, size) - mean) ** 2).sum(axis=1) for name, size in BATCHES.items()}
    return {name: np.sqrt(each.mean(axis=0)) / np.linalg.norm(mean, axis=0) for name, each in squares.items()}


def _sum_gradient_error(cohort: Cohort) -> float:
    total = pulls_at_start(cohort).sum(axis=0)  # (P, networks)
    automatic = gradients(cohort.network, cohort.start[:, :RECORDED], cohort.data)
    return float(np.abs(total - EXAMPLES * automatic).max() / np.abs(total).max())


def _gap(one: str, other: str) -> Callable[[Cohorts], Floats]:
    """Return the reading of how far the networks of two cohorts end apart: the largest difference of a parameter."""

    def gap(cohorts: Cohorts) -> Floats:
        with np.errstate(invalid="ignore", over="ignore"):
            return np.asarray(np.abs(cohorts[one].parameters - cohorts[other].parameters).max(axis=0))

    return gap


@final
class CostAverage(Experiment[Parameters]):
    """Train with batches of four sizes for the same epochs and the same steps, and on the sum instead of the mean."""

    title = "Mean or sum; batch, epoch and step"
    summary = (
        "Trains the same starts with batches of 1, 8, 32 and all examples, for the same epochs and for the same steps, "
        "and on the sum of the losses instead of their mean."
    )
    parameters = Parameters
    figure_names = ("pulls", "clocks", "sum")

    def plans(self, hyperparameters: Parameters) -> Iterator[Plan]:
        """Plan every batch size by epochs and by steps, and the sums on the full batch."""
        h, start = hyperparameters, Start.by(hyperparameters.initializer)
        descent, adam = Optimizer("sgd", h.rate), Optimizer("adam", ADAM_RATE)
        # What multiplies a gradient of the mean, parameter by parameter, turns it into one of the sum.
        summed = np.full((BLOBS.network.size, 1), EXAMPLES, np.float32)
        for name, size in BATCHES.items():
            yield Plan(f"same_epochs.{name}", BLOBS, start, _steps(h.epochs, size), descent, batch=size)
            yield Plan(f"same_steps.{name}", BLOBS, start, h.steps, descent, batch=size)
        for rate, (name, size) in product(RATES, BATCHES.items()):
            larger = Optimizer("sgd", rate)
            yield Plan(f"batch.{name}.{rate:g}", BLOBS, start, h.steps, larger, batch=size, recorded=0)
        yield Plan("sum.same_rate", BLOBS, start, h.steps, descent, trainable=summed)
        yield Plan("sum.small_rate", BLOBS, start, h.steps, Optimizer("sgd", h.rate / EXAMPLES), trainable=summed)
        yield Plan("mean.adam", BLOBS, start, h.steps, adam)
        yield Plan("sum.adam", BLOBS, start, h.steps, adam, trainable=summed)

    def notes(self, hyperparameters: Parameters) -> dict[str, str]:
        """Say what is averaged and what is added up."""
        h = hyperparameters
        return {
            "initialiser": f"{h.initializer}, biases 0; the same starts in every training",
            "loss": "softmax cross-entropy, averaged over the batch; in the sums, added up over all examples",
            "optimiser": f"plain gradient descent, rate {h.rate:g}, or as named; Adam, rate {ADAM_RATE:g}",
            "steps": f"{h.steps:,}, or {h.epochs} epochs; shuffled batches of 1, 8 and 32, and the full batch; sums on "
            "the full batch",
        }

    measures = (
        *each(
            Family("same_<clock>.<batch>", "the same {clock}, examples in a batch: {batch}", choices={"clock": CLOCKS}),
            share("success", "networks that get at least 99 % right", success),
            median("loss", "cross-entropy (median)", "nats", loss),
        ),
        *each(
            Family(
                "batch.<batch>.<rate>",
                "the same steps, rate {rate}, examples in a batch: {batch}",
                choices={
                    "rate": {f"{rate:g}": f"{rate:g}" for rate in RATES},
                    "batch": {each: each for each in BATCHES},
                },
            ),
            share("success", "networks that get at least 99 % right", success),
        ),
        *each(
            Family("<training>", "trained on {training}", choices={"training": SUMS}),
            share("success", "networks that get at least 99 % right", success),
            share("diverged_share", "networks that diverged", diverged),
        ),
        *of(
            "mean.adam",
            median(
                "scatter.<batch>",
                "distance of a batch's gradient from that of all examples, before training, relative to the latter's "
                "length (root mean square over one pass; median); examples in a batch: {batch}",
                "ratio",
                _scatter,
            ),
            quantity(
                "sum_gradient_error",
                "largest difference between the sum of all examples' gradients and a hundred times the gradient of the "
                "mean, relative to the largest gradient, before training",
                "ratio",
                _sum_gradient_error,
            ),
        ),
        *whole(
            median(
                "sum_gap.sgd",
                "largest difference of a weight between training on the sum at a hundredth of the rate and training on "
                "the mean, plain gradient descent (median)",
                "weight",
                _gap("sum.small_rate", "same_steps.all"),
            ),
            median(
                "sum_gap.adam",
                "largest difference of a weight between training on the sum and training on the mean, Adam (median)",
                "weight",
                _gap("sum.adam", "mean.adam"),
            ),
        ),
    )

    replay = Replay(
        {
            "same_steps.1": "One example a step",
            "same_steps.8": "8 examples a step",
            "same_steps.32": "32 examples a step",
            "same_steps.all": "All 100 examples a step",
        },
        moment=Moment("At this batch size, at least half of the networks have {bar} by this step."),
        view="path",
    )

    def figures(self, result: Result) -> Iterable[Figure]:
        """Show every example's pull, the loss against both clocks, and the sum beside the mean."""
        pulls = pulls_at_start(result.cohorts["mean.adam"])[:, BLOBS.network.layers[0].kernel, 0]
        means = {name: batch_means(pulls, size) for name, size in BATCHES.items()}
        yield pulls_figure({name: each.reshape(-1, 2, 2)[:, :, 0] for name, each in means.items()})
        yield clocks_figure(result, {name: _steps(1, size) for name, size in BATCHES.items()})
        yield sum_figure(result, SUMS)
