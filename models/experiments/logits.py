"""Ask where the softmax has gone.

A network for four classes ends with four plain numbers, the logits. The softmax that makes probabilities of them can
stand inside the loss. What if it stands at both places, or at neither? Networks from the same starts are trained in the
right way and with both mistakes. What they get right is counted alike, by the largest of their four outputs: a softmax
does not change which one that is.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import final

import numpy as np
import numpy.typing as npt
from pydantic import Field
from scipy.special import softmax

from models.ensemble import Optimizer
from models.experiment import Experiment, Hyperparameters, LabBatch, RandomStart, Rate, Result
from models.figures import Figure
from models.figures.logits import likelihood_figure, loss_figure, success_figure
from models.labs.blobs import BLOBS
from models.measures import Family, each, median, of, quantity, share
from models.network import Loss
from models.plans import Cohort, Plan, Start, reading
from models.readings import Booleans, Floats, accuracy, finite, first_step, forward, loss, success
from models.replay import Moment, Replay
from models.wordings import LabSteps

WAYS: dict[str, Loss] = {"right": "softmax_crossentropy", "twice": "softmax_twice", "none": "raw_crossentropy"}
WORDS = {
    "right": "linear outputs, the softmax inside the loss",
    "twice": "a softmax in the output layer and another one in the loss",
    "none": "linear outputs, and a loss that takes them for probabilities",
}
CLASSES = BLOBS.network.sizes[-1]
HIGHEST = float(np.e / (np.e + CLASSES - 1))  # what a softmax can make of probabilities: of 1 among zeros
FLOOR = float(-np.log(HIGHEST))  # nats
LARGE = 10  # times the logits that were learned
FORMULAS = {"naive": "exp(z) over the sum, and then the logarithm", "stable": "the largest logit subtracted first"}


class Parameters(Hyperparameters):
    """What can be varied."""

    steps: LabSteps = Field(800, ge=1, le=20_000, description="training steps; 4 mini-batches of 32 make an epoch")
    rate: Rate = 0.01
    batch_size: LabBatch = 32
    initializer: RandomStart = "glorot_uniform"


def crossentropies(logits: Floats, labels: npt.NDArray[np.intp], *, stable: bool = True) -> Floats:
    """Return the cross-entropy (rows, networks) of logits (rows, classes, networks) in single precision.

    The stable formula subtracts the largest logit from all; the naive one takes exp of them as they are.
    """
    values = np.asarray(logits, np.float32)
    rows = np.arange(len(labels))
    with np.errstate(all="ignore"):
        if stable:
            shifted = values - values.max(axis=1, keepdims=True)
            return np.asarray(np.log(np.exp(shifted).sum(axis=1)) - shifted[rows, labels])
        exponentials = np.exp(values)
        return np.asarray(-np.log(exponentials[rows, labels] / exponentials.sum(axis=1)))


def not_finite(right: Cohort) -> dict[str, Booleans]:
    """Say for each formula which networks' loss on large logits is no finite number for at least one point."""
    logits = forward(right)[-1] * np.float32(LARGE)
    labels = right.data.labels
    found = {name: crossentropies(logits, labels, stable=name == "stable") for name in FORMULAS}
    return {name: np.asarray(~np.isfinite(values).all(axis=0)) for name, values in found.items()}


def same_bits(right: Cohort) -> Booleans:
    """Say for which networks whole-number and one-hot labels give the same losses and errors, to the last bit.

    Whole numbers pick the logit of the right class, and 1 is subtracted from its probability. One-hot labels multiply
    all logits and sum, and are subtracted from all probabilities.
    """
    logits, labels = forward(right)[-1].astype(np.float32), right.data.labels
    logits = logits[..., np.isfinite(logits).all(axis=(0, 1))]  # one that diverged has nothing to compare
    picked = np.eye(CLASSES, dtype=np.float32)[labels][:, :, None]  # (rows, classes, 1)
    shifted = logits - logits.max(axis=1, keepdims=True)
    whole_numbers = crossentropies(logits, labels)
    one_hot = np.log(np.exp(shifted).sum(axis=1)) - (shifted * picked).sum(axis=1)
    probabilities = softmax(logits, axis=1)
    errors = probabilities.copy()
    errors[np.arange(len(labels)), labels] -= 1
    same = (whole_numbers == one_hot).all(axis=0) & (errors == probabilities - picked).all(axis=(0, 1))
    return np.asarray(same)


def renormalised_is_nan(cohort: Cohort) -> Booleans:
    """Say at which starts outputs over their sum are no numbers for at least one point, because the sum is 0.

    So Keras divides outputs that it takes for probabilities, where labels are one-hot.
    """
    outputs = cohort.network.forward(cohort.start, cohort.data.x)[-1]  # (rows, classes, networks)
    with np.errstate(all="ignore"):
        return np.asarray(~np.isfinite(outputs / outputs.sum(axis=1, keepdims=True)).all(axis=(0, 1)))


def outside(cohort: Cohort) -> Booleans:
    """Say which networks give a number below 0 or above 1 for at least one point."""
    outputs = forward(cohort)[-1]
    return np.asarray(((outputs < 0) | (outputs > 1)).any(axis=(0, 1)))


@reading
def likelihood(cohort: Cohort) -> Floats:
    """Return the probability (rows, networks) that the loss gives to the right class of each point."""
    outputs = forward(cohort)[-1].astype(np.float64)  # (rows, classes, networks)
    with np.errstate(invalid="ignore"):  # of a network that diverged
        if cohort.network.loss == "softmax_twice":
            outputs = softmax(outputs, axis=1)
        return np.asarray(softmax(outputs, axis=1)[np.arange(len(outputs)), cohort.data.labels])


def error_ratio(cohort: Cohort) -> Floats:
    """Return how large the errors at the outputs are with the softmax twice, in parts of those with one softmax.

    They are the derivatives of the mean loss by the outputs, at the networks' start (networks,).
    """
    outputs = cohort.network.forward(cohort.start, cohort.data.x)[-1].astype(np.float64)  # (rows, classes, networks)
    targets = cohort.data.targets[:, :, None]  # (rows, classes, 1)
    once = softmax(outputs, axis=1)
    errors = softmax(once, axis=1) - targets  # by what the first softmax gives
    errors = once * (errors - (once * errors).sum(axis=1, keepdims=True))  # by the outputs
    sizes = (np.sqrt((each**2).sum(axis=(0, 1))) for each in (errors, once - targets))
    twice, right = sizes
    return np.asarray(twice / right)


@final
class Logits(Experiment[Parameters]):
    """Train with the softmax inside the loss, with a second one before it, and without any."""

    title = "Where the softmax is"
    summary = (
        "Trains networks on the four blobs with the softmax inside the loss, with the softmax applied twice, and with "
        "raw outputs taken for probabilities; compares formulas and forms of the labels."
    )
    parameters = Parameters
    figure_names = ("success", "loss", "likelihood")

    def plans(self, hyperparameters: Parameters) -> Iterator[Plan]:
        """Plan the same starts for every place of the softmax."""
        h = hyperparameters
        for name, way in WAYS.items():
            lab = replace(BLOBS, network=replace(BLOBS.network, loss=way))
            yield Plan(name, lab, Start.by(h.initializer), h.steps, Optimizer(rate=h.rate), batch=h.batch_size)

    measures = (
        *each(
            Family("<way>", "{way}", choices={"way": WORDS}),
            share("success", "networks whose largest output is the right one at 99 % of the points", success),
            median("accuracy", "points whose largest output is the right one (median)", "share of points", accuracy),
            median(
                "steps_to_bar",
                "first recorded step with 99 % of the points right (median over the networks that get there)",
                "steps",
                first_step(success),
            ),
            median("loss", "the loss that training shows at the end (median)", "nats", finite(loss)),
        ),
        *each(
            Family("<way>", "{way}", choices={"way": {name: WORDS[name] for name in ("right", "twice")}}),
            quantity(
                "greatest_probability",
                "the largest probability that the loss gives to the right class of any point, over all networks",
                "probability",
                lambda cohort: float(np.nanmax(likelihood(cohort), initial=0)),
            ),
        ),
        *of(
            "twice",
            quantity(
                "loss_floor.twice",
                "the loss below which a softmax of a softmax cannot get with four classes, computed",
                "nats",
                lambda _: FLOOR,
            ),
            quantity(
                "least_loss.twice",
                "the least loss of all networks at the end; softmax twice",
                "nats",
                lambda cohort: float(np.nanmin(loss(cohort), initial=np.inf)),
            ),
            median(
                "error_ratio.twice",
                "size of the errors at the outputs before training with the softmax twice, in parts of that with one "
                "(median)",
                "ratio",
                finite(error_ratio),
            ),
        ),
        *of(
            "right",
            share(
                "not_finite.<formula>",
                f"networks whose loss is no finite number for a point, at logits {LARGE} times those learned; formula: "
                "{formula}",
                not_finite,
            ),
            share(
                "identical_share.sparse_one_hot",
                "networks for which whole-number and one-hot labels give the same losses and errors, to the last bit",
                same_bits,
            ),
            share("outside_share", "networks with an output below 0 or above 1 for at least one point", outside),
            share(
                "nan_share.renormalised",
                "starts at which outputs over their sum are no numbers for a point, because the sum is 0",
                renormalised_is_nan,
            ),
        ),
    )

    replay = Replay(
        {"right": "The softmax inside the loss", "twice": "The softmax twice"},
        moment=Moment("At least half of the networks have 99 % of the points right."),
    )

    def figures(self, result: Result) -> Iterable[Figure]:
        """Show successes, the losses over the steps, and the probabilities that the loss sees."""
        yield success_figure(result)
        yield loss_figure(result, FLOOR)
        yield likelihood_figure({name: likelihood(result.cohorts[name]) for name in ("right", "twice")}, HIGHEST)
