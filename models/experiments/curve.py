"""Ask whether a network can learn a curve, and what it says where there were no data.

Networks with one input learn 60 points of a sine or of a parabola, between -1 and 1. With ReLU neurons what they draw
is made of straight pieces, one more than there are kinks, and each neuron has at most one kink. Beyond the data nothing
holds them: from other starts they go on in other directions.
"""

from collections.abc import Iterable, Iterator
from types import ModuleType
from typing import final

import numpy as np
from pydantic import Field

from models.datasets import parabola, sine
from models.ensemble import Optimizer
from models.experiment import Experiment, Hyperparameters, RandomStart, Rate, Result
from models.figures import Figure
from models.figures.curve import Drawn, beyond_figure, error_figure, output_figure, pieces_figure
from models.labs import ACTIVATIONS, Lab
from models.measures import Family, each, median, quantity, share
from models.network import Activation, Network
from models.plans import RECORDED, Cohort, Integers, Plan, Start
from models.readings import Booleans, Floats, finite, forward
from models.regression import (
    BEYOND,
    CLEAR,
    INSIDE,
    NEAR,
    error,
    flat_from,
    flat_outside,
    follows,
    follows_beyond,
    kinks,
    pieces,
    spread,
    straight_outside,
    values,
)
from models.replay import Moment, Replay
from models.wordings import FullBatchSteps

WIDTHS = (1, 2, 4, 8)
WIDEST = max(WIDTHS)
SHAPE = Network((1, WIDEST, 1), "relu", "squared_error")  # all widths and activations are padded to one program
RELU_OUTPUT = Network((1, WIDEST, 1, 1), "relu", "squared_error")  # the last weight is held at 1: a ReLU as output
LOW = -0.5  # the sine is below that on a third of its period
AROUND = np.linspace(-3, 3, 241)


class Parameters(Hyperparameters):
    """What can be varied."""

    steps: FullBatchSteps = Field(1000, ge=1, le=10_000, description="full-batch training steps")
    rate: Rate = 0.02
    initializer: RandomStart = "glorot_uniform"


def lab(data: ModuleType, network: Network, words: str) -> Lab:
    """Return the lab of a curve."""
    return Lab(
        network=network,
        load=data.load,
        data_words=f"60 points of {data.WORDS}",
        network_words=words,
        bar_words="95 % of the points within 0.3",
        accuracy=0.95,
        tolerance=0.3,
    )


def nearest(cohort: Cohort) -> Drawn:
    """Return what the network draws that is nearest to the curve."""
    at = int(np.nan_to_num(error(cohort), nan=np.inf).argmin())
    return Drawn(INSIDE, values(cohort, INSIDE)[:, at], kinks(cohort, at), float(error(cohort)[at]))


def negative(cohort: Cohort) -> Booleans:
    """Say which networks give a value below `LOW` somewhere between -1 and 1."""
    return np.asarray((values(cohort, INSIDE) < LOW).any(axis=0))


def zero(cohort: Cohort) -> Booleans:
    """Say which networks give 0 for every one of the points."""
    return np.asarray((forward(cohort)[-1] == 0).all(axis=(0, 1)))


ON_CURVE = (
    median(
        "error_inside", "distance from the curve where the data are (root mean square; median)", "output", finite(error)
    ),
    share(
        "follows_share", f"networks that are nearer than {NEAR} to the curve where the data are, on average", follows
    ),
)
OUTSIDE = (
    share(
        "straight_outside_share",
        "networks that are straight on both sides, from the last points to 3",
        straight_outside,
    ),
    share(
        "flat_outside_share", f"networks that change by less than {CLEAR} beyond {BEYOND:g} on both sides", flat_outside
    ),
    median(
        "flat_from",
        f"distance from which on a network changes by less than {CLEAR}, on both sides (median of those that ever do)",
        "input",
        flat_from,
    ),
    share(
        "follows_outside_share",
        "networks that stay within 0.3 of the sine to the right of the data, up to 2",
        follows_beyond,
    ),
    quantity(
        "spread_outside",
        f"how far apart the networks that follow the curve are at {BEYOND:g}: the band of their middle 80 %",
        "output",
        lambda cohort: spread(cohort, np.array([BEYOND])),
    ),
    quantity(
        "spread_inside",
        "how far apart the same networks are where the data are: the band of their middle 80 % (median over places)",
        "output",
        lambda cohort: spread(cohort, INSIDE),
    ),
)
OUTPUTS = (
    share("negative_share", f"networks that give a value below {LOW} between -1 and 1", negative),
    share("zero_share", "networks that give 0 for every one of the points", zero),
)
KINDS = {
    "linear.8": "8 linear neurons, sine",
    "relu.1": "1 ReLU neuron, sine",
    "relu.2": "2 ReLU neurons, sine",
    "relu.4": "4 ReLU neurons, sine",
    "relu.8": "8 ReLU neurons, sine",
    "tanh.2": "2 tanh neurons, sine",
    "tanh.8": "8 tanh neurons, sine",
    "parabola.2": "2 ReLU neurons, parabola",
    "parabola.8": "8 ReLU neurons, parabola",
}
NAMES = {"relu": "ReLU", "tanh": "tanh"}
BESIDE = {"relu.8": "8 ReLU neurons", "tanh.8": "8 tanh neurons"}


@final
class Curve(Experiment[Parameters]):
    """Learn a sine and a parabola from 60 points, and look at the values beyond them."""

    title = "Can it learn a curve?"
    summary = (
        "Trains networks with one input on 60 points of a sine or a parabola, counts the straight pieces of what they "
        "draw, and compares what they say beyond the data."
    )
    parameters = Parameters
    figure_names = ("pieces", "error", "beyond", "output")

    def plans(self, hyperparameters: Parameters) -> Iterator[Plan]:
        """Plan widths and activations on the sine, a parabola, and a network whose output is a ReLU."""
        h, start = hyperparameters, Start.by(hyperparameters.initializer)

        def plan(name: str, data: ModuleType, activation: Activation, width: int) -> Plan:
            network = Network((1, width, 1), activation, "squared_error")
            neurons = f"{width} {ACTIVATIONS[activation]} hidden neuron{'s' if width > 1 else ''}"
            own = lab(data, network, f"{neurons}, 1 linear output")
            return Plan(f"{name}.{width}", own, start, h.steps, Optimizer(rate=h.rate), padded_to=SHAPE)

        for width in WIDTHS:
            yield plan("relu", sine, "relu", width)
        for width in (2, WIDEST):
            yield plan("tanh", sine, "tanh", width)
            yield plan("parabola", parabola, "relu", width)
        yield plan("linear", sine, "linear", WIDEST)

        def with_output(_: Network, seed: int, members: Integers) -> Floats:
            drawn = start.draw(SHAPE, seed, members)
            weight_and_bias = np.repeat(np.array([[1], [0]], np.float32), drawn.shape[1], axis=1)
            return np.concatenate([drawn, weight_and_bias])

        trainable = np.ones((RELU_OUTPUT.size, 1), np.float32)
        trainable[-2:] = 0
        yield Plan(
            "relu_output",
            lab(sine, RELU_OUTPUT, f"{WIDEST} ReLU hidden neurons, 1 ReLU output"),
            Start(start.words, with_output),
            h.steps,
            Optimizer(rate=h.rate),
            trainable=trainable,
            recorded=0,
        )

    measures = (
        *each(
            Family("relu.<h>", "sine, {h}", "<h>", {"h": {f"{h}": f"{h} ReLU neuron{'s' * (h > 1)}" for h in WIDTHS}}),
            *ON_CURVE,
            median("pieces", "straight pieces between -1 and 1 (median)", "pieces", finite(pieces)),
            quantity(
                "most_pieces",
                "the most straight pieces that a network has between -1 and 1",
                "pieces",
                lambda cohort: float(pieces(cohort).max()),
            ),
        ),
        *each(Family("tanh.<h>", "sine, {h} tanh neurons", choices={"h": {"2": "2", "8": "8"}}), *ON_CURVE),
        *each(Family("parabola.<h>", "parabola, {h} ReLU neurons", choices={"h": {"2": "2", "8": "8"}}), *ON_CURVE),
        *each(Family("linear.<h>", "sine, {h} linear neurons", choices={"h": {"8": "8"}}), *ON_CURVE),
        *each(
            Family("<activation>.8", "sine, 8 {activation} neurons", "<activation>", {"activation": NAMES}), *OUTSIDE
        ),
        *each(Family("relu.8", "linear output", "linear"), *OUTPUTS),
        *each(Family("relu_output", "ReLU output", "relu"), *OUTPUTS),
    )

    replay = Replay(
        {
            "relu.8": "8 ReLU neurons, sine",
            "relu.2": "2 ReLU neurons",
            "tanh.8": "8 tanh neurons",
            "parabola.8": "8 ReLU neurons, parabola",
        },
        moment=Moment("At least half of the networks have 95 % of their points within 0.3."),
        view="curve",
    )

    def figures(self, result: Result) -> Iterable[Figure]:
        """Show what narrow and wide networks draw, how near they come, how they go on, and what a ReLU output does."""
        cohorts = result.cohorts
        best = {f"{width} neuron{'s' if width > 1 else ''}": nearest(cohorts[f"relu.{width}"]) for width in WIDTHS}
        yield pieces_figure(best, sine.load())
        yield error_figure({words: error(cohorts[name]) for name, words in KINDS.items()}, NEAR)
        around = {words: values(cohorts[name], AROUND)[:, :RECORDED] for name, words in BESIDE.items()}
        yield beyond_figure(AROUND, around, sine.curve(AROUND), sine.load())
        yield output_figure(result)
