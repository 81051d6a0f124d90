"""Ask how many hidden neurons are needed, and why more of them succeed more often.

Networks of several widths are trained on the four blobs and on XOR; the narrow ones are the wide one with masked
neurons, so that one program trains them all. Two neurons can do either task, if they do different work. So it is
counted who has two such neurons before training, by the luck of the draw, and who has them after it; how many neurons
are dead; and in how many of the successful networks two neurons alone would do.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from itertools import combinations
from math import comb
from typing import final

import numpy as np
import numpy.typing as npt
from pydantic import Field

from models.datasets import xor
from models.ensemble import Optimizer
from models.experiment import Experiment, Hyperparameters, RandomStart, Rate, Result
from models.figures import Figure
from models.figures.width import spare_figure, success_figure
from models.labs import MARGIN
from models.labs.blobs import BLOBS
from models.labs.xor import XOR
from models.measures import Family, Measure, each, median, of, quantity, share, whole
from models.network import Network, activate
from models.plans import Cohort, Plan, Start, reading
from models.readings import accuracy, active_sides, among, silent, success, sums, untrained
from models.replay import Moment, Replay
from models.wordings import HIDDEN_NAMES, FullBatchSteps, XorSteps

Booleans = npt.NDArray[np.bool_]
WIDE = replace(
    BLOBS,
    network=Network((2, 8, 4), "relu", "softmax_crossentropy"),
    network_words="1 to 8 ReLU hidden neurons, 4 outputs",
)
WIDTHS = {"blobs": (1, 2, 3, 4, 8), "xor": (2, 4, 6, 8, 10)}
DATA = {"blobs": "the blobs", "xor": "XOR"}
RIGHT = {
    "blobs": "99 % of the blobs right",
    "xor": "all four corners of XOR right",
    "xor_zero_one": "XOR right when its corners lie at 0 and 1",
}
ZERO_ONE = 4  # hidden neurons with which the corners from 0 to 1 are tried
TRAINED = {**WIDTHS, "xor_zero_one": (ZERO_ONE,)}


class Parameters(Hyperparameters):
    """What can be varied."""

    steps: FullBatchSteps = Field(800, ge=1, le=10_000, description="training steps on the blobs")
    xor_steps: XorSteps = Field(2_000, ge=1, le=10_000, description="training steps on XOR")
    hidden: int = Field(
        4,
        ge=1,
        le=WIDE.network.sizes[1],
        title="hidden neurons",
        description="a number of your own, on the blobs and on XOR, watched beside 2",
        json_schema_extra=HIDDEN_NAMES,
    )
    rate: Rate = 0.01
    initializer: RandomStart = "glorot_uniform"


@reading
def blobs_pair(cohort: Cohort) -> Booleans:
    """Say in which networks two neurons split the blobs two and two, in different ways."""
    sides = active_sides(cohort)  # (units, networks)
    # The third way to part four blobs two and two, 03 from 12, is none that a line can draw.
    return np.asarray(np.isin(sides, ["01", "23"]).any(axis=0) & np.isin(sides, ["02", "13"]).any(axis=0))


@reading
def xor_pair(cohort: Cohort) -> Booleans:
    """Say in which networks two neurons serve the two corners of one class of XOR.

    A neuron serves the corner to which it answers most strongly, if its outgoing weight speaks for that corner's class.
    """
    labels = cohort.data.labels
    outgoing, _ = cohort.network.unpack(cohort.parameters)[1]
    values = _values(cohort)  # (4, units, networks)
    strongest = values.argmax(axis=0)  # (units, networks)
    speaks = np.sign(outgoing[: cohort.width, 0]) == np.where(labels[strongest] == 1, 1, -1)
    serves = speaks & (values.max(axis=0) > 0)
    served = np.stack([(serves & (strongest == corner)).any(axis=0) for corner in range(4)])  # (4, networks)
    return np.asarray(served[labels == 1].all(axis=0) | served[labels == 0].all(axis=0))


def pair(cohort: Cohort) -> Booleans:
    """Say in which networks two neurons divide the work."""
    return xor_pair(cohort) if cohort.lab is XOR else blobs_pair(cohort)


def _success_with_pair(cohorts: Mapping[str, Cohort], data: str) -> Booleans:
    """Say who succeeds of the networks of all widths that begin with a pair."""
    lucky = among(untrained(pair), success)
    return np.concatenate([lucky(cohorts[f"{data}.{h}"]) for h in WIDTHS[data]])


def pair_chance(width: int) -> float:
    """Return the chance that a start has two neurons that serve the two corners of one class of XOR.

    With weights that are symmetric about 0, a neuron serves each corner with probability 1/8: one of four corners, and
    one of two signs. The rest is inclusion and exclusion over the corners that are served.
    """
    none = [(1 - missing / 8) ** width for missing in range(5)]  # no neuron serves any of so many corners
    one_class = 1 - 2 * none[1] + none[2]
    both_classes: float = sum((-1) ** missing * comb(4, missing) * none[missing] for missing in range(5))
    return 2 * one_class - both_classes


@reading
def pairs_alone(cohort: Cohort) -> dict[tuple[int, int], Booleans]:
    """Return for every two neurons which networks get XOR right with all others switched off."""
    outgoing, output_bias = cohort.network.unpack(cohort.parameters)[1]
    sign = np.where(cohort.data.labels == 1, 1, -1)[:, None]
    parts = _values(cohort) * outgoing[: cohort.width, 0]  # (4, units, networks)
    return {
        (one, two): (sign * (parts[:, one] + parts[:, two] + output_bias[0]) >= MARGIN).all(axis=0)
        for one, two in combinations(range(cohort.width), 2)
    }


def two_suffice(cohort: Cohort) -> Booleans:
    """Say in which networks some two neurons get XOR right with all others switched off."""
    return np.asarray(np.any(list(pairs_alone(cohort).values()), axis=0))


def of_width(data: Mapping[str, str], least: int, *measures: Measure) -> tuple[Measure, ...]:
    """Take measures of the networks of every width on each of the ``data``, by their words.

    In a label, ``{h}`` stands for the hidden neurons and ``{data}`` for the words. Networks of fewer than ``least``
    hidden neurons are left out: one neuron makes no pair.
    """
    found: list[Measure] = []
    for name, words in data.items():
        widths = {f"{h}": f"{h} hidden neuron{'s' if h > 1 else ''}" for h in TRAINED[name] if h >= least}
        said = (replace(measure, label=measure.label.replace("{data}", words)) for measure in measures)
        found += each(Family(f"{name}.<h>", choices={"h": widths}), *said)
    return tuple(found)


def _values(cohort: Cohort) -> npt.NDArray[np.floating]:
    """Return what the hidden neurons give out (rows, units, networks)."""
    return activate(cohort.network.activation, sums(cohort))


@final
class Width(Experiment[Parameters]):
    """Count successes by the number of hidden neurons, and look for the two neurons that each success needs."""

    title = "How many hidden neurons, and why more succeed more often"
    summary = "Trains networks of 1 to 10 ReLU neurons on four blobs and on XOR, and counts who succeeds."
    parameters = Parameters
    figure_names = ("success", "spare")

    def plans(self, hyperparameters: Parameters) -> Iterator[Plan]:
        """Plan every width on both data sets, a width of the reader's own, and one with XOR's corners at 0 and 1."""
        h = hyperparameters
        start, optimizer = Start.by(h.initializer), Optimizer(rate=h.rate)
        for width in WIDTHS["blobs"]:
            yield Plan(f"blobs.{width}", WIDE, start, h.steps, optimizer, width=width)
        for width in WIDTHS["xor"]:
            yield Plan(f"xor.{width}", XOR, start, h.xor_steps, optimizer, width=width)
        yield Plan("own.blobs", WIDE, start, h.steps, optimizer, width=h.hidden)
        yield Plan("own.xor", XOR, start, h.xor_steps, optimizer, width=h.hidden)
        zero_one = XOR.on(partial(xor.load, 0), "XOR with its corners at 0 and 1")
        yield Plan(f"xor_zero_one.{ZERO_ONE}", zero_one, start, h.xor_steps, optimizer, width=ZERO_ONE)

    def notes(self, hyperparameters: Parameters) -> dict[str, str]:
        """Say what counts as success, and when two neurons divide the work."""
        h = hyperparameters
        return {
            "initialiser": f"{h.initializer} by each width, biases 0",
            "steps": f"{h.steps:,} on the blobs, {h.xor_steps:,} on XOR, full batch",
            "success": f"blobs: {BLOBS.bar_words}; XOR: {XOR.bar_words} by {MARGIN:g} of a logit or more",
            "two that divide the work": "blobs: two neurons split the blobs two and two, in different ways; XOR: two "
            "neurons answer most strongly to the two corners of one class, and speak for that class",
        }

    measures = (
        *of_width(RIGHT, 1, share("success", "networks of {h} that get {data}", success)),
        *of_width(
            DATA,
            2,
            share(
                "pair_at_start",
                "networks of {h} of which two divide the work on {data} already before training",
                untrained(pair),
            ),
            share("pair_at_end", "networks of {h} of which two divide the work on {data} after training", pair),
            share(
                "success_without_pair",
                "of the networks of {h} in which no two divide the work on {data} before training: those that succeed",
                among(lambda cohort: ~pair(cohort.untrained), success),
            ),
        ),
        *of_width(
            DATA,
            1,
            quantity(
                "dead",
                "dead neurons after training on {data}, mean over the networks of {h}",
                "neurons",
                lambda cohort: float(silent(cohort).sum(axis=0).mean()),
            ),
        ),
        *of_width(
            {"xor": "XOR"},
            2,
            share(
                "two_suffice",
                "of the successful networks of {h}: those in which some two neurons, all others switched off, still "
                "get {data} right",
                among(success, two_suffice),
            ),
        ),
        *each(
            Family("own.<data>", choices={"data": {data: RIGHT[data] for data in DATA}}),
            share("success", "networks of your own number of hidden neurons that get {data}", success),
        ),
        *whole(
            *(
                share(
                    f"success_with_pair.{data}",
                    f"of the networks of all widths in which two neurons divide the work on {words} before training: "
                    "those that succeed",
                    partial(_success_with_pair, data=data),
                )
                for data, words in DATA.items()
            )
        ),
        *of(
            "blobs.1",
            median(
                "accuracy.blobs.1", "accuracy with 1 hidden neuron on the blobs (median)", "share of points", accuracy
            ),
            quantity(
                "best_accuracy.blobs.1",
                "the best accuracy of a network with 1 hidden neuron on the blobs",
                "share of points",
                lambda one: float(accuracy(one).max()),
            ),
        ),
    )

    replay = Replay(
        {
            "blobs.2": "Four blobs, 2 neurons",
            "own.blobs": "Four blobs, a number of your own: {width}",
            "xor.2": "XOR, 2 neurons",
            "own.xor": "XOR, a number of your own: {width}",
        },
        counts={"pair": ("have two neurons that divide the work", pair)},
        moment=Moment("At least half of the networks of this width have {bar}."),
    )

    def figures(self, result: Result) -> Iterable[Figure]:
        """Show success against width, and the two of ten neurons that would do."""
        yield success_figure(result, WIDTHS, pair_chance)
        widest = result.cohorts["xor.10"]
        shown = int((success(widest) & two_suffice(widest)).argmax())
        sufficient = [both for both, right in pairs_alone(widest).items() if right[shown]]
        yield spare_figure(result, widest, shown, sufficient[0] if sufficient else ())
