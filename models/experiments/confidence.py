"""Ask whether what a network says is a probability.

Networks learn three of the four blobs, and are then asked about the fourth, and about places a hundred times as far
away as any point. A softmax shares 1 among the classes that it knows, and nothing in it says "none of these". Other
networks learn points of two clouds that overlap, where the true chance of each class is known, so that what they say
can be held against what is right, after few steps and after many.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from typing import final

import numpy as np
from pydantic import Field

from models.calibration import Bins, best_scale
from models.confidence import (
    DIRECTIONS,
    DISTANCES,
    FAR,
    NEAR,
    SURE,
    TOGETHER,
    asked_together,
    away,
    away_at,
    growth,
    outcome,
    seen_confidence,
    sure_everywhere,
    sure_on_unseen,
    unseen_confidence,
)
from models.datasets import blobs, overlapping
from models.ensemble import Optimizer
from models.experiment import Experiment, Hyperparameters, RandomStart, Rate, Result
from models.experiments.overfitting import KEPT, OTHERS, others, own
from models.figures import Figure
from models.figures.confidence import away_figure, calibration_figure, reliability_figure, unseen_figure
from models.labs import ACTIVATIONS, Lab
from models.labs.overlapping import WIDE
from models.measures import Family, Measure, each, median, of, percent, quantity, share
from models.network import Activation, Network
from models.plans import RECORDED, Cohort, Plan, Start, reading
from models.readings import finite
from models.replay import Moment, Replay
from models.wordings import FullBatchSteps

NEURONS = 8
SHAPE = Network((2, NEURONS, 3), "relu", "softmax_crossentropy")  # activations are data of one program
NETWORKS: tuple[tuple[Activation, int], ...] = (  # activations, and the blob that is never seen
    ("relu", 0),
    ("relu", 1),
    ("relu", 2),
    ("relu", 3),
    ("tanh", 1),
    ("sigmoid", 1),
)
WATCHED = {
    "relu.1": "ReLU neurons, blob 1 was never seen",
    "tanh.1": "tanh neurons, blob 1 never seen",
    "relu.2": "ReLU neurons, blob 2 never seen",
}
POINTS = 50  # of the overlapping clouds
STEPS = (10, 30, 100, 300, 1000)
LONGEST = STEPS[-1]
OTHER_POINTS = (20, 100)
JUDGED = 512  # places of each class
BLOCK = 64  # networks that are judged at a time


class Parameters(Hyperparameters):
    """What can be varied."""

    steps: FullBatchSteps = Field(800, ge=1, le=5_000, description="full-batch training steps on three blobs")
    rate: Rate = 0.01
    initializer: RandomStart = "glorot_uniform"


def lab(activation: Activation, unseen: int) -> Lab:
    """Return the lab of three blobs."""
    return Lab(
        network=replace(SHAPE, activation=activation),
        load=partial(blobs.without, unseen),
        data_words=f"three of the four blobs, 75 points, without blob {unseen}",
        network_words=f"{NEURONS} {ACTIVATIONS[activation]} hidden neurons, 3 outputs",
        bar_words="99 % of the points right",
    )


def bins_of(cohort: Cohort, *, scaled: bool = False) -> Bins:
    """Return what networks say of all points that may come, beside the true chances; with outputs scaled, if so said.

    The scale is chosen on other points.
    """
    data, parts = overlapping.everywhere(JUDGED), []
    for first in range(0, cohort.loss.size, BLOCK):
        block = cohort.parameters[:, first : first + BLOCK]
        outputs = cohort.network.forward(block, data.x)[-1][:, 0]  # (rows, networks)
        if scaled:
            with np.errstate(invalid="ignore"):  # of a network that diverged
                outputs = outputs * best_scale(cohort.network.forward(block, others().x)[-1][:, 0], others().labels)
        parts.append(Bins.of(outputs, overlapping.chance(data.x)))
    return Bins.beside(parts)


bins = reading(bins_of)


ON_UNSEEN = (
    share(
        "sure_on_unseen_share",
        f"networks that are over {percent(SURE)} sure of their answer at half or more of the points of "
        "the blob never seen",
        sure_on_unseen,
    ),
    median(
        "unseen_confidence",
        "probability of the answer at points of the blob never seen (mean over the points; median)",
        "probability",
        finite(lambda cohort: unseen_confidence(cohort).mean(axis=0)),
    ),
    median(
        "seen_confidence",
        "probability of the answer at the points learned (mean over the points; median)",
        "probability",
        finite(seen_confidence),
    ),
    median(
        "together_confidence",
        f"probability of the answer at points of the blob never seen, by the mean of {TOGETHER} networks (mean over "
        "the points; median over such groups)",
        "probability",
        asked_together,
    ),
)
AWAY = (
    median(
        "confidence_near",
        f"probability of the answer at a distance of {NEAR:g} from the middle (mean over all directions; median)",
        "probability",
        finite(away_at(0)),
    ),
    median(
        "confidence_away",
        f"probability of the answer at a distance of {FAR:,.0f} (mean over all directions; median)",
        "probability",
        finite(away_at(-1)),
    ),
    share(
        "everywhere_sure_share",
        f"networks that are over 99 % sure in every one of {DIRECTIONS} directions, at a distance of {FAR:,.0f}",
        sure_everywhere,
    ),
    median(
        "growth",
        f"lead of the first output at a distance of {FAR:,.0f}, in parts of that at {FAR / 10:g} (median over the "
        "directions; median)",
        "ratio",
        finite(growth),
    ),
)
BY_STEPS = (
    median(
        "confidence",
        "probability of the answer (mean over all points that may come; median)",
        "probability",
        finite(lambda cohort: bins(cohort).confidence),
    ),
    median(
        "right",
        "answers that are right, of all points that may come (median)",
        "share of points",
        finite(lambda cohort: bins(cohort).accuracy),
    ),
    median(
        "calibration_gap",
        "mean probability of the answers, less the share of them that is right (median)",
        "probability",
        finite(lambda cohort: bins(cohort).gap),
    ),
    share(
        "too_sure_share",
        "networks whose answers have a higher mean probability than share of right ones",
        lambda cohort: bins(cohort).gap > 0,
    ),
    median(
        "right_when_sure",
        f"answers that are right, of those with a probability of {percent(SURE)} or more (median)",
        "share of points",
        finite(lambda cohort: bins(cohort).right_when_sure),
    ),
)


def by_points(points: int) -> tuple[Measure, ...]:
    """Return the gap after the most steps, for networks that learned so many points."""
    words = f"mean probability of the answers, less the share that is right, after {LONGEST:,} steps (median)"
    gap = median(
        f"gap_by_points.{points}", f"{words}; {points} points", "probability", finite(lambda cohort: bins(cohort).gap)
    )
    return of(f"{points}.{LONGEST}", gap)


NAMES = {name: ACTIVATIONS[name] for name, blob in NETWORKS if blob == 1}


@final
class Confidence(Experiment[Parameters]):
    """Ask networks about a blob that they never saw, about places far away, and how often they are right when sure."""

    title = "Is it a probability?"
    summary = (
        "Trains networks on three of the four blobs and asks them about the fourth and about places far away; trains "
        "others on two overlapping clouds and compares what they say with the true chances."
    )
    parameters = Parameters
    figure_names = ("unseen", "away", "calibration", "reliability")

    def plans(self, hyperparameters: Parameters) -> Iterator[Plan]:
        """Plan three blobs for several activations, and the clouds for few and many steps and points."""
        h, start = hyperparameters, Start.by(hyperparameters.initializer)
        optimizer = Optimizer(rate=h.rate)
        for activation, unseen in NETWORKS:
            name = f"{activation}.{unseen}"
            recorded = RECORDED if name in WATCHED else 0
            yield Plan(name, lab(activation, unseen), start, h.steps, optimizer, padded_to=SHAPE, recorded=recorded)
        for points, steps in [*((POINTS, steps) for steps in STEPS), *((points, LONGEST) for points in OTHER_POINTS)]:
            # What is held back is what `overfitting` holds back, so that both run the same compiled program.
            name = f"{points}.{steps}"
            yield Plan(name, WIDE, start, steps, optimizer, learned=own(points), held_back=KEPT, recorded=0)

    def notes(self, hyperparameters: Parameters) -> dict[str, str]:
        """Say what is learned, and what the networks are judged on."""
        steps = ", ".join(f"{each:,}" for each in STEPS)
        return {
            "data": f"three of the four blobs, 75 points; {overlapping.WORDS}: {POINTS} points, or 20 or 100, each "
            "network's own",
            "steps": f"{hyperparameters.steps:,} on the blobs; {steps} on the clouds; full batch",
            "judged on": "the fourth blob; places in all directions; all points of the clouds that may come, with "
            f"their true chances; what scales outputs down is chosen on {OTHERS} other points",
        }

    measures = (
        *each(
            Family(
                "relu.<blob>",
                f"{NAMES['relu']} neurons, blob {{blob}} never seen",
                choices={"blob": {f"{blob}": f"{blob}" for blob in range(4)}},
            ),
            *ON_UNSEEN,
        ),
        *each(
            Family(
                "<activation>.1",
                "{activation} neurons, blob 1 never seen",
                choices={"activation": {name: words for name, words in NAMES.items() if name != "relu"}},
            ),
            *ON_UNSEEN,
        ),
        *each(Family("<activation>.1", "{activation} neurons", "<activation>", {"activation": NAMES}), *AWAY),
        *each(
            Family(
                f"{POINTS}.<steps>",
                f"{POINTS} points, {{steps}} steps",
                "<steps>",
                {"steps": {f"{n}": f"{n:,}" for n in STEPS}},
            ),
            *BY_STEPS,
        ),
        *(measure for points in (20, POINTS, 100) for measure in by_points(points)),
        *of(
            f"{POINTS}.{LONGEST}",
            median(
                "gap_scaled",
                f"mean probability of the answers, less the share that is right, after {LONGEST:,} steps, if all "
                "outputs of a network are scaled down alike to be as sure as is best on other points (median)",
                "probability",
                finite(lambda cohort: bins_of(cohort, scaled=True).gap),
            ),
            quantity(
                "best_accuracy",
                "the accuracy of the best possible classifier on the clouds, computed",
                "share of points",
                lambda _: overlapping.BEST_ACCURACY,
            ),
        ),
    )

    replay = Replay(
        WATCHED,
        groups=outcome,
        counts={"sure": (f"are over {percent(SURE)} sure of half the blob never seen", sure_on_unseen)},
        own_first=True,
        moment=Moment("At least half of the networks have 99 % of the points right."),
    )

    def figures(self, result: Result) -> Iterable[Figure]:
        """Show who is sure of what was never seen, and far away, and how sureness and right answers come apart."""
        cohorts = result.cohorts
        shares = {f"{NAMES[name]} neurons, blob {blob} never seen": f"{name}.{blob}" for name, blob in NETWORKS}
        yield unseen_figure([(words, result.share(f"sure_on_unseen_share.{name}")) for words, name in shares.items()])
        yield away_figure(DISTANCES, {words: away(cohorts[f"{name}.1"]).mean(axis=1) for name, words in NAMES.items()})
        found = {steps: bins(cohorts[f"{POINTS}.{steps}"]) for steps in STEPS}
        yield calibration_figure(found)
        yield reliability_figure({f"{steps:,} steps": found[steps] for steps in (STEPS[0], STEPS[1], LONGEST)})
