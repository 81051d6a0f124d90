"""Ask how a neuron knows which feature to look at, when nobody assigns features.

Every neuron has a weight for every feature, from the first step to the last. Many coffee networks are trained, their
neurons are sorted by the edge of the data that they came to draw, and then one feature at a time is shuffled among the
roasts: how much does the neuron's output change? And did the neuron lean that way already before training?
"""

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import TypeVar, final

import numpy as np
import numpy.typing as npt
from pydantic import Field

from models.alignment import angles
from models.datasets import coffee
from models.edges import EDGE_COLORS, all_edges, edge_names, edges_learned
from models.ensemble import Optimizer
from models.experiment import Experiment, Hyperparameters, RandomStart, Rate, Result
from models.figures import Figure
from models.figures.feature_use import use_figure, weights_figure
from models.labs.coffee import COFFEE
from models.measures import median, share
from models.network import activate
from models.plans import RECORDED, Cohort, Plan, Start, reading
from models.readings import Booleans, Floats, forward, kernel, success, untrained
from models.replay import Moment, Replay
from models.wordings import FullBatchSteps

SHUFFLES = 10
FEATURES = ("temperature", "duration")
AXES = {"low_temperature": 0, "short_duration": 1}  # the one feature that an edge along an axis depends on
S = TypeVar("S", bound=np.generic)


class Parameters(Hyperparameters):
    """What can be varied."""

    steps: FullBatchSteps = Field(2_000, ge=1, le=20_000, description="full-batch training steps")
    rate: Rate = 0.05
    initializer: RandomStart = "glorot_uniform"


@cache
def shuffled(feature: int) -> tuple[Floats, ...]:
    """Return the roasts (rows, features) with one feature's values handed round among them, in `SHUFFLES` orders."""
    orders = []
    for order in range(SHUFFLES):
        x = coffee.load().x.copy()
        x[:, feature] = np.random.default_rng(order).permutation(x[:, feature])
        orders.append(x)
    return tuple(orders)


@reading
def use(cohort: Cohort) -> Floats:
    """Return how much each hidden neuron's output changes (features, units, networks) when one feature is shuffled."""
    network = cohort.network
    usual = activate(network.activation, forward(cohort)[0])  # (rows, units, networks)

    def change(x: Floats) -> Floats:
        outputs = activate(network.activation, network.forward(cohort.parameters, x)[0])
        return np.asarray(np.abs(outputs - usual).mean(axis=0))

    return np.stack([np.mean([change(x) for x in shuffled(at)], axis=0) for at in range(len(FEATURES))])


def use_of(feature: int) -> Callable[[Cohort], Floats]:
    """Return the reading (units, networks) of how much neurons use one feature."""
    return lambda cohort: use(cohort)[feature]


def smaller_weight(cohort: Cohort) -> Floats:
    """Return each neuron's smaller incoming weight (units, networks), in parts of its larger one."""
    sizes = np.abs(kernel(cohort))
    with np.errstate(invalid="ignore"):  # of a network that diverged
        return np.asarray(sizes.min(axis=0) / sizes.max(axis=0))


def by_edge(read: Callable[[Cohort], npt.NDArray[S]]) -> Callable[[Cohort], dict[str, npt.NDArray[S]]]:
    """Sort what is read of neurons (units, networks) by the edge that each learned, in the networks that converged."""

    def sort(main: Cohort) -> dict[str, npt.NDArray[S]]:
        values = read(main)
        return {name: values[edges_learned(main) == edge] for edge, name in enumerate(coffee.EDGE_NAMES)}

    return sort


def _leaned(main: Cohort) -> dict[str, Booleans]:
    """Say which neurons had their larger weight on their edge's feature from the start, for edges along an axis."""
    leaning = by_edge(lambda cohort: np.abs(kernel(cohort.untrained)).argmax(axis=0))(main)
    return {edge: leaning[edge] == axis for edge, axis in AXES.items()}


def _larger(main: Cohort) -> dict[str, Booleans]:
    """Say which neurons have their larger weight on their edge's feature after training, for edges along an axis."""
    largest = by_edge(lambda cohort: np.abs(kernel(cohort)).argmax(axis=0))(main)
    return {edge: largest[edge] == axis for edge, axis in AXES.items()}


def _nearest(main: Cohort) -> dict[str, Booleans]:
    """Say, of the networks that converged, in which the neuron whose first line lay nearest to an edge learned it."""
    normals, _ = coffee.normalised_edges()
    nearest = angles(normals, kernel(main.untrained)).argmin(axis=1)[:, success(main)]  # (edges, networks)
    drawn = edges_learned(main)[:, success(main)]  # (units, networks)
    networks = np.arange(drawn.shape[1])
    return {name: np.asarray(drawn[nearest[edge], networks] == edge) for edge, name in enumerate(coffee.EDGE_NAMES)}


def _every_weight(main: Cohort) -> Booleans:
    return np.asarray((kernel(main) != 0).all(axis=(0, 1)) & ~main.diverged)


def _accuracy_shuffled(main: Cohort) -> dict[str, Floats]:
    """Return the accuracy of the converged networks when one feature is shuffled, by the feature."""
    parameters, labels = main.parameters[:, success(main)], main.data.labels
    return {
        name: np.mean([main.network.accuracy(parameters, x, labels) for x in shuffled(at)], axis=0)
        for at, name in enumerate(FEATURES)
    }


@final
class FeatureUse(Experiment[Parameters]):
    """Shuffle one feature at a time, and see which neurons mind."""

    title = "Which feature a neuron looks at"
    summary = (
        "Trains coffee networks, shuffles temperature alone or duration alone among the roasts, and measures how much "
        "each neuron's output changes."
    )
    parameters = Parameters
    figure_names = ("use", "weights")

    def plans(self, hyperparameters: Parameters) -> Iterator[Plan]:
        """Plan networks that differ in their starts alone."""
        h = hyperparameters
        yield Plan("main", COFFEE, Start.by(h.initializer), h.steps, Optimizer(rate=h.rate))

    def notes(self, hyperparameters: Parameters) -> dict[str, str]:  # noqa: ARG002
        """Say how neurons are matched with edges, and how features are shuffled."""
        return {
            "match": coffee.MATCH,
            "shuffling": f"{SHUFFLES} orders of the roasts, the same ones for every network; outputs run from 0 to 1",
        }

    measures = (
        share("converged_share", "networks that get at least 97 % of the roasts right", success),
        *(
            median(
                f"{feature}_use.<line>",
                f"change of the output when {feature} alone is shuffled, of neurons that hold {{line}} (mean over the "
                "roasts, median over the converged networks)",
                "output",
                by_edge(use_of(at)),
            )
            for at, feature in enumerate(FEATURES)
        ),
        *(
            median(
                f"{feature}_use_at_start.<line>",
                f"the same for {feature} before training, of the neurons that come to hold {{line}} (median)",
                "output",
                by_edge(untrained(use_of(at))),
            )
            for at, feature in enumerate(FEATURES)
        ),
        median(
            "smaller_weight.<line>",
            "the smaller of the two incoming weights, in parts of the larger, of neurons that hold {line} (median)",
            "share of larger weight",
            by_edge(smaller_weight),
        ),
        share(
            "leaned_share.<line>",
            "of the converged networks in which a neuron holds {line}: those in which this neuron had its larger "
            "weight on that feature already before training",
            _leaned,
        ),
        share(
            "larger_share.<line>",
            "of the same networks: those in which this neuron has its larger weight on that feature after training",
            _larger,
        ),
        share(
            "nearest_share.<line>",
            "of the converged networks: those in which the neuron whose first line lay nearest to {line} came to hold "
            "it",
            _nearest,
        ),
        share("every_weight_share", "networks in which no incoming weight is zero after training", _every_weight),
        median(
            "accuracy_shuffled.<feature>",
            "accuracy when {feature} is shuffled (median over the converged networks)",
            "share of roasts",
            _accuracy_shuffled,
        ),
    )

    replay = Replay(
        {"main": "Three neurons each, which all see both features"},
        groups=edge_names,
        counts={"edges": ("have neurons that draw all three edges", all_edges)},
        colors=EDGE_COLORS,
        moment=Moment(
            "At least half of the networks tell good roasts from bad ones: some lines are vertical, others horizontal."
        ),
    )

    def figures(self, result: Result) -> Iterable[Figure]:
        """Show all neurons by what they use, before and after, and one network's weights over training."""
        main = result.cohorts["main"]
        yield use_figure(main, use(main.untrained)[..., :RECORDED], use(main)[..., :RECORDED])
        yield weights_figure(main)
