"""Ask how many outputs a classifier needs: one sigmoid unit or two softmax units, and one unit for each class.

Roasts are good or bad, so that one number is enough. Networks with one sigmoid unit are trained beside networks with
two softmax units that begin as the same function, once as they are and once with one of the two logits held at 0. On
the four blobs, a softmax over four units is compared with four sigmoids, each trained to say yes or no, and four units
learn data in which only two of the classes occur.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache
from typing import final

import numpy as np
import numpy.typing as npt
from pydantic import Field
from scipy.special import expit, softmax

from models.datasets import Dataset, coffee, turned_blobs
from models.ensemble import Optimizer
from models.experiment import Experiment, Hyperparameters, LabBatch, RandomStart, Rate, Result
from models.figures import Figure
from models.figures.output_units import difference_figure, success_figure, sums_figure
from models.labs.blobs import BLOBS
from models.labs.coffee import COFFEE
from models.measures import Cohorts, Family, each, median, of, quantity, share, together
from models.network import Network
from models.plans import Cohort, Integers, Plan, Start, reading
from models.readings import Booleans, Floats, accuracy, first_step, forward, success, untrained
from models.replay import Moment, Replay
from models.wordings import Steps

TWO = {
    "two_softmax": "two softmax units, each with a start of its own",
    "two_same": "two softmax units that begin as the same function as the one sigmoid unit",
    "two_held": "the same, with one of the two logits held at 0",
}
FOUR = {"softmax": "four softmax units", "sigmoids": "four sigmoid units"}
OUTPUTS = (
    {"one_sigmoid": "one sigmoid unit"} | TWO | FOUR | {"spare": "four softmax units of which two stand for no class"}
)
BLOBS_STEPS = 800
BLOBS_RATE = 0.01
NEAR = 0.001  # of a probability, within which two networks agree
FAR = 20.0  # half the side of the square in which a spare class is looked for


@cache
def one_hot_roasts() -> Dataset:
    """Return the roasts with a target for each of the two classes."""
    roasts = coffee.load()
    return replace(roasts, targets=np.eye(2, dtype=np.float32)[roasts.labels])


PAIR = replace(
    COFFEE,
    network=Network((2, 3, 2), "sigmoid", "softmax_crossentropy"),
    load=one_hot_roasts,
    network_words="3 sigmoid hidden neurons, 2 softmax outputs",
)
SIGMOIDS = replace(
    BLOBS,
    network=replace(BLOBS.network, loss="binary_crossentropy"),
    network_words="2 ReLU hidden neurons, 4 sigmoid outputs",
)
TWO_CLASSES = BLOBS.on(turned_blobs.left_right, f"{BLOBS.data_words}; two classes, blobs 0 and 1 against 2 and 3")


class Parameters(Hyperparameters):
    """What can be varied."""

    steps: Steps = Field(1_000, ge=1, le=10_000, description="full-batch training steps on the roasts")
    rate: Rate = 0.05
    batch_size: LabBatch = 32
    initializer: RandomStart = "glorot_uniform"


def as_two(start: Start) -> Start:
    """Return the start of two units that give what one sigmoid unit does: its logit, and a logit of 0."""

    def draw(network: Network, seed: int, members: Integers) -> npt.NDArray[np.float32]:
        hidden, (kernel, bias) = COFFEE.network.unpack(start.draw(COFFEE.network, seed, members))
        outgoing = (np.concatenate([np.zeros_like(kernel), kernel], axis=1), np.concatenate([0 * bias, bias]))
        return network.pack([hidden, outgoing])

    return Start(f"{start.words}; of two softmax units one all 0, where they begin as one sigmoid unit", draw)


def first_unit_held() -> npt.NDArray[np.float32]:
    """Return what multiplies the gradients (P, 1) of two softmax units, so that the first one stays as it is."""
    free = np.ones((PAIR.network.size, 1), np.float32)
    kernel, bias = PAIR.network.unpack(free)[1]
    kernel[:, 0] = bias[0] = 0
    return free


@reading
def probabilities(cohort: Cohort) -> Floats:
    """Return what each network gives each class (rows, outputs, networks), or of one unit the second class alone."""
    outputs = forward(cohort)[-1].astype(np.float64)
    with np.errstate(invalid="ignore", over="ignore"):  # of a network that diverged
        sigmoids = cohort.network.loss == "binary_crossentropy"
        return np.asarray(expit(outputs) if sigmoids else softmax(outputs, axis=1))


def from_sigmoid(cohort: Cohort) -> float:
    """Return how far the softmax of two units is from the sigmoid of their difference, at the most."""
    outputs = forward(cohort)[-1].astype(np.float64)
    with np.errstate(invalid="ignore", over="ignore"):
        return float(np.nanmax(np.abs(probabilities(cohort)[:, 1] - expit(outputs[:, 1] - outputs[:, 0])), initial=0))


def apart(cohort: Cohort, one: Cohort) -> Floats:
    """Return the largest difference (networks,) on a roast between two units' probability and that of one unit."""
    return np.asarray(np.abs(probabilities(cohort)[:, 1] - probabilities(one)[:, 0]).max(axis=0))


def all_apart(cohorts: Cohorts) -> dict[str, Floats]:
    """Return `apart` for each cohort of two units; that of one sigmoid unit is 0 from itself."""
    one = cohorts["one_sigmoid"]
    return {
        name: np.zeros(one.loss.size) if name == "one_sigmoid" else apart(cohort, one)
        for name, cohort in cohorts.items()
    }


def agree(cohorts: Cohorts) -> dict[str, Booleans]:
    """Say which networks of two units give every roast the probability that one sigmoid unit does, nearly."""
    return {name: np.asarray(values <= NEAR) for name, values in all_apart(cohorts).items()}


def sum_gap(cohort: Cohort) -> Floats:
    """Return how far the sum of a network's probabilities is from 1, at the point where it is farthest."""
    return np.asarray(np.abs(probabilities(cohort).sum(axis=1) - 1).max(axis=0))


def no_answer(cohort: Cohort) -> Booleans:
    """Say which networks give no class more than one half, for at least one point."""
    return np.asarray((~(probabilities(cohort) > 0.5).any(axis=1)).any(axis=0))


def several_answers(cohort: Cohort) -> Booleans:
    """Say which networks give more than one class more than one half, for at least one point."""
    return np.asarray(((probabilities(cohort) > 0.5).sum(axis=1) > 1).any(axis=0))


def spare_probability(cohort: Cohort) -> Floats:
    """Return the probability that goes to classes that never occur, mean over the points."""
    spare = np.setdiff1d(np.arange(cohort.network.sizes[-1]), cohort.data.labels)
    return np.asarray(probabilities(cohort)[:, spare].sum(axis=1).mean(axis=0))


def spare_wins(cohort: Cohort) -> Booleans:
    """Say in which networks a class that never occurs has the largest output somewhere in a wide square."""
    at = np.linspace(-FAR, FAR, 41)
    outputs = cohort.network.forward(cohort.parameters, np.stack(np.meshgrid(at, at), axis=-1).reshape(-1, 2))[-1]
    return np.asarray(~np.isin(outputs.argmax(axis=1), cohort.data.labels).all(axis=0))


def always_one(cohort: Cohort) -> Booleans:
    """Say in which networks a softmax over the one output is 1 for every example."""
    outputs = forward(cohort)[-1][..., ~cohort.diverged]
    return np.asarray((softmax(outputs, axis=1) == 1).all(axis=(0, 1)))


@final
class OutputUnits(Experiment[Parameters]):
    """Train one sigmoid unit and two softmax units on two classes, and four units of either kind on four."""

    title = "One sigmoid or two softmax units"
    summary = (
        "Trains coffee-roasting networks with one sigmoid output and with two softmax outputs, and networks on four "
        "blobs with a softmax, with four sigmoids, and with outputs that no class uses."
    )
    parameters = Parameters
    figure_names = ("success", "difference", "sums")

    def plans(self, hyperparameters: Parameters) -> Iterator[Plan]:
        """Plan one unit and two on the roasts, and four units of each kind on the blobs."""
        h, start = hyperparameters, Start.by(hyperparameters.initializer)
        roasts, blobs = Optimizer(rate=h.rate), Optimizer(rate=BLOBS_RATE)
        yield Plan("one_sigmoid", COFFEE, start, h.steps, roasts)
        yield Plan("two_softmax", PAIR, start, h.steps, roasts)
        yield Plan("two_same", PAIR, as_two(start), h.steps, roasts)
        yield Plan("two_held", PAIR, as_two(start), h.steps, roasts, trainable=first_unit_held())
        for name, lab in {"softmax": BLOBS, "sigmoids": SIGMOIDS, "spare": TWO_CLASSES}.items():
            yield Plan(name, lab, start, BLOBS_STEPS, blobs, batch=h.batch_size)

    def notes(self, hyperparameters: Parameters) -> dict[str, str]:
        """Say what belongs to which data."""
        h = hyperparameters
        batch = "full batch" if h.batch_size == len(BLOBS.data.x) else f"shuffled mini-batches of {h.batch_size}"
        return {
            "loss": "binary cross-entropy of sigmoids, mean over the units; softmax cross-entropy of softmax units",
            "optimiser": f"Adam, rate {h.rate:g} on the roasts and {BLOBS_RATE:g} on the blobs",
            "steps": f"{h.steps:,} on the roasts, full batch; {BLOBS_STEPS:,} on the blobs, {batch}",
            "success": f"{COFFEE.bar_words}, or {BLOBS.bar_words}; of several outputs the largest counts",
        }

    measures = (
        *each(
            Family("<output>", "{output}", choices={"output": OUTPUTS}),
            share("success", "networks that get 97 % of the roasts, or 99 % of the points, right", success),
            median(
                "steps_to_bar",
                "first recorded step with so many right (median over the networks that get there)",
                "steps",
                first_step(success),
            ),
        ),
        *together(
            Family("<output>", "{output}", choices={"output": {"one_sigmoid": OUTPUTS["one_sigmoid"]} | TWO}),
            median(
                "apart",
                "largest difference of a roast's probability from that of the one sigmoid unit after training (median)",
                "probability",
                all_apart,
            ),
            share(
                "agree_share",
                f"networks that give every roast the same probability as the one sigmoid unit, within {NEAR:g}",
                agree,
            ),
        ),
        *of(
            "two_softmax",
            quantity(
                "difference.two_softmax",
                "largest difference between the softmax of two units and the sigmoid of the difference of their logits",
                "probability",
                from_sigmoid,
            ),
        ),
        *each(
            Family("<output>", "{output}", choices={"output": FOUR}),
            median(
                "sum_gap",
                "how far a network's four probabilities are from adding up to 1, at the worst point (median)",
                "probability",
                sum_gap,
            ),
            share("no_answer_share", "networks that give no class more than one half, for a point or more", no_answer),
            share(
                "several_answers_share",
                "networks that give several classes more than one half, for a point or more",
                several_answers,
            ),
            median("accuracy", "points whose largest output is the right one (median)", "share of points", accuracy),
        ),
        *of(
            "spare",
            median(
                "spare_probability",
                "probability of the two classes that never occur, mean over the points (median)",
                "probability",
                spare_probability,
            ),
            median(
                "spare_probability_at_start",
                "the same before training (median)",
                "probability",
                untrained(spare_probability),
            ),
            share(
                "spare_wins_share",
                f"networks that answer a class that never occurs somewhere in a square of {2 * FAR:g} by {2 * FAR:g}",
                spare_wins,
            ),
        ),
        *of(
            "one_sigmoid",
            share("one_softmax_unit", "networks whose one output becomes 1 by a softmax, for every roast", always_one),
            quantity(
                "accuracy.one_softmax_unit",
                "roasts that are right when every answer is 1",
                "share of roasts",
                lambda cohort: float(cohort.data.labels.mean()),
            ),
        ),
    )

    replay = Replay(
        {
            "one_sigmoid": "One sigmoid unit",
            "two_same": "Two softmax units",
            "softmax": "Four softmax units",
            "sigmoids": "Four sigmoid units",
        },
        moment=Moment("At least half of the networks are there."),
    )

    def figures(self, result: Result) -> Iterable[Figure]:
        """Show successes, how far two units get from one, and what four probabilities add up to."""
        yield success_figure(result, OUTPUTS)
        one = result.cohorts["one_sigmoid"]
        steps = {name: apart(result.cohorts[name].over_steps, one.over_steps) for name in ("two_same", "two_held")}
        yield difference_figure(one.history.steps, steps)
        yield sums_figure({name: probabilities(result.cohorts[name]).sum(axis=1) for name in FOUR})
