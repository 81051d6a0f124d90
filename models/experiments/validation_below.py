"""Ask how networks can do better on validation points than on the points that they learn.

Networks learn 1,000 points of two clouds that overlap, and are judged on 1,000 others. Nothing is wrong with either
set, so that the two losses are nearly the same when both are measured alike. Then one thing at a time is changed: the
training loss is shown with dropout, with a penalty, or as a mean over an epoch in which the weights still move, or the
validation points are few. What is shown is what a Keras history shows, see `models.curves.Curves`.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import final

import numpy as np
from pydantic import Field

from models.curve_readings import curves, gap
from models.datasets import overlapping
from models.ensemble import Optimizer
from models.experiment import Experiment, Hyperparameters, RandomStart, Rate, Result
from models.figures import Figure
from models.figures.validation_below import epoch_figure, gap_figure
from models.labs.overlapping import OVERLAPPING
from models.measures import Measure, median, of, share
from models.plans import RECORDED, Cohort, Plan, Start
from models.readings import Booleans, Floats, Strings, finite
from models.replay import Moment, Replay
from models.samples import Sampler
from models.streams import Purpose
from models.wordings import STEP_NAMES, Dropout, called

POINTS = 1000  # learned, and held back
FEW = 20  # held back in the lucky split
BATCH = 50
EPOCH = POINTS // BATCH  # steps
MARGIN = 0.02  # nats; a smaller difference of two means over 1,000 points is chance

OWN = Sampler.each(f"{POINTS:,} points of {overlapping.WORDS}, each network's own", POINTS, overlapping.sample)
KEPT = Sampler.each(f"{POINTS:,} others", POINTS, overlapping.sample, Purpose.HELD_BACK)
KEPT_FEW = Sampler.each(f"{FEW} others", FEW, overlapping.sample, Purpose.HELD_BACK)

SAME = replace(
    OVERLAPPING,
    load=lambda: overlapping.load(POINTS),
    data_words=f"{POINTS:,} points of {overlapping.WORDS}",
    bar_words="80 % of the learned points right",
)


class Parameters(Hyperparameters):
    """What can be varied."""

    steps: int = Field(
        8 * EPOCH,
        ge=1,
        le=2_000,
        description=f"training steps; an epoch has {EPOCH}",
        json_schema_extra=called(*STEP_NAMES, epoch=(POINTS, BATCH)),
    )
    rate: Rate = 0.01
    dropout: Dropout = Field(0.5, ge=0.05, le=0.9)
    penalty: float = Field(
        0.01,
        ge=0,
        le=1,
        title="L2 penalty",
        description="factor of the sum of the weights' squares",
        json_schema_extra=called(
            "L2 penalty", "L2", "weight decay", "regularization parameter", "λ", calls=("l2", "L2")
        ),
    )
    initializer: RandomStart = "glorot_uniform"


def shown_gap(cohort: Cohort) -> Floats:
    """Return the validation loss less the training loss as it is shown, after the last epoch."""
    return np.asarray(shown_gaps(cohort)[-1])


def first_gap(cohort: Cohort) -> Floats:
    """Return the validation loss less the training loss as it is shown, after the first epoch."""
    return np.asarray(shown_gaps(cohort)[:2][-1])  # of networks that are not trained, at the start


def shown_gaps(cohort: Cohort) -> Floats:
    """Return (epochs + 1, networks) the validation loss less the training loss as it is shown; NaN at the start."""
    found = curves(cohort)
    with np.errstate(invalid="ignore", over="ignore"):
        return np.asarray(found.held_back_loss - found.shown_loss)


def gap_with_penalty(cohort: Cohort) -> Floats:
    """Return the validation loss with the penalty, as Keras shows it, less the training loss as it is shown."""
    with np.errstate(invalid="ignore", over="ignore"):
        return np.asarray(shown_gap(cohort) + (cohort.plan.penalty * cohort.parameters**2).sum(axis=0))


def below(read: Callable[[Cohort], Floats]) -> Callable[[Cohort], Booleans]:
    """Say of which networks the validation loss is `MARGIN` or more below the training loss."""
    return lambda cohort: np.asarray(read(cohort) <= -MARGIN)


def above(read: Callable[[Cohort], Floats]) -> Callable[[Cohort], Booleans]:
    """Say of which networks it is `MARGIN` or more above it."""
    return lambda cohort: np.asarray(read(cohort) >= MARGIN)


def distance(read: Callable[[Cohort], Floats]) -> Callable[[Cohort], Floats]:
    """Return how far the two losses are apart."""
    return lambda cohort: np.asarray(np.abs(read(cohort)))


def outcome(cohort: Cohort) -> Strings:
    """Say of each network (networks,) whether its validation loss is below its training loss as it is shown."""
    there = f"validation loss {MARGIN:g} or more below the shown training loss"
    other = f"not lower, or by less than {MARGIN:g}"
    return np.where(below(shown_gap)(cohort), there, other)[: cohort.loss.size]  # those that are recorded


# By cause: the cohort, what is compared in it, in words, and the reading.
CAUSES: dict[str, tuple[str, str, Callable[[Cohort], Floats]]] = {
    "running_mean": ("plain", "training loss as the mean over the first epoch", first_gap),
    "running_mean_last": ("plain", "training loss as the mean over the last epoch", shown_gap),
    "dropout": ("dropout", "training loss with dropout", shown_gap),
    "dropout_scored": ("dropout", "learned with dropout, both losses measured without", gap),
    "penalty": ("penalty", "training loss with the penalty, validation loss without", shown_gap),
    "penalty_both": ("penalty", "both losses with the penalty, as in Keras", gap_with_penalty),
    "lucky_split": ("few", f"{FEW} validation points, both losses measured alike", gap),
    "none": ("plain", f"{POINTS:,} points each, both losses measured alike", gap),
}


def taken(cause: str) -> tuple[Measure, ...]:
    """Return what is measured of a cause."""
    cohort, words, read = CAUSES[cause]
    return of(
        cohort,
        share(f"below_share.{cause}", f"networks with validation loss {MARGIN} or more below; {words}", below(read)),
        share(f"above_share.{cause}", f"networks with validation loss {MARGIN} or more above; {words}", above(read)),
        median(f"gap.{cause}", f"validation loss less training loss (median); {words}", "nats", finite(read)),
        median(f"distance.{cause}", f"distance of the two losses (median); {words}", "nats", finite(distance(read))),
    )


@final
class ValidationBelow(Experiment[Parameters]):
    """Show the training loss with one cause at a time that lifts it, and compare it with the validation loss."""

    title = "How the validation loss can be lower"
    summary = (
        "Trains networks on 1,000 points of two overlapping clouds, plainly, with dropout and with a penalty, and "
        "compares the training loss as it is shown with the loss on held-back points."
    )
    parameters = Parameters
    figure_names = ("epochs", "gaps")

    def plans(self, hyperparameters: Parameters) -> Iterator[Plan]:
        """Plan plain training, judged by many and by few points, and training with dropout and with a penalty.

        Networks that can be watched all learn the same points.
        """
        h, start = hyperparameters, Start.by(hyperparameters.initializer)

        def plan(
            name: str, *, dropout: float = 0.0, l2: float = 0.0, held_back: Sampler = KEPT, shown: bool = False
        ) -> Plan:
            return Plan(
                name,
                SAME if shown else OVERLAPPING,
                start,
                h.steps,
                Optimizer(rate=h.rate),
                batch=BATCH,
                dropout=dropout,
                l2=l2,
                penalise_biases=False,
                learned=Sampler.shared(SAME.data_words, SAME.data) if shown else OWN,
                held_back=held_back,
                curve_every=EPOCH,
                recorded=RECORDED if shown else 0,
                aside=shown,
            )

        for beginning, shown in (("", False), ("same.", True)):
            yield plan(f"{beginning}plain", shown=shown)
            yield plan(f"{beginning}dropout", dropout=h.dropout, shown=shown)
            yield plan(f"{beginning}penalty", l2=h.penalty, shown=shown)
        yield plan("few", held_back=KEPT_FEW)

    def notes(self, hyperparameters: Parameters) -> dict[str, str]:
        """Say what is held back, and what the penalty is."""
        return {
            "held back": f"{POINTS:,} other points of each network's own, or {FEW}, measured after each epoch",
            "penalty": f"{hyperparameters.penalty:g} times the sum of the weights' squares, biases left out",
        }

    measures = tuple(measure for cause in CAUSES for measure in taken(cause))

    replay = Replay(
        {
            "same.plain": "plain training",
            "same.dropout": "with dropout",
            "same.penalty": "with a penalty on the weights",
        },
        groups=outcome,
        moment=Moment("At least half of the networks have 80 % of the points right."),
    )

    def figures(self, result: Result) -> Iterable[Figure]:
        """Show the losses epoch by epoch, and how far the validation loss is from the training loss by each cause."""
        rows = []
        for cause in ("running_mean", "dropout", "penalty", "lucky_split", "none"):
            cohort, words, read = CAUSES[cause]
            rows.append((words, result.share(f"below_share.{cause}"), read(result.cohorts[cohort])))
        yield epoch_figure(result, EPOCH)
        yield gap_figure(rows, MARGIN)
