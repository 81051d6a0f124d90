"""Ask how many examples a network needs, and whether more always help.

Each network learns 10, 20, 50 ... 1,000 points of its own of two clouds that overlap; the fewer are the first of the
more, and the start is the same, so that a network is compared with itself. All train for as many steps: with epochs
fixed, more points would also be more steps. What is learned is judged on all points that may come, not on a sample.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TypeVar, final

import numpy as np
import numpy.typing as npt
from pydantic import Field

from models.curve_readings import end_accuracy, learned_accuracy
from models.datasets import overlapping
from models.ensemble import Optimizer
from models.experiment import Experiment, Hyperparameters, RandomStart, Rate, Result
from models.experiments.overfitting import HELD_BACK, KEPT, OTHERS, others, own, same
from models.figures import Figure
from models.figures.learning_curve import accuracy_figure, doubling_figure, reach_figure
from models.labs import Lab
from models.labs.overlapping import OVERLAPPING
from models.measures import Family, Measure, each, median, percent, quantity, share, whole
from models.plans import RECORDED, Cohort, Plan, Start, reading
from models.readings import Booleans, Floats, Strings
from models.replay import Moment, Replay
from models.samples import Examples, Integers, Sampler
from models.wordings import FullBatchSteps

POINTS = (10, 20, 50, 100, 200, 500, 1000)
DOUBLED = {20: 10, 100: 50, 200: 100, 1000: 500}  # points, and half as many
COPIED, COPIES = 20, 5
BLOCK = 64  # networks that are judged at a time
NEAR = 0.02  # below the best possible accuracy
BAR = 0.8  # of a few other points right, in the replay
CLEAR = 0.01  # of accuracy; a smaller change is called none

T = TypeVar("T", bound=np.generic)


class Parameters(Hyperparameters):
    """What can be varied."""

    steps: FullBatchSteps = Field(
        800, ge=1, le=2_000, description="full-batch training steps, whatever the number of points"
    )
    rate: Rate = 0.003
    initializer: RandomStart = "glorot_uniform"


@reading
def true_accuracy(cohort: Cohort) -> Floats:
    """Return the share of all points that may come that each network (networks,) gets right; NaN if it diverged."""
    data = overlapping.everywhere()
    found = []
    for first in range(0, cohort.loss.size, BLOCK):
        block = cohort.parameters[:, first : first + BLOCK]
        outputs = cohort.network.forward(block, data.x)[-1]  # (rows, 1, networks)
        right = cohort.network.right(outputs, data.labels).mean(axis=0)
        found.append(np.where(np.isfinite(outputs).all(axis=(0, 1)), right, np.nan))
    return np.concatenate(found)


def generalisation_gap(cohort: Cohort) -> Floats:
    """Return how much more of its learned points a network gets right than of all points that may come."""
    return np.asarray(learned_accuracy(cohort) - true_accuracy(cohort))


def near(cohort: Cohort) -> Booleans:
    """Say which networks come within `NEAR` of the best possible accuracy."""
    return np.asarray(true_accuracy(cohort) >= overlapping.BEST_ACCURACY - NEAR)


def misjudged(cohort: Cohort) -> Booleans:
    """Say of which networks the held-back points show an accuracy that is `NEAR` or more beside the real one."""
    return np.asarray(np.abs(end_accuracy(cohort) - true_accuracy(cohort)) >= NEAR)


def lowest_tenth(cohort: Cohort) -> float | None:
    """Return the accuracy below which a tenth of the networks stay; None if one diverged."""
    found = true_accuracy(cohort)
    return float(np.percentile(found, 10)) if np.isfinite(found).all() else None


def gained(cohorts: Mapping[str, Cohort], more: str) -> Floats:
    """Return what each network (networks,) gained in accuracy from the points that another cohort lacks."""
    fewer = COPIED if more == "duplicated" else DOUBLED[int(more)]
    return np.asarray(true_accuracy(cohorts[more]) - true_accuracy(cohorts[str(fewer)]))


def changes(points: str, words: str) -> tuple[Measure, ...]:
    """Return how often more points than half as many, or the same ones again, helped and harmed."""
    return whole(
        share(
            f"helped_share.{points}",
            f"networks that get at least {percent(CLEAR)} more of all points right {words}",
            lambda cohorts: gained(cohorts, points) >= CLEAR,
        ),
        share(
            f"harmed_share.{points}",
            f"networks that get at least {percent(CLEAR)} fewer of all points right {words}",
            lambda cohorts: gained(cohorts, points) <= -CLEAR,
        ),
    )


def copied() -> Sampler:
    """Return the sampler that gives each network `COPIED` points of its own, `COPIES` times."""
    once = own(COPIED)

    def draw(seed: int, members: Integers) -> Examples:
        drawn = once.draw(seed, members)
        return Examples(*(_repeated(rows[:COPIED]) for rows in (drawn.x, drawn.targets, drawn.weights)))

    return Sampler(f"{COPIED} points of each network's own, {COPIES} times", COPIED * COPIES, draw)


def duplicated(points: int) -> tuple[Lab, Sampler]:
    """Return a lab of a sample with every point `COPIES` times, and the sampler that gives it to every network."""
    data = overlapping.load(points)
    repeated = replace(data, x=_repeated(data.x), targets=_repeated(data.targets), labels=_repeated(data.labels))
    lab = replace(same(points)[0], load=lambda: repeated, data_words=f"the same {points} points {COPIES} times")
    return lab, Sampler.shared(lab.data_words, repeated)


def _repeated(rows: npt.NDArray[T]) -> npt.NDArray[T]:
    return np.concatenate([rows] * COPIES)


@reading
def right_of_others(cohort: Cohort) -> Floats:
    """Return the share that each network gets right of a few hundred points that no network learns."""
    outputs = cohort.network.forward(cohort.parameters, others().x)[-1]
    return np.asarray(cohort.network.right(outputs, others().labels).mean(axis=0))


def good(cohort: Cohort) -> Booleans:
    """Say which networks get `BAR` of those points right, or more."""
    return right_of_others(cohort) >= BAR


def outcome(cohort: Cohort) -> Strings:
    """Say of each network (networks,) whether it does."""
    bar = f"{percent(BAR)} of {OTHERS} other points right"
    return np.where(good(cohort), bar, f"less than {bar}")[: cohort.loss.size]


MEASURES = (
    median("accuracy", "accuracy on all points that may come (median)", "share of points", true_accuracy),
    quantity(
        "low",
        "accuracy on all points that may come, below which a tenth of the networks stay",
        "share of points",
        lowest_tenth,
    ),
    median("learned", "accuracy on the learned points (median)", "share of points", learned_accuracy),
    median(
        "gap",
        "accuracy on the learned points less that on all that may come (median)",
        "share of points",
        generalisation_gap,
    ),
    share("near_share", f"networks within {percent(NEAR)} of the best possible accuracy", near),
    share(
        "misjudged_share",
        f"networks whose accuracy on {HELD_BACK} held-back points is {percent(NEAR)} or more off that on "
        "all that may come",
        misjudged,
    ),
)
FAMILY = Family("<points>", "{points} learned points", choices={"points": {f"{n}": f"{n:,}" for n in POINTS}})
COPIED_FAMILY = Family("<copied>", f"the same {COPIED} points {COPIES} times", choices={"copied": {"duplicated": ""}})


@final
class LearningCurve(Experiment[Parameters]):
    """Train the same starts on more and more points of two overlapping clouds, and on the same points repeated."""

    title = "How many examples a network needs"
    summary = (
        "Trains networks on 10 to 1,000 points of two overlapping clouds, and on 20 points repeated, for equally many "
        "steps, and measures how many of all points that may come they get right."
    )
    parameters = Parameters
    figure_names = ("accuracy", "reach", "doubling")

    def plans(self, hyperparameters: Parameters) -> Iterator[Plan]:
        """Plan every number of points, the repeated points, and some networks that all learn the same points."""
        h, start = hyperparameters, Start.by(hyperparameters.initializer)

        def plan(name: str, lab: Lab, learned: Sampler, *, shown: bool = False) -> Plan:
            # What is held back is what `overfitting` holds back, so that both run the same compiled programs.
            return Plan(
                name,
                lab,
                start,
                h.steps,
                Optimizer(rate=h.rate),
                learned=learned,
                held_back=KEPT,
                recorded=RECORDED if shown else 0,
                aside=shown,
            )

        for points in POINTS:
            yield plan(f"{points}", OVERLAPPING, own(points))
        yield plan("duplicated", OVERLAPPING, copied())
        yield plan("same.20", *same(COPIED), shown=True)
        yield plan("same.duplicated", *duplicated(COPIED), shown=True)
        yield plan("same.100", *same(100), shown=True)

    def notes(self, hyperparameters: Parameters) -> dict[str, str]:  # noqa: ARG002
        """Say what is learned, and what the networks are judged on."""
        counts = f"{POINTS[0]} to {POINTS[-1]:,} points, each network's own, or {COPIED} of them {COPIES} times"
        return {
            "data": f"{overlapping.WORDS}: {counts}",
            "judged on": f"all points that may come, by {len(overlapping.everywhere().x):,} that lie as densely as "
            f"they are likely, and {HELD_BACK} held-back points of each network's own",
        }

    measures = (
        *each(FAMILY, *MEASURES),
        *each(COPIED_FAMILY, *MEASURES),
        *(m for more, half in DOUBLED.items() for m in changes(f"{more}", f"from {more:,} points than from {half}")),
        *changes("duplicated", f"from {COPIED} points {COPIES} times than from those once"),
    )

    replay = Replay(
        {
            "same.20": "20 points, the same for all",
            "same.duplicated": "these 20 points five times",
            "same.100": "100 points",
        },
        groups=outcome,
        counts={"good": (f"have {percent(BAR)} of {OTHERS} other points right", good)},
        moment=Moment("At least half of the networks have 90 % of their points right."),
    )

    def figures(self, result: Result) -> Iterable[Figure]:
        """Show accuracies, how many networks come near the best possible one, and what doubling the points changes."""
        yield accuracy_figure(
            {n: (learned_accuracy(result.cohorts[f"{n}"]), true_accuracy(result.cohorts[f"{n}"])) for n in POINTS}
        )
        yield reach_figure(result, POINTS)
        changes = {f"{half} → {more:,}": gained(result.cohorts, f"{more}") for more, half in DOUBLED.items()}
        changes[f"the same {COPIED} again"] = gained(result.cohorts, "duplicated")
        yield doubling_figure(changes, CLEAR)
