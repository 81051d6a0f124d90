"""Ask why a network forgets old classes when it is trained on a new one.

Networks learn three of the four blobs, and then go on with the fourth, in several ways: with its points alone, with a
few old points among them, with the first layer held, with smaller steps, and with all points together. How many of the
old points are still right? At last the old points alone come back.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Final, final

import numpy as np
import numpy.typing as npt
from pydantic import Field

from models.ensemble import Optimizer
from models.experiment import Experiment, Hyperparameters, RandomStart, Rate, Result
from models.figures import Figure
from models.figures.forgetting import course_figure, ways_figure
from models.labs import Lab
from models.labs.blobs import BLOBS
from models.measures import Family, each, median, of, percent, share
from models.network import Network
from models.plans import RECORDED, Cohort, Plan, Start, reading
from models.readings import Booleans, Floats, Strings, first_step, over_steps
from models.replay import Moment, Replay
from models.samples import Examples, Sampler
from models.splits import listed
from models.wordings import FullBatchSteps

LAB: Final[Lab] = replace(
    BLOBS, network=Network((2, 8, 4), "relu", "softmax_crossentropy"), network_words="8 ReLU hidden neurons, 4 outputs"
)
BLOBS_THERE = range(4)
POINTS = 100  # of all four
NEW = 1  # the blob that comes later, but for the cohorts of another one
STILL = 0.9  # of the old points right
LOST = 0.5  # of a blob's points right; a blob with fewer is lost
SLOWER = 4  # times smaller steps, and as many more of them
Rows = Callable[[], npt.NDArray[np.intp]]
STEPS = (25, 50, 100, 200)  # at which the share of old points is reported, where they are recorded


@dataclass(frozen=True)
class Way:
    """A second training: how many old points of each class stand among the new ones, and what else is different."""

    words: str
    kept: int = 0
    held: bool = False  # the first layer
    slower: int = 1


WAYS: Final = {
    "new_alone": Way("the new blob alone"),
    "replay_10": Way("one old point of each class kept in", kept=1),
    "replay_25": Way("three old points of each class kept in", kept=3),
    "first_layer_held": Way("the new blob alone, first layer held", held=True),
    "slow": Way(f"the new blob alone, a quarter of the rate, {SLOWER} times the steps", slower=SLOWER),
    "together": Way("old and new together", kept=POINTS),
}
OUTLYING = 3  # a blob at the end of their row
OUTLYING_WORDS = f"blob {OUTLYING}, at the end of the row, alone"
WORDS = {name: way.words for name, way in WAYS.items()}
DRAWN = ("new_alone", "replay_10", "first_layer_held")
WATCHED = (*DRAWN, "together")


class Parameters(Hyperparameters):
    """What can be varied."""

    steps: FullBatchSteps = Field(200, ge=1, le=2_000, description="full-batch steps of each training")
    rate: Rate = 0.01
    initializer: RandomStart = "glorot_uniform"


def new_blob(name: str) -> int:
    """Return which blob is the new one in a cohort of this name."""
    return OUTLYING if name.endswith("outlying") else NEW


def rows_of(blob: int) -> npt.NDArray[np.intp]:
    """Return the rows of one blob."""
    return np.flatnonzero(LAB.data.labels == blob)


def old_rows(blob: int) -> npt.NDArray[np.intp]:
    """Return the rows of all other blobs."""
    return np.flatnonzero(LAB.data.labels != blob)


def first_of_each(blob: int, count: int) -> npt.NDArray[np.intp]:
    """Return the first ``count`` rows, or all there are, of each other blob."""
    return np.concatenate([rows_of(other)[:count] for other in BLOBS_THERE if other != blob])


def new_and_kept(count: int) -> npt.NDArray[np.intp]:
    """Return the rows of the new blob and the first ``count`` of each old one."""
    return np.concatenate([rows_of(NEW), first_of_each(NEW, count)])


def chosen(rows: Rows, words: str) -> Sampler:
    """Let only some rows of the blobs be examples; the data are loaded when they are drawn, not before."""

    def draw(seed: int, members: npt.NDArray[np.integer]) -> Examples:
        return Sampler.shared(words, LAB.data).only(rows(), words).draw(seed, members)

    return Sampler(words, POINTS, draw)


@reading
def right(cohort: Cohort) -> Booleans:
    """Say which points (rows, networks) are right."""
    outputs = cohort.network.forward(cohort.parameters, cohort.data.x)[-1]
    return np.asarray(cohort.network.right(outputs, cohort.data.labels))


def kept(cohort: Cohort) -> Floats:
    """Return the share of the old points that are right."""
    return np.asarray(right(cohort)[old_rows(new_blob(cohort.plan.name))].mean(axis=0))


def new_accuracy(cohort: Cohort) -> Floats:
    """Return the share of the new blob's points that are right."""
    return np.asarray(right(cohort)[rows_of(new_blob(cohort.plan.name))].mean(axis=0))


def still(cohort: Cohort) -> Booleans:
    """Say which networks still have `STILL` of the old points right."""
    return kept(cohort) >= STILL


def knows_new(cohort: Cohort) -> Booleans:
    """Say which networks have all of the new blob right."""
    return np.asarray(new_accuracy(cohort) == 1)


def knows_old(cohort: Cohort) -> Booleans:
    """Say which networks have at least 99 % of the old points right."""
    return kept(cohort) >= LAB.accuracy


def kept_when_learned(cohort: Cohort) -> Floats:
    """Return the share of old points right at the first recorded step with all of the new blob; NaN without one."""
    there = over_steps(knows_new)(cohort)  # (steps, networks)
    then = np.take_along_axis(over_steps(kept)(cohort), there.argmax(axis=0)[None], axis=0)[0]
    return np.where(there.any(axis=0), then, np.nan)


def kept_at_steps(cohort: Cohort) -> dict[str, Floats]:
    """Return the share of old points right at each of `STEPS` that was recorded, by the step."""
    found = dict(zip(cohort.history.steps.tolist(), over_steps(kept)(cohort), strict=True))
    return {f"{step}": found[step] for step in STEPS if step in found}


def lost(cohort: Cohort) -> dict[str, Booleans]:
    """Say by old blob which networks have lost it."""
    blobs = (blob for blob in BLOBS_THERE if blob != new_blob(cohort.plan.name))
    return {f"{blob}": np.asarray(right(cohort)[rows_of(blob)].mean(axis=0) < LOST) for blob in blobs}


def outcome(cohort: Cohort) -> Strings:
    """Name the old blobs that a network has lost."""
    found = lost(cohort)
    names = [[blob for blob, gone in found.items() if gone[network]] for network in range(cohort.loss.size)]
    return np.array(
        [f"blob{'s' if each[1:] else ''} {listed(each)} lost" if each else "no old blob lost" for each in names]
    )


@final
class Forgetting(Experiment[Parameters]):
    """Train on three blobs, go on with the fourth in several ways, and look at what is left of the first three."""

    title = "Why a network forgets old classes"
    summary = (
        "Trains networks on three of the four blobs and then on the fourth: alone, with a few old points, with the "
        "first layer held, with smaller steps, with all points; counts the old points that are still right."
    )
    parameters = Parameters
    figure_names = ("course", "ways")

    def plans(self, hyperparameters: Parameters) -> Iterator[Plan]:
        """Plan the first training, every way to go on, the return of the old points, and another new blob."""
        h = hyperparameters
        trainable = np.ones((LAB.network.size, 1), np.float32)
        first = LAB.network.layers[0]
        trainable[first.kernel] = trainable[first.bias] = 0

        def plan(name: str, rows: Rows, words: str, after: str | None, way: Way) -> Plan:
            return Plan(
                name,
                LAB,
                Start.by(h.initializer),
                h.steps * way.slower,
                Optimizer(rate=h.rate / way.slower),
                learned=chosen(rows, words),
                continues=after,
                trainable=trainable if way.held else None,
                recorded=0 if name.endswith("outlying") else RECORDED,
            )

        alone = WAYS["new_alone"]
        old, new = partial(old_rows, NEW), partial(rows_of, OUTLYING)
        yield plan("before", old, "three old blobs", None, alone)
        for name, way in WAYS.items():
            yield plan(name, partial(new_and_kept, way.kept), way.words, "before", way)
        yield plan("again", old, "the three old blobs once more", "new_alone", alone)
        yield plan("before_outlying", partial(old_rows, OUTLYING), "three other blobs", None, alone)
        yield plan("outlying", new, OUTLYING_WORDS, "before_outlying", alone)

    def notes(self, hyperparameters: Parameters) -> dict[str, str]:  # noqa: ARG002
        """Say what is learned first and what comes after it."""
        return {
            "data": f"{BLOBS.data_words}: three blobs first, then blob {NEW} in each of {len(WAYS)} ways",
            "second training": "from the weights at the end of the first one, with a fresh optimiser",
        }

    measures = (
        *of(
            "new_alone",
            median(
                "kept_accuracy.<step>",
                "old points right after so many steps on the new blob alone (median)",
                "share of points",
                kept_at_steps,
            ),
            share("lost.<blob>", f"networks with fewer than {percent(LOST)} of an old blob right: blob {{blob}}", lost),
        ),
        *each(
            Family("<way>", "{way}", choices={"way": WORDS | {"outlying": OUTLYING_WORDS}}),
            median("kept", "old points right at the end (median)", "share of points", kept),
            share("still_share", f"networks that still have {percent(STILL)} of the old points right", still),
            median("new_accuracy", "points of the new blob right at the end (median)", "share of points", new_accuracy),
        ),
        *each(
            Family("<way>", "{way}", choices={"way": WORDS}),
            median(
                "learned_step",
                "first recorded step with all of the new blob right (median)",
                "steps",
                first_step(knows_new),
            ),
            median(
                "kept_when_learned",
                "old points right at the first recorded step with all of the new blob right (median)",
                "share of points",
                kept_when_learned,
            ),
        ),
        *of(
            "before",
            share("learned_share", "networks with 99 % of the old points right after the first training", knows_old),
            median(
                "old_step.first",
                "first recorded step with 99 % of the old points right (median), from the random start",
                "steps",
                first_step(knows_old),
            ),
        ),
        *of(
            "again",
            median(
                "old_step.again",
                "first recorded step with 99 % of the old points right (median), after they were forgotten",
                "steps",
                first_step(knows_old),
            ),
            median(
                "new_left",
                "points of the new blob still right after the old ones came back alone (median)",
                "share of points",
                new_accuracy,
            ),
        ),
    )

    replay = Replay(
        {name: WORDS[name] for name in WATCHED},
        groups=outcome,
        counts={"still": (f"still have {percent(STILL)} of the old points right", still)},
        own_first=True,
        moment=Moment("At least half of the networks have all of the new blob right.", reading=knows_new),
    )

    def figures(self, result: Result) -> Iterable[Figure]:
        """Show the old points over the steps, and what is left of them for every way."""
        steps = result.cohorts["new_alone"].history.steps
        yield course_figure(steps, {WORDS[name]: over_steps(kept)(result.cohorts[name]) for name in DRAWN})
        every = WORDS | {"outlying": OUTLYING_WORDS}
        yield ways_figure({words: kept(result.cohorts[name]) for name, words in every.items()}, STILL)
