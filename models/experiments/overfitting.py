"""Ask why the validation loss rises while the training loss falls.

Networks of several widths learn 20, 100 or 1,000 points of two clouds that overlap, and their loss is measured all the
while on 200 points that they never learn. What can be known of the clouds is known soon: the best border is straight.
What is learned after that are the very points of the sample. The networks grow surer of all their answers, and those on
held-back points that are wrong cost more and more, though there are hardly more of them.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache
from typing import final

import numpy as np
from pydantic import Field
from scipy.special import expit

from models.backpropagation import losses
from models.calibration import best_scale
from models.curve_readings import (
    accuracy_lost,
    end_accuracy,
    gap,
    learned_accuracy,
    minimum_step,
    rise,
    training_fell,
)
from models.datasets import Dataset, overlapping
from models.ensemble import Optimizer
from models.experiment import Experiment, Hyperparameters, RandomStart, Rate, Result
from models.figures import Figure
from models.figures.overfitting import accuracy_figure, loss_figure, rise_figure
from models.labs import Lab
from models.labs.overlapping import OVERLAPPING, WIDE
from models.measures import Family, each, median, of, percent, share
from models.plans import RECORDED, Cohort, Plan, Start, reading
from models.readings import Booleans, Floats, Strings, finite
from models.replay import Moment, Replay
from models.samples import Sampler
from models.streams import Purpose
from models.wordings import FullBatchSteps

# Points and hidden neurons of each cohort; 1,000 points are learned by eight neurons alone, which is quick enough.
CELLS = ((20, 2), (20, 8), (20, 16), (100, 2), (100, 8), (100, 16), (1000, 8))
SHOWN = {"same.20.8": (20, 8), "same.20.2": (20, 2), "same.100.8": (100, 8)}  # all networks learn the same points
HELD_BACK = 200
EVERY = 5  # steps between two measurements
RISEN = 1.2  # times the least loss
OTHERS = 400  # points that the replay's networks are judged on
FAR = 1.5  # times the least loss that is possible

KEPT = Sampler.each(f"{HELD_BACK} points of each network's own", HELD_BACK, overlapping.sample, Purpose.HELD_BACK)


class Parameters(Hyperparameters):
    """What can be varied."""

    steps: FullBatchSteps = Field(800, ge=1, le=2_000, description="full-batch training steps")
    rate: Rate = 0.003
    initializer: RandomStart = "glorot_uniform"


def own(points: int) -> Sampler:
    """Return the sampler that gives each network so many points of its own, in a shape of 100 or 1,000 rows."""
    rows = 100 if points <= 100 else 1000
    words = f"{points:,} points of {overlapping.WORDS}, each network's own"
    return Sampler.each(words, rows, overlapping.sample).first(points, words)


def same(points: int) -> tuple[Lab, Sampler]:
    """Return a lab of one sample of so many points, and the sampler that gives them to every network."""
    lab = replace(
        OVERLAPPING,
        load=lambda: overlapping.load(points),
        data_words=f"{points} points of {overlapping.WORDS}",
        bar_words="90 % of the learned points right",
        accuracy=0.9,
    )
    sampler = Sampler.shared(lab.data_words, overlapping.load(100))  # whose first points are those of a smaller sample
    return lab, sampler.first(points, lab.data_words)


def risen(cohort: Cohort) -> Booleans:
    """Say of which networks the held-back loss ends at `RISEN` times its least value or more."""
    return np.asarray(rise(cohort) >= RISEN)


def outcome(cohort: Cohort) -> Strings:
    """Say of each network (networks,) whether its loss on what is held back has risen."""
    rose = f"held-back loss rose by {percent(RISEN - 1)} or more"
    return np.where(risen(cohort), rose, "it rose less, or not at all")[: cohort.loss.size]  # those that are recorded


@cache
def others() -> Dataset:
    """Return points that no network learns, the same for all."""
    return overlapping.sample(np.random.default_rng(8), OTHERS)


@reading
def sureness(cohort: Cohort) -> Floats:
    """Return the probability that a network gives to its own answers on other points, right or wrong; their mean."""
    outputs = cohort.network.forward(cohort.parameters, others().x)[-1][:, 0]  # (rows, networks)
    return np.asarray(expit(np.abs(outputs)).mean(axis=0))


@reading
def loss_on_others(cohort: Cohort) -> Floats:
    """Return each network's mean loss on other points."""
    return np.asarray(losses(cohort.network, cohort.parameters, others()).mean(axis=0))


@reading
def loss_less_sure(cohort: Cohort) -> Floats:
    """Return the least mean loss on other points that a network can have by being less sure of all its answers.

    Its outputs before the sigmoid are multiplied by `models.calibration.best_scale`, which changes no answer. The
    number is chosen on the points that it is judged on; one number for so many gains next to nothing by that.
    """
    outputs = cohort.network.forward(cohort.parameters, others().x)[-1][:, 0]  # (rows, networks)
    scale = best_scale(outputs, others().labels)
    with np.errstate(invalid="ignore", over="ignore"):  # of a network that diverged
        margins = scale * outputs * (2 * others().labels[:, None] - 1)  # above 0 where the answer is right
        return np.asarray(np.logaddexp(0, -margins).mean(axis=0))


def far(cohort: Cohort) -> Booleans:
    """Say which networks' loss on other points is `FAR` times the least that is possible, or more."""
    return np.asarray(~(loss_on_others(cohort) < FAR * overlapping.best_loss()))


MEASURES = (
    share(
        "rise_share",
        f"networks whose loss on held-back points ends at {RISEN} times its least value or more",
        risen,
    ),
    share(
        "training_fell_share",
        "networks whose loss on the points that they learn is lower at the end than where that on held-back points "
        "was least",
        training_fell,
    ),
    median("minimum_step", "step at which the loss on held-back points is least (median)", "steps", minimum_step),
    median("rise", "loss on held-back points at the end, in parts of its least value (median)", "ratio", rise),
    median(
        "accuracy_lost",
        "accuracy on held-back points where their loss is least, less that at the end (median)",
        "share of points",
        accuracy_lost,
    ),
    median("accuracy", "accuracy on held-back points at the end (median)", "share of points", end_accuracy),
    median(
        "learned_accuracy", "accuracy on the learned points at the end (median)", "share of points", learned_accuracy
    ),
    median(
        "sureness",
        f"probability that a network gives to its own answers on {OTHERS} other points at the end, right or wrong "
        "(mean over the points; median)",
        "probability",
        finite(sureness),
    ),
    median("loss", f"loss on {OTHERS} other points at the end (median)", "nats", finite(loss_on_others)),
    median(
        "loss_less_sure",
        f"loss on {OTHERS} other points at the end, if all outputs of a network are scaled down alike to be as sure as "
        "is best (median)",
        "nats",
        finite(loss_less_sure),
    ),
    median(
        "gap",
        "loss on held-back points less that on the learned ones, at the end (median)",
        "nats",
        finite(gap),
    ),
)
CHOICES = {"points": {"20": "20", "100": "100"}, "h": {"2": "2", "8": "8", "16": "16"}}


@final
class Overfitting(Experiment[Parameters]):
    """Train on few and on many points of two overlapping clouds, and measure on held-back points all the while."""

    title = "Why the validation loss rises"
    summary = (
        "Trains networks of 2, 8 and 16 neurons on 20, 100 and 1,000 points of two overlapping clouds, and measures "
        "loss and accuracy on held-back points every five steps."
    )
    parameters = Parameters
    figure_names = ("loss", "accuracy", "rise")

    def plans(self, hyperparameters: Parameters) -> Iterator[Plan]:
        """Plan every number of points with every width, and some networks that all learn the same points."""
        h, start = hyperparameters, Start.by(hyperparameters.initializer)

        def plan(name: str, lab: Lab, learned: Sampler, width: int, *, shown: bool) -> Plan:
            narrow = None if width == lab.network.sizes[1] else width
            return Plan(
                name,
                lab,
                start,
                h.steps,
                Optimizer(rate=h.rate),
                width=narrow,
                learned=learned,
                held_back=KEPT,
                curve_every=EVERY,
                recorded=RECORDED if shown else 0,
                aside=shown,
            )

        for points, width in CELLS:
            yield plan(f"{points}.{width}", OVERLAPPING if width <= 8 else WIDE, own(points), width, shown=False)
        for name, (points, width) in SHOWN.items():
            yield plan(name, *same(points), width, shown=True)

    def notes(self, hyperparameters: Parameters) -> dict[str, str]:  # noqa: ARG002
        """Say what is held back, and how large the networks are."""
        return {
            "data": f"{overlapping.WORDS}: 20, 100 or 1,000 points, each network's own",
            "held back": f"{HELD_BACK} other points of each network's own, measured every {EVERY} steps",
            "network": "2, 8 or 16 ReLU hidden neurons, 1 sigmoid output",
        }

    measures = (
        *each(Family("<points>.<h>", "{points} points, {h} hidden neurons", choices=CHOICES), *MEASURES),
        *each(Family("1000.<h>", "1,000 points, {h} hidden neurons", choices={"h": {"8": "8"}}), *MEASURES),
        *of(
            "same.20.2",
            share(
                "rise_share.same.20.2",
                "networks of 2 hidden neurons that all learn the same 20 points, and whose loss on held-back points "
                f"ends at {RISEN} times its least value or more",
                risen,
            ),
        ),
    )

    replay = Replay(
        {
            "same.20.8": "8 neurons, the same 20 points for all",
            "same.20.2": "2 neurons, the same 20 points",
            "same.100.8": "8 neurons, 100 points",
        },
        groups=outcome,
        counts={
            "far": (f"have a test loss, on {OTHERS} other points, at least {FAR:g} times the best possible", far),
        },
        moment=Moment("At least half of the networks have 90 % of their points right."),
    )

    def figures(self, result: Result) -> Iterable[Figure]:
        """Show losses and accuracies over the steps, and how often the loss on held-back points rises."""
        yield loss_figure(result)
        yield accuracy_figure(result)
        yield rise_figure(result, CELLS)
