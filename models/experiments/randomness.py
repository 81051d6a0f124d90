"""Ask how much two runs differ that differ in one source of chance alone, and whether runs that share all are the same.

One set of points is split into a few that are learned and others that are held back. Each network is trained twice, and
the two trainings differ in one thing: the starting weights, the order of the mini-batches, the neurons that dropout
switches off, the split, the order in which the same numbers are summed, or in nothing.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import cache
from typing import NamedTuple, final

import numpy as np
from pydantic import Field

from models.curve_readings import curves
from models.datasets import Dataset, overlapping
from models.ensemble import Optimizer, Progress
from models.experiment import MOST_NETWORKS, Experiment, Hyperparameters, RandomStart, Rate, Result
from models.experiments.overfitting import others
from models.experiments.same_start import moved
from models.figures import Figure
from models.figures.randomness import differences_figure, shares_figure
from models.labs.overlapping import OVERLAPPING
from models.measures import Cohorts, Measure, median, percent, quantity, share, whole
from models.plan_training import train_plans
from models.plans import RECORDED, Cohort, Plan, Start, reading
from models.readings import Booleans, Floats, Strings
from models.replay import Moment, Replay
from models.samples import Examples, Integers, Sampler
from models.streams import Purpose, streams
from models.wordings import STEP_NAMES, Dropout, called

FAR = MOST_NETWORKS  # stream indices from here on belong to no network of any run
LEARNED, HELD_BACK = 100, 200  # points of the one set
BATCH = 20
CLEAR = 0.02  # of the held-back points
USUAL = 90  # per cent of the pairs


class Parameters(Hyperparameters):
    """What can be varied."""

    steps: int = Field(
        800,
        ge=1,
        le=2_000,
        description=f"training steps; {LEARNED // BATCH} mini-batches are an epoch",
        json_schema_extra=called(*STEP_NAMES, epoch=(LEARNED, BATCH)),
    )
    rate: Rate = 0.01
    dropout: Dropout = Field(0.2, ge=0.05, le=0.9)
    initializer: RandomStart = "glorot_uniform"


class Source(NamedTuple):
    """A source of chance: the cohorts whose networks differ in it alone, and what that is in words."""

    one: str
    other: str
    words: str


SOURCES = {
    "none": Source("first", "again", "nothing at all"),
    "rounding": Source("full", "full.summed", "the order in which the same numbers are summed"),
    "order": Source("first", "other_order", "the order of the mini-batches"),
    "dropout": Source("dropout", "other_dropout", "the neurons that dropout switches off"),
    "start": Source("first", "other_start", "the starting weights"),
    "split": Source("split", "other_split", "which points are learned and which held back"),
    "all": Source("split", "other_all", "split, start and order"),
}


def _part(data: Dataset, rows: slice) -> Dataset:
    return replace(data, x=data.x[rows], targets=data.targets[rows], labels=data.labels[rows])


@cache
def learned() -> Dataset:
    """Return the points that are learned wherever the split is the same."""
    return _part(overlapping.load(LEARNED + HELD_BACK), slice(LEARNED))


@cache
def held_back() -> Dataset:
    """Return the points that are then held back."""
    return _part(overlapping.load(LEARNED + HELD_BACK), slice(LEARNED, None))


LAB = replace(
    OVERLAPPING,
    load=learned,
    data_words=f"{LEARNED} points of {overlapping.WORDS}",
    bar_words="80 % of the learned points right",
    accuracy=0.8,
)


def shuffled(words: str, data: Dataset, rows: slice, purpose: Purpose, by: int = 0) -> Sampler:
    """Give each network some rows of the data, shuffled by its stream, or by that of the network ``by`` further."""
    size = len(range(*rows.indices(len(data.x))))

    def draw(seed: int, members: Integers) -> Examples:
        orders = [generator.permutation(len(data.x))[rows] for generator in streams(seed, members + by, purpose)]
        x = np.stack([data.x[order] for order in orders], axis=-1)
        targets = np.stack([data.targets[order] for order in orders], axis=-1)
        return Examples(x, targets, np.ones((size, len(orders)), np.float32))

    return Sampler(words, size, draw)


def split(by: int = 0) -> tuple[Sampler, Sampler]:
    """Return what gives each network a split of its own of the one set: what it learns, and what is held back."""
    data, words = overlapping.load(LEARNED + HELD_BACK), "points of one set, each network's own split"
    return (
        shuffled(f"{LEARNED} {words}", data, slice(LEARNED), Purpose.EXAMPLES, by),
        shuffled(f"{HELD_BACK} {words}", data, slice(LEARNED, None), Purpose.EXAMPLES, by),
    )


@reading
def held_back_accuracy(cohort: Cohort) -> Floats:
    """Return the share of its held-back points that each network gets right; NaN if it diverged."""
    found = curves(cohort)
    return np.where(np.isfinite(found.held_back_loss[-1]), found.held_back_accuracy[-1], np.nan)


@reading
def answers(cohort: Cohort) -> Booleans:
    """Return which class (rows, networks) each network names for a few hundred points that no network learns."""
    return np.asarray(cohort.network.forward(cohort.parameters, others().x)[-1][:, 0] > 0)


def difference(source: str, cohorts: Cohorts) -> Floats:
    """Return by how much the held-back accuracy of the second training is above that of the first, (networks,)."""
    return np.asarray(
        held_back_accuracy(cohorts[SOURCES[source].other]) - held_back_accuracy(cohorts[SOURCES[source].one])
    )


def spread(source: str, cohorts: Cohorts) -> float:
    """Return the standard deviation of the held-back accuracy within pairs: the variance is half the mean square."""
    found = difference(source, cohorts)
    known = found[np.isfinite(found)]
    return float(np.sqrt(np.mean(known**2) / 2)) if known.size else np.nan


def usual(source: str, cohorts: Cohorts) -> float:
    """Return the difference, up or down, that `USUAL` per cent of the pairs do not exceed."""
    found = np.abs(difference(source, cohorts))
    known = found[np.isfinite(found)]
    return float(np.percentile(known, USUAL)) if known.size else np.nan


def differ(source: str, cohorts: Cohorts) -> Booleans:
    """Say which pairs differ by `CLEAR` of the held-back points or more."""
    return np.asarray(np.round(np.abs(difference(source, cohorts)) * HELD_BACK) >= round(CLEAR * HELD_BACK))


def identical(source: str, cohorts: Cohorts) -> Booleans:
    """Say in which pairs all weights and biases are equal to the last bit."""
    one, other = (cohorts[name].parameters for name in SOURCES[source][:2])
    return np.asarray((one == other).all(axis=0))


def answered_otherwise(source: str, cohorts: Cohorts) -> Floats:
    """Return the share of points (networks,) to which the two networks of a pair give different answers."""
    one, other = (answers(cohorts[name]) for name in SOURCES[source][:2])
    return np.asarray((one != other).mean(axis=0))


def taken(source: str) -> tuple[Measure, ...]:
    """Return what is measured of the pairs that differ in a source alone."""
    words, of = f"runs that differ in {SOURCES[source].words}", "share of points"

    def by(compute: Callable[[str, Cohorts], Floats]) -> Callable[[Cohorts], Floats]:
        return lambda cohorts: compute(source, cohorts)

    return whole(
        quantity(
            f"spread.{source}",
            f"standard deviation of the held-back accuracy; {words}",
            of,
            lambda cohorts: spread(source, cohorts),
        ),
        quantity(
            f"usual.{source}",
            f"difference in held-back accuracy that {USUAL} % of the pairs do not exceed; {words}",
            of,
            lambda cohorts: usual(source, cohorts),
        ),
        share(
            f"differ_share.{source}",
            f"pairs whose held-back accuracies differ by {percent(CLEAR)} of the points or more; {words}",
            lambda cohorts: differ(source, cohorts),
        ),
        share(
            f"identical_share.{source}",
            f"pairs with the same weights to the last bit; {words}",
            lambda cohorts: identical(source, cohorts),
        ),
        median(
            f"answers_differ.{source}",
            f"share of other points that the two networks answer differently (median); {words}",
            of,
            by(answered_otherwise),
        ),
    )


def outcome(cohort: Cohort) -> Strings:
    """Say of each network (networks,) how many of the held-back points it gets right, in steps of `CLEAR`."""
    outputs = cohort.network.forward(cohort.parameters, held_back().x)[-1]
    right = cohort.network.right(outputs, held_back().labels).sum(axis=0)  # (networks,)
    low = right // round(CLEAR * HELD_BACK) * CLEAR
    words = [f"{percent(each)} to {percent(each + CLEAR)} of the held-back points right" for each in low]
    return np.array(words)


@final
class Randomness(Experiment[Parameters]):
    """Train each network twice, with one source of chance drawn anew or none, and compare the two results."""

    title = "How much two runs differ"
    summary = (
        "Trains each network twice on points of two overlapping clouds, with other starting weights, another order of "
        "the batches, other dropout, another split, another order of summing, or nothing changed, and compares."
    )
    parameters = Parameters
    figure_names = ("differences", "shares")

    def plans(self, hyperparameters: Parameters) -> Iterator[Plan]:
        """Plan pairs of trainings; with the full batch there is no order, so that dropout differs alone."""
        h, start = hyperparameters, Start.by(hyperparameters.initializer)
        first = Plan(
            "first",
            LAB,
            start,
            h.steps,
            Optimizer(rate=h.rate),
            batch=BATCH,
            learned=Sampler.shared(LAB.data_words, learned()),
            held_back=Sampler.shared(f"{HELD_BACK} others", held_back()),
            recorded=RECORDED,
        )
        yield first
        yield replace(first, name="other_start", start=moved(start, FAR))
        yield replace(first, name="other_order", start=moved(start, -FAR))
        hidden = replace(first, recorded=0)
        yield replace(hidden, name="again")
        for name, by in (("split", 0), ("other_split", FAR)):
            mine, kept = split(by)
            yield replace(hidden, name=name, learned=mine, held_back=kept)
        mine, kept = split()
        yield replace(hidden, name="other_all", learned=mine, held_back=kept)
        full = replace(hidden, batch=None)
        yield replace(full, name="full")
        rows = shuffled(f"{LAB.data_words}, in another order", learned(), slice(None), Purpose.NOISE)
        yield replace(full, name="full.summed", learned=rows)
        yield replace(full, name="dropout", dropout=h.dropout, recorded=RECORDED)
        yield replace(full, name="other_dropout", start=moved(start, -FAR), dropout=h.dropout)

    def notes(self, hyperparameters: Parameters) -> dict[str, str]:
        """Say what is compared."""
        return {
            "data": f"{LEARNED + HELD_BACK} points of {overlapping.WORDS}: {LEARNED} learned, {HELD_BACK} held back",
            "compared": "each network with one that differs in one thing alone",
            "dropout": f"{hyperparameters.dropout:g}, full batch; summing is compared with the full batch too",
        }

    def train(self, hyperparameters: Parameters, *, networks: int, seed: int, progress: Progress) -> dict[str, Cohort]:
        """Train all together; the orders and dropout of a network hang on its stream index."""
        far = range(FAR, FAR + networks)
        plans = [
            replace(plan, members=far) if plan.name in ("other_order", "other_dropout", "other_all") else plan
            for plan in self.plans(hyperparameters)
        ]
        return train_plans(plans, networks=networks, seed=seed, progress=progress)

    measures = tuple(measure for source in SOURCES for measure in taken(source))

    replay = Replay(
        {
            "first": "A first training",
            "other_order": "The same starts, other orders",
            "other_start": "Other starts, the same orders",
            "dropout": "The same starts, with dropout",
        },
        groups=outcome,
        moment=Moment("At least half of the networks have 80 % of their points right."),
    )

    def figures(self, result: Result) -> Iterable[Figure]:
        """Show how far the two runs of each pair are apart, and how many pairs differ clearly."""
        rows = [(source.words, difference(name, result.cohorts)) for name, source in SOURCES.items()]
        yield differences_figure(rows, CLEAR)
        yield shares_figure([(source.words, result.share(f"differ_share.{n}")) for n, source in SOURCES.items()])
