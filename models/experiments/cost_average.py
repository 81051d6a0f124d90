"""Ask why the losses are averaged, and what batch, epoch and step mean.

The sum of the losses of 100 examples is a hundred times their mean, and so is its gradient: for plain gradient descent
a sum is a mean with a hundredfold rate, while Adam divides the factor out again. And a batch is a sample of the pulls
of all examples: its mean points the same way on average, with less scatter the larger it is. The same networks are
trained with batches of 1, 8, 32 and all examples, once for the same number of epochs and once for the same number of
steps, and on the mean and on the sum.
"""

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated, Any, ClassVar, final

import numpy as np
from pydantic import Field
from scipy.special import softmax

from models.datasets import Dataset, blobs
from models.ensemble import Optimizer, Progress, Recording, Trained, gradients, log_spaced, train
from models.experiment import Declared, Experiment, Findings, Hyperparameters, RandomStart, Result
from models.figures import Figure
from models.figures.cost_average import clocks_figure, pulls_figure, sum_figure
from models.initializers import start
from models.network import Floats, Network, activate

NETWORK = Network((2, 2, 4), "relu", "softmax_crossentropy")
CONVERGED = 0.99  # accuracy
EXAMPLES = 100
BATCHES = {"1": 1, "8": 8, "32": 32, "all": EXAMPLES}
ADAM_RATE = 0.01
RECORDED = 64  # networks of each cohort

# Each cohort of the second part: what it trains on, and the names of optimiser and rate.
SUMS = {
    "sum.same_rate": "the sum, at the rate of the mean",
    "sum.small_rate": "the sum, at a hundredth of the rate",
    "mean.adam": "the mean, Adam",
    "sum.adam": "the sum, Adam at the rate of the mean",
}


class Parameters(Hyperparameters):
    """What can be varied."""

    rate: Annotated[float, Field(ge=1e-6, le=100, description="the learning rate of plain gradient descent")] = 0.1
    epochs: int = Field(20, ge=1, le=100, description="passes over the data, where all batch sizes get the same epochs")
    steps: int = Field(400, ge=1, le=5_000, description="steps, where all batch sizes get the same steps")
    initializer: RandomStart = "glorot_uniform"


@final
class CostAverage(Experiment[Parameters]):
    """Train with batches of four sizes for the same epochs and the same steps, and on the sum instead of the mean."""

    title = "Mean or sum; batch, epoch and step"
    summary = (
        "Trains the same starts with batches of 1, 8, 32 and all examples, for the same epochs and for the same steps, "
        "and on the sum of the losses instead of their mean."
    )
    parameters = Parameters
    declared: ClassVar = {
        **{
            f"success.same_{clock}.<batch>": Declared(
                "share", f"networks that get at least 99 % right; the same {clock}, examples in a batch: {{batch}}"
            )
            for clock in ("epochs", "steps")
        },
        **{
            f"success.{name}": Declared("share", f"networks that get at least 99 % right; trained on {words}")
            for name, words in SUMS.items()
        },
        "diverged_share": Declared("share", "networks that diverged in one of the trainings at least"),
        **{
            f"diverged_share.{name}": Declared("share", f"networks that diverged; trained on {words}")
            for name, words in SUMS.items()
        },
        **{
            f"loss.same_{clock}.<batch>": Declared(
                "quantity", f"cross-entropy (median); the same {clock}, examples in a batch: {{batch}}", "nats"
            )
            for clock in ("epochs", "steps")
        },
        "scatter.<batch>": Declared(
            "quantity",
            "distance of a batch's gradient from that of all examples, before training, relative to the latter's "
            "length (root mean square over one pass; median); examples in a batch: {batch}",
            "ratio",
        ),
        "sum_gradient_error": Declared(
            "quantity",
            "largest difference between the sum of all examples' gradients and a hundred times the gradient of the "
            "mean, relative to the largest gradient, before training",
            "ratio",
        ),
        "sum_gap.sgd": Declared(
            "quantity",
            "largest difference of a weight between training on the sum at a hundredth of the rate and training on the "
            "mean, plain gradient descent (median)",
            "weight",
        ),
        "sum_gap.adam": Declared(
            "quantity",
            "largest difference of a weight between training on the sum and training on the mean, Adam (median)",
            "weight",
        ),
    }

    def setup(self, hyperparameters: Parameters) -> dict[str, str]:
        """Describe the set-up."""
        return {
            "data": "four blobs, 100 points, 2 features",
            "network": "2 ReLU hidden neurons, 4 outputs",
            "initialiser": f"{hyperparameters.initializer}, biases 0; the same starts in every training",
            "loss": "softmax cross-entropy, averaged over the batch; in the sums, added up over all examples",
            "optimiser": f"plain gradient descent, rate {hyperparameters.rate:g}; Adam, rate {ADAM_RATE:g}, where "
            "it is named",
            "steps": f"{hyperparameters.steps:,}, or {hyperparameters.epochs} epochs; shuffled batches of 1, 8 and 32, "
            "and the full batch; sums on the full batch",
        }

    def cost(self, hyperparameters: Parameters, networks: int) -> int:
        """Count every batch size by epochs and by steps, and the four trainings of the second part."""
        by_epochs = sum(_steps(hyperparameters.epochs, size) for size in BATCHES.values())
        return networks * (by_epochs + (len(BATCHES) + len(SUMS)) * hyperparameters.steps)

    def train(self, hyperparameters: Parameters, *, networks: int, seed: int, progress: Progress) -> dict[str, Trained]:
        """Train every cohort from the same starts, side by side."""
        starts = start(NETWORK, hyperparameters.initializer, seed=seed, networks=np.arange(networks))
        steps, rate = hyperparameters.steps, hyperparameters.rate
        recorded = tuple(range(min(networks, RECORDED)))
        # What multiplies a gradient of the mean, parameter by parameter, turns it into one of the sum.
        summed = np.full((NETWORK.size, 1), EXAMPLES, np.float32)
        plans: dict[str, dict[str, Any]] = {}
        for name, size in BATCHES.items():
            plans[f"same_epochs.{name}"] = {"steps": _steps(hyperparameters.epochs, size), "batch_size": size}
            plans[f"same_steps.{name}"] = {"steps": steps, "batch_size": size}
        plans["sum.same_rate"] = {"steps": steps, "trainable": summed}
        plans["sum.small_rate"] = {"steps": steps, "trainable": summed, "optimizer": Optimizer("sgd", rate / EXAMPLES)}
        plans["mean.adam"] = {"steps": steps, "optimizer": Optimizer("adam", ADAM_RATE)}
        plans["sum.adam"] = {"steps": steps, "trainable": summed, "optimizer": Optimizer("adam", ADAM_RATE)}

        def trained(plan: dict[str, Any]) -> Trained:
            return train(
                NETWORK,
                starts,
                blobs.load(),
                **{"optimizer": Optimizer("sgd", rate)} | plan,
                seed=seed,
                recording=Recording(log_spaced(plan["steps"]), recorded),
                progress=progress,
            )

        with ThreadPoolExecutor(3) as beside:
            return dict(zip(plans, beside.map(trained, plans.values()), strict=True))

    def measure(self, cohorts: Mapping[str, Trained], findings: Findings) -> None:
        """Count success in every cohort, and compare gradients and weights of sums with those of means."""
        data = blobs.load()
        for name, trained in cohorts.items():
            accuracy = NETWORK.accuracy(trained.parameters, data.x, data.labels)
            findings.share(f"success.{name}", accuracy >= CONVERGED)
            if name in SUMS:
                findings.share(f"diverged_share.{name}", trained.diverged)
            else:
                findings.median(f"loss.{name}", trained.loss)
        findings.share("diverged_share", np.any([trained.diverged for trained in cohorts.values()], axis=0))
        begin = cohorts["mean.adam"].start[:, :RECORDED]
        pulls = sample_gradients(begin, data)  # (rows, P, networks)
        mean = pulls.mean(axis=0)  # (P, networks)
        length = np.linalg.norm(mean, axis=0)
        for name, size in BATCHES.items():
            apart = np.linalg.norm(batch_means(pulls, size) - mean, axis=1)  # (batches, networks)
            findings.median(f"scatter.{name}", np.sqrt((apart**2).mean(axis=0)) / length)
        total = pulls.sum(axis=0)  # (P, networks)
        error = np.abs(total - EXAMPLES * gradients(NETWORK, begin, data)).max() / np.abs(total).max()
        findings.quantity("sum_gradient_error", float(error))
        for name, one, two in (
            ("sgd", "sum.small_rate", "same_steps.all"),
            ("adam", "sum.adam", "mean.adam"),
        ):
            with np.errstate(invalid="ignore", over="ignore"):
                apart = np.abs(cohorts[one].parameters - cohorts[two].parameters).max(axis=0)
            findings.median(f"sum_gap.{name}", apart)

    def figures(self, result: Result) -> Iterable[Figure]:
        """Show every example's pull, the loss against both clocks, and the sum beside the mean."""
        pulls = sample_gradients(result.cohorts["mean.adam"].start[:, :1], blobs.load())
        kernel = NETWORK.layers[0].kernel
        clouds = {name: batch_means(pulls, size)[:, kernel, 0] for name, size in BATCHES.items()}
        yield pulls_figure({name: cloud.reshape(-1, 2, 2)[:, :, 0] for name, cloud in clouds.items()})
        yield clocks_figure(result, {name: _steps(1, size) for name, size in BATCHES.items()})
        yield sum_figure(result, SUMS)


def _steps(epochs: int, size: int) -> int:
    """Return how many batches of ``size`` examples make so many epochs; the last batch of each may be short."""
    return epochs * -(-EXAMPLES // size)


def sample_gradients(parameters: Floats, data: Dataset) -> Floats:
    """Return the gradient (rows, P, networks) of each single example's loss, by the chain rule, in double precision.

    ``parameters`` has shape (P, networks).
    """
    exact = np.asarray(parameters, np.float64)
    outgoing, _ = NETWORK.unpack(exact)[1]  # (units, outputs, networks)
    hidden, outputs = NETWORK.forward(exact, data.x)  # (rows, units, networks), (rows, outputs, networks)
    error = softmax(outputs, axis=1) - data.targets[:, :, None]  # (rows, outputs, networks)
    back = np.einsum("rkn,ukn->run", error, outgoing) * (hidden > 0)  # (rows, units, networks)
    parts = (
        data.x[:, :, None, None] * back[:, None],  # (rows, inputs, units, networks)
        back,
        activate(NETWORK.activation, hidden)[:, :, None] * error[:, None],  # (rows, units, outputs, networks)
        error,
    )
    return np.concatenate([part.reshape(len(data.x), -1, exact.shape[1]) for part in parts], axis=1)


def batch_means(pulls: Floats, size: int) -> Floats:
    """Return the means (batches, ...) of ``pulls`` (rows, ...) over one pass of whole batches, in the data's order."""
    whole = len(pulls) // size
    mean: Floats = pulls[: whole * size].reshape(whole, size, *pulls.shape[1:]).mean(axis=1)
    return mean
