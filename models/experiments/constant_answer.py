"""Ask why a network gives the same answer for every input, and how to tell the causes apart.

One thing at a time is made wrong: features that were not normalised, neurons that are silent on all points, too few
steps, or a class that is rare and lies among the points of the other. Then two questions are asked
of each network. Is its answer always the same class? And is its probability always the same number? Where the number is
the same, nothing of the input gets through, and the best that is left to say is how frequent each class is.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import cache, partial
from typing import final

import numpy as np
import numpy.typing as npt
from pydantic import Field
from scipy.special import expit, softmax

from models.datasets import Dataset, blobs, overlapping
from models.ensemble import Optimizer
from models.experiment import Experiment, Hyperparameters, RandomStart, Rate, Result
from models.experiments.input_scaling import scaled
from models.figures import Figure
from models.figures.constant_answer import causes_figure, probability_figure, steps_figure
from models.labs.blobs import BLOBS
from models.labs.coffee import COFFEE
from models.labs.overlapping import OVERLAPPING
from models.measures import Cohorts, Family, each, median, of, percent, share, whole
from models.network import Network
from models.plans import Cohort, Integers, Plan, Start, reading
from models.readings import Booleans, Floats, Strings, over_steps
from models.replay import Moment, Replay
from models.samples import Sampler
from models.streams import Purpose
from models.wordings import FullBatchSteps

CAUSES = {
    "none": "normalised roasts, trained long enough",
    "few_steps": "normalised roasts, 30 steps",
    "unscaled": "roasts in degrees and minutes",
    "dead": "one blob against three, all hidden neurons begin silent",
    "healthy": "one blob against three, nothing wrong",
    "imbalance": "a rare class among the other's points",
    "weights": "the same, with class weights",
}
MOST = 0.99  # of the inputs, which have the same answer where an answer counts as constant
FLAT = 0.01  # of a probability, within which it counts as the same number
NEAR = 0.02  # of a probability, within which it counts as the class frequency
FEW, CLOUD_STEPS, BLOBS_STEPS = 30, 200, 400
CLOUD_RATE = 0.01
SILENT = -30.0  # biases with which no neuron fires on a blob
POINTS, RARE, APART = 1000, 0.05, 1.0  # of the clouds: points, share of the rare class, standard deviations


@cache
def one_against_three() -> Dataset:
    """Return the blobs with two classes, blob 0 and all others; two of the four outputs stand for no class."""
    home = blobs.load()
    labels = (home.labels > 0).astype(np.intp)
    targets = np.eye(len(blobs.CENTERS), dtype=np.float32)[labels]
    return replace(home, labels=labels, targets=targets, class_names=("blob 0", "others", "class 2", "class 3"))


def rare_clouds(generator: np.random.Generator, points: int) -> Dataset:
    """Draw points of two clouds one standard deviation apart, one of twenty of them of the right cloud."""
    labels = (np.arange(points) < round(RARE * points)).astype(np.intp)
    x = generator.standard_normal((points, 2))
    x[:, 0] += np.where(labels == 1, APART / 2, -APART / 2)
    targets = labels[:, None].astype(np.float32)
    return replace(overlapping.load(), x=x.astype(np.float32), targets=targets, labels=labels)


@cache
def balanced_clouds() -> Dataset:
    """Return points of both clouds, as many of each, as dense as its points are likely."""
    every = overlapping.everywhere(512)
    x = every.x.copy()
    x[:, 0] += np.where(every.labels == 1, APART / 2 - 1, 1 - APART / 2)
    return replace(every, x=x)


CLOUD_WORDS = f"{POINTS:,} points of two clouds {APART:g} standard deviation apart, {percent(RARE)} of one"
OWN = Sampler.each(f"{CLOUD_WORDS}, each network's own", POINTS, rare_clouds)
EVEN = OWN.weighted({1: (1 - RARE) / RARE}, f"the same, the rare class with a weight of {(1 - RARE) / RARE:g}")
KEPT = Sampler.each("200 others", 200, overlapping.sample, Purpose.HELD_BACK)
CLOUDS = replace(OVERLAPPING, data_words=CLOUD_WORDS)
RAW = COFFEE.on(partial(scaled, "raw"), "coffee roasting, 200 roasts, temperature and duration as they are")
ONE_BLOB = BLOBS.on(one_against_three, f"{BLOBS.data_words}; two classes, blob 0 against the others")


class Parameters(Hyperparameters):
    """What can be varied."""

    steps: FullBatchSteps = Field(500, ge=1, le=10_000, description="full-batch training steps on the roasts")
    rate: Rate = 0.05
    initializer: RandomStart = "glorot_uniform"


def with_silent_neurons(start: Start) -> Start:
    """Return a start whose hidden biases are so low that no neuron fires."""

    def draw(network: Network, seed: int, members: Integers) -> npt.NDArray[np.float32]:
        drawn = start.draw(network, seed, members).copy()
        drawn[network.layers[0].bias] = SILENT
        return drawn

    return Start(f"{start.words}; where all begin silent, hidden biases {SILENT:g}", draw)


@reading
def probability(cohort: Cohort) -> Floats:
    """Return the probability (rows, networks) of class 1 for each input; that of other classes with several outputs."""
    x = balanced_clouds().x if cohort.plan.learned is not None else cohort.data.x
    outputs = cohort.network.forward(cohort.parameters, x)[-1].astype(np.float64)
    with np.errstate(invalid="ignore", over="ignore"):  # of a network that diverged
        return np.asarray(expit(outputs[:, 0]) if outputs.shape[1] == 1 else softmax(outputs, axis=1)[:, 1])


def constant(cohort: Cohort) -> Booleans:
    """Say which networks that did not diverge answer the same class for `MOST` of the inputs, or more."""
    ones = (probability(cohort) > 0.5).mean(axis=0)
    return np.asarray((np.maximum(ones, 1 - ones) >= MOST) & ~cohort.diverged)


def flat(cohort: Cohort) -> Booleans:
    """Say which networks that did not diverge give nearly the same probability for `MOST` of the inputs."""
    with np.errstate(invalid="ignore"):
        low, high = np.quantile(probability(cohort), ((1 - MOST) / 2, (1 + MOST) / 2), axis=0)
    return np.asarray((high - low <= FLAT) & ~cohort.diverged)


def frequency(cohort: Cohort) -> float:
    """Return how frequent class 1 is among what is learned."""
    return RARE if cohort.plan.learned is not None else float((cohort.data.labels == 1).mean())


def is_frequency(cohort: Cohort) -> Booleans:
    """Say which networks' mean probability is how frequent the class is, within `NEAR`."""
    return np.asarray(np.abs(probability(cohort).mean(axis=0) - frequency(cohort)) <= NEAR)


def flat_frequency(cohort: Cohort) -> Booleans:
    """Say which networks give every input the same probability, which is how frequent the class is."""
    return flat(cohort) & is_frequency(cohort)


def right(label: int) -> Callable[[Cohort], Floats]:
    """Return the reading of how much of one class, among the judged points, is answered right."""
    return lambda cohort: np.asarray(
        ((probability(cohort) > 0.5) == label)[balanced_clouds().labels == label].mean(axis=0, dtype=np.float64)
    )


def helped(cohorts: Cohorts) -> Booleans:
    """Say, of the networks whose answer is constant without class weights, which ones' is not with them."""
    return ~constant(cohorts["weights"])[constant(cohorts["imbalance"])]


def answer(cohort: Cohort) -> Strings:
    """Say of each network (networks,) whether answers differ, or the class or even the number is always the same."""
    names = np.where(flat(cohort), "one number for every input", "one class for every input, numbers differ")
    names = np.where(constant(cohort) | flat(cohort), names, "answers differ")
    return np.where(cohort.diverged, "diverged", names)


@final
class ConstantAnswer(Experiment[Parameters]):
    """Train networks that end with one answer for every input, for one cause at a time."""

    title = "Why the answer is always the same"
    summary = (
        "Trains networks on raw features, from silent neurons, for too few steps and on a rare class, and asks of each "
        "whether its class, or even its probability, is the same for every input."
    )
    parameters = Parameters
    figure_names = ("causes", "probability", "steps")

    def plans(self, hyperparameters: Parameters) -> Iterator[Plan]:
        """Plan each cause beside networks without it."""
        h, start = hyperparameters, Start.by(hyperparameters.initializer)
        adam, slower = Optimizer(rate=h.rate), Optimizer(rate=CLOUD_RATE)
        yield Plan("none", COFFEE, start, h.steps, adam)
        yield Plan("few_steps", COFFEE, start, min(FEW, h.steps), adam)
        yield Plan("unscaled", RAW, start, h.steps, adam)
        yield Plan("dead", ONE_BLOB, with_silent_neurons(start), BLOBS_STEPS, adam)
        yield Plan("healthy", ONE_BLOB, start, BLOBS_STEPS, adam)
        for name, learned in {"imbalance": OWN, "weights": EVEN}.items():
            yield Plan(name, CLOUDS, start, CLOUD_STEPS, slower, learned=learned, held_back=KEPT, recorded=0)

    def notes(self, hyperparameters: Parameters) -> dict[str, str]:
        """Say what belongs to which data, and what constant means."""
        h = hyperparameters
        return {
            "optimiser": f"Adam, rate {h.rate:g} on roasts and blobs, {CLOUD_RATE:g} on the clouds",
            "steps": f"{h.steps:,} on the roasts, {BLOBS_STEPS} on the blobs, {CLOUD_STEPS} on the clouds; full batch",
            "constant": f"the same class for {percent(MOST)} of the inputs",
            "one number": f"probabilities of {percent(MOST)} of the inputs within {FLAT:g}",
        }

    measures = (
        *each(
            Family("<cause>", "{cause}", choices={"cause": CAUSES}),
            share("constant_share", "networks that answer the same class for 99 % of the inputs", constant),
            share("flat_share", "networks that give 99 % of the inputs the same probability, within 0.01", flat),
            share(
                "constant_is_frequency",
                "networks that give every input the same probability, which is how frequent the class is, within 0.02",
                flat_frequency,
            ),
            median(
                "probability",
                "probability of class 1, mean over the inputs (median)",
                "probability",
                lambda cohort: probability(cohort).mean(axis=0),
            ),
        ),
        *each(
            Family("<cause>", "{cause}", choices={"cause": {name: CAUSES[name] for name in ("imbalance", "weights")}}),
            median("rare_right", "points of the rare class that are right (median)", "share of points", right(1)),
            median("common_right", "points of the other class that are right (median)", "share of points", right(0)),
        ),
        *of(
            "unscaled",
            share("always_was", "networks that answer the same class before training", lambda c: constant(c.untrained)),
        ),
        *whole(
            share(
                "helped_share.weights",
                "of the networks with a constant answer on the rare class: those without one when its losses are "
                "weighted",
                helped,
            )
        ),
    )

    replay = Replay(
        {name: CAUSES[name][0].upper() + CAUSES[name][1:] for name in ("none", "unscaled", "healthy", "dead")},
        groups=answer,
        counts={"constant": ("answer the same class for 99 % of the inputs", constant)},
        own_first=True,
        moment=Moment("At least half of the networks answer with both classes.", lambda cohort: ~constant(cohort)),
    )

    def figures(self, result: Result) -> Iterable[Figure]:
        """Show how often the answer is constant by cause, what number is given, and how it ends over the steps."""
        yield causes_figure(result, CAUSES)
        yield probability_figure(
            {name: probability(cohort) for name, cohort in result.cohorts.items()},
            {name: frequency(cohort) for name, cohort in result.cohorts.items()},
        )
        none = result.cohorts["none"]
        yield steps_figure(none.history.steps, over_steps(constant)(none), over_steps(flat)(none))
