"""Ask how loss and accuracy can disagree.

Networks learn 60 points of a square that a sine wave cuts in two. Every point has its right answer, so that there is
more to learn for long, and the accuracy on held-back points may still rise when their loss has turned: the loss counts
how sure a network is, and the few points that are wrong cost more and more. Beside them stand the same networks with
a few wrong labels among the held-back points, and networks on two clouds that overlap.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import cache
from typing import final

import numpy as np
from pydantic import Field

from models.backpropagation import losses
from models.curve_readings import accuracy_at_least, accuracy_lost, curves, end_accuracy, rise
from models.datasets import Dataset, wavy
from models.ensemble import Optimizer
from models.experiment import Experiment, Hyperparameters, RandomStart, Rate, Result
from models.experiments.overfitting import HELD_BACK, KEPT, OTHERS, RISEN, own, risen
from models.figures import Figure
from models.figures.loss_and_accuracy import curve_figure, points_figure, shares_figure
from models.labs import Lab
from models.labs.overlapping import WIDE
from models.measures import Family, each, median, of, percent, share
from models.plans import RECORDED, Cohort, Plan, Start, reading
from models.readings import Booleans, Floats, Strings, finite
from models.replay import Moment, Replay
from models.samples import Sampler
from models.streams import Purpose
from models.wordings import FullBatchSteps

LEARNED, ROWS = 60, 100  # points that are learned, and rows of the program
EVERY = 10  # steps between two measurements
MORE = 0.01  # of accuracy; a smaller change is called none
FELL = 0.8  # times the loss half-way
WRONG_LABELS = 0.05
WORST = 0.05  # of the points

WORDS = f"{LEARNED} points of {wavy.WORDS}"
OWN = Sampler.each(WORDS, ROWS, wavy.sample).first(LEARNED, f"{WORDS}, each network's own")
OWN_KEPT = Sampler.each(f"{HELD_BACK} others", HELD_BACK, wavy.sample, Purpose.HELD_BACK)
MISLABELLED = OWN_KEPT.flipped(WRONG_LABELS, f"{HELD_BACK} others, {percent(WRONG_LABELS)} of the labels wrong")
SAME = replace(
    WIDE, load=lambda: wavy.load(LEARNED), data_words=WORDS, bar_words="99 % of the learned points right", accuracy=0.99
)
LAB = replace(WIDE, load=wavy.load, data_words=wavy.WORDS)


class Parameters(Hyperparameters):
    """What can be varied."""

    steps: FullBatchSteps = Field(800, ge=1, le=2_000, description="full-batch training steps")
    rate: Rate = 0.01
    initializer: RandomStart = "glorot_uniform"


def both_rise(cohort: Cohort) -> Booleans:
    """Say whose held-back loss rose, and accuracy ends higher, by `MORE` or more, than where the loss was least."""
    return risen(cohort) & (accuracy_lost(cohort) <= -MORE + 1e-6)


def accuracy_fell(cohort: Cohort) -> Booleans:
    """Say whose held-back loss rose, and accuracy ends lower by as much."""
    return risen(cohort) & (accuracy_lost(cohort) >= MORE - 1e-6)


def same_accuracy_less_loss(cohort: Cohort) -> Booleans:
    """Say who has as many learned points right at the end as half-way, and at most `FELL` times the loss on them."""
    found = curves(cohort)
    middle = int(np.searchsorted(found.steps, found.steps[-1] / 2))
    same = found.accuracy[-1] == found.accuracy[middle]
    return np.asarray(same & (found.loss[-1] <= FELL * found.loss[middle]))


@cache
def others() -> Dataset:
    """Return points that no network learns, the same for all, with their right labels."""
    return wavy.sample(np.random.default_rng(8), OTHERS)


@reading
def point_losses(cohort: Cohort) -> Floats:
    """Return the loss (rows, networks) at each of those points."""
    return np.asarray(losses(cohort.network, cohort.parameters, others()), np.float64)


def from_worst(cohort: Cohort) -> Floats:
    """Return which part of the loss (networks,) the points carry on which it is largest, `WORST` of them."""
    ordered = np.sort(point_losses(cohort), axis=0)
    with np.errstate(invalid="ignore", over="ignore"):
        return np.asarray(ordered[-round(WORST * len(ordered)) :].sum(axis=0) / ordered.sum(axis=0))


def wrong(cohort: Cohort) -> Booleans:
    """Say which points (rows, networks) are wrong: their right answer has a probability below one half."""
    return np.asarray(point_losses(cohort) > np.log(2))


def from_wrong(cohort: Cohort) -> Floats:
    """Return which part of the loss (networks,) the points carry that are wrong."""
    found = point_losses(cohort)
    with np.errstate(invalid="ignore", over="ignore"):
        return np.asarray((found * wrong(cohort)).sum(axis=0) / found.sum(axis=0))


def loss_of(which: Callable[[Cohort], Booleans]) -> Callable[[Cohort], Floats]:
    """Return the mean loss (networks,) at some of the points; NaN where there are none."""

    def mean(cohort: Cohort) -> Floats:
        chosen = which(cohort)
        with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
            return np.asarray((point_losses(cohort) * chosen).sum(axis=0) / chosen.sum(axis=0))

    return mean


def outcome(cohort: Cohort) -> Strings:
    """Say of each network (networks,) how sure it is where it is wrong."""
    found = np.nan_to_num(loss_of(wrong)(cohort), nan=0.0)
    names = ["wrong places: less than 90 % sure", "wrong places: 90 to 99 % sure", "wrong places: over 99 % sure"]
    return np.array(names)[np.digitize(found, -np.log([0.1, 0.01]))]


MEASURES = (
    share("loss_rise_share", f"networks whose held-back loss ends at {RISEN} times its least value or more", risen),
    share(
        "both_rise_share",
        f"networks whose held-back loss ends at {RISEN} times its least or more, and their accuracy "
        f"{percent(MORE)} or more above that where the loss was least",
        both_rise,
    ),
    share(
        "accuracy_fell_share",
        f"networks whose held-back loss ends at {RISEN} times its least or more, and their accuracy "
        f"{percent(MORE)} or more below that where the loss was least",
        accuracy_fell,
    ),
    share(
        "accuracy_same_loss_falls_share",
        f"networks with as many learned points right at the end as half-way, and at most {FELL} times the loss on them",
        same_accuracy_less_loss,
    ),
    median("rise", "held-back loss at the end, in parts of its least value (median)", "ratio", rise),
    median(
        "accuracy_then",
        "accuracy on held-back points where their loss is least (median)",
        "share of points",
        accuracy_at_least,
    ),
    median(
        "accuracy_end",
        "accuracy on held-back points at the end (median)",
        "share of points",
        end_accuracy,
    ),
)
DATA = {
    "wavy": "wavy border",
    "mislabelled": f"wavy border, {WRONG_LABELS * 100:.0f} % wrong labels",
    "clouds": "overlapping clouds",
}


@final
class LossAndAccuracy(Experiment[Parameters]):
    """Follow loss and accuracy where there is more to learn, where held-back labels are wrong, and on clouds."""

    title = "Why loss and accuracy disagree"
    summary = (
        "Trains networks on points of a square cut in two by a sine wave, and on overlapping clouds, and follows loss "
        "and accuracy on held-back points, with right labels and with a few wrong ones."
    )
    parameters = Parameters
    figure_names = ("curves", "shares", "points")

    def plans(self, hyperparameters: Parameters) -> Iterator[Plan]:
        """Plan the wavy border judged by right and by some wrong labels, the clouds, and the same points for all."""
        h, start = hyperparameters, Start.by(hyperparameters.initializer)

        def plan(name: str, lab: Lab, learned: Sampler, held_back: Sampler) -> Plan:
            shown = name == "same"
            return Plan(
                name,
                lab,
                start,
                h.steps,
                Optimizer(rate=h.rate),
                learned=learned,
                held_back=held_back,
                curve_every=EVERY,
                recorded=RECORDED if shown else 0,
                aside=shown,
            )

        yield plan("wavy", LAB, OWN, OWN_KEPT)
        yield plan("mislabelled", LAB, OWN, MISLABELLED)
        yield plan("clouds", WIDE, own(ROWS), KEPT)
        yield plan("same", SAME, Sampler.shared(WORDS, wavy.load(ROWS)).first(LEARNED, WORDS), OWN_KEPT)

    def notes(self, hyperparameters: Parameters) -> dict[str, str]:  # noqa: ARG002
        """Say what is held back."""
        return {
            "held back": f"{HELD_BACK} other points of each network's own, measured every {EVERY} steps; once with "
            f"{percent(WRONG_LABELS)} of their labels wrong",
        }

    measures = (
        *each(Family("<data>", "{data}", choices={"data": DATA}), *MEASURES),
        *of(
            "wavy",
            median(
                f"loss_from_worst.{WORST * 100:g}",
                f"part of the loss on {OTHERS} new points that the worst {percent(WORST)} of them carry (median)",
                "share of points",
                finite(from_worst),
            ),
            median(
                "loss_from_wrong",
                f"part of the loss on {OTHERS} new points that those carry that are wrong (median)",
                "share of points",
                finite(from_wrong),
            ),
            median(
                "wrong_points",
                f"share of {OTHERS} new points that are wrong (median)",
                "share of points",
                finite(lambda cohort: np.asarray(wrong(cohort).mean(axis=0))),
            ),
            median(
                "loss_where_wrong", "mean loss at new points that are wrong (median)", "nats", finite(loss_of(wrong))
            ),
            median(
                "loss_where_right",
                "mean loss at new points that are right (median)",
                "nats",
                finite(loss_of(lambda cohort: ~wrong(cohort))),
            ),
        ),
    )

    replay = Replay(
        {"same": "The wavy border, the same 60 points for all"},
        groups=outcome,
        moment=Moment("At least half of the networks have 99 % of their points right."),
    )

    def figures(self, result: Result) -> Iterable[Figure]:
        """Show loss and accuracy over the steps, how often they disagree, and which points carry the loss."""
        yield curve_figure({words: curves(result.cohorts[name]) for name, words in DATA.items()})
        yield shares_figure(result, DATA)
        yield points_figure(point_losses(result.cohorts["same"].over_steps), result.cohorts["same"].history.steps)
