"""Ask how two half-planes become four classes.

Two lines cut the plane into four regions, by which neurons fire. Many networks are trained on the four blobs, and the
truth table of each is read off: in which region do its points lie, and which class does the output layer give them,
with which probability?
"""

from collections.abc import Iterable, Iterator
from typing import TypeVar, final

import numpy as np
import numpy.typing as npt
from pydantic import Field

from models.ensemble import Optimizer
from models.experiment import Experiment, Hyperparameters, LabBatch, RandomStart, Rate, Result
from models.figures import Figure
from models.figures.output_layer import hidden_plane_figure, regions_figure
from models.labs.blobs import BLOBS
from models.measures import label, median, quantity, share, spoken
from models.plans import Cohort, Plan, Start, reading
from models.readings import (
    Booleans,
    Floats,
    Integers,
    Strings,
    active_sides,
    among,
    complementary,
    failed,
    forward,
    side_names,
    success,
)
from models.replay import Moment, Replay
from models.splits import blobs_in_words
from models.truth_table import FIRES, region_names, truth_table
from models.wordings import LabSteps

PATTERNS = ("01|02", "01|13", "02|23", "13|23")  # the four regions of two different two-and-two splits
STATES = {"both": 2, "one": 1, "none": 0}  # how many neurons fire
S = TypeVar("S", bound=np.generic)


class Parameters(Hyperparameters):
    """What can be varied."""

    steps: LabSteps = Field(800, ge=1, le=20_000, description="training steps; 4 mini-batches of 32 make an epoch")
    rate: Rate = 0.01
    batch_size: LabBatch = 32
    initializer: RandomStart = "glorot_uniform"


def regions_used(sides: Strings) -> Integers:
    """Return in how many regions of its plane (networks,) a blob mostly lies; ``sides`` has shape (2, networks)."""
    blobs = [str(label) for label in range(len(BLOBS.data.class_names))]
    return np.array([len({(blob in one, blob in two) for blob in blobs}) for one, two in sides.T.tolist()], np.intp)


@reading
def _used(main: Cohort) -> Integers:
    return regions_used(active_sides(main))


def _by_region(main: Cohort, values: npt.NDArray[S]) -> dict[str, npt.NDArray[S]]:
    """Sort values (regions, networks) of a truth table by region, for networks that split in two different ways."""
    names, chosen = region_names(main).T[complementary(main)], values.T[complementary(main)]  # (networks, regions)
    return {name: chosen[names == name] for name in PATTERNS}


def _winners(main: Cohort) -> dict[str, Strings]:
    """Return the blob that wins each region, "" where none does."""
    names = np.array([*map(str, range(len(main.data.class_names))), ""])  # the last of them is that of the winner -1
    return _by_region(main, names[truth_table(main).winner])


def _favourites(main: Cohort) -> dict[str, str | None]:
    """Return the blob that wins each region most often."""
    favourites: dict[str, str | None] = {}
    for region, won in _winners(main).items():
        blobs, counts = np.unique(won[won != ""], return_counts=True)
        favourites[region] = str(blobs[counts.argmax()]) if blobs.size else None
    return favourites


def _wins(main: Cohort) -> dict[str, Booleans]:
    """Say in which networks the blob that wins a region most often wins it."""
    favourites = _favourites(main)
    return {region: np.asarray(won == (favourites[region] or "none")) for region, won in _winners(main).items()}


def _both_sides_win(main: Cohort) -> Booleans:
    """Say in which networks every region is won by the one blob that is on both its sides."""
    on_both = {region: set.intersection(*map(set, region.split("|"))).pop() for region in PATTERNS}
    return np.asarray(np.all([won == on_both[region] for region, won in _winners(main).items()], axis=0))


def _by_state(main: Cohort) -> dict[str, Floats]:
    """Return the winners' probabilities by how many neurons fire."""
    chances = truth_table(main).probability[:, complementary(main)]
    return {state: chances[[sum(fires) == firing for fires in FIRES]] for state, firing in STATES.items()}


def _with_region(main: Cohort) -> Floats:
    """Return the share of points (networks,) that are given the class that wins their region."""
    table, classes = truth_table(main), main.network.classify(forward(main)[-1])  # (points, networks)
    return np.asarray((table.inside & (table.winner[:, None] == classes)).any(axis=0).mean(axis=0))


def _silent_spread(main: Cohort) -> float | None:
    """Return how far the outputs of points on which no neuron fires lie apart, at the most."""
    outputs, silent = forward(main)[-1], truth_table(main).inside[-1] & ~main.diverged
    spreads = [
        float(np.ptp(outputs[silent[:, network], :, network], axis=0).max())
        for network in np.flatnonzero(silent.any(axis=0)).tolist()
    ]
    return max(spreads, default=None)


@final
class OutputLayer(Experiment[Parameters]):
    """Read off which class wins in each of the regions that the hidden neurons' lines make."""

    title = "How the output layer makes four classes of two lines"
    summary = "Trains networks on four blobs and writes down which class wins where both, one or no neuron fires."
    parameters = Parameters
    figure_names = ("regions", "hidden-plane")

    def plans(self, hyperparameters: Parameters) -> Iterator[Plan]:
        """Plan networks that differ in their starts, and in the order of their batches."""
        h = hyperparameters
        yield Plan("main", BLOBS, Start.by(h.initializer), h.steps, Optimizer(rate=h.rate), batch=h.batch_size)

    def notes(self, hyperparameters: Parameters) -> dict[str, str]:  # noqa: ARG002
        """Say what a region is, and how it is won."""
        return {
            "regions": "a point's region is told by which neurons fire on it; the class with the largest mean "
            "probability over a region's points wins it",
        }

    measures = (
        share("converged_share", "networks that get at least 99 % of the points right", success),
        share("complementary_share", "networks whose neurons split two and two, in different ways", complementary),
        median(
            "regions_used",
            "regions of the plane in which a blob mostly lies (median over the converged networks)",
            "of 4",
            among(success, _used),
        ),
        share(
            "four_regions_share",
            "of the converged networks: those in which each blob has a region to itself",
            among(success, lambda main: _used(main) == len(PATTERNS)),
        ),
        share(
            "four_regions_share_failed",
            "of the networks that fail: those in which each blob has a region to itself",
            among(failed, lambda main: _used(main) == len(PATTERNS)),
        ),
        *spoken(
            blobs_in_words,
            label(
                "region_class.<a>|<b>",
                "the blob that wins most often in the region on the side of {a}, and on that of {b}",
                _favourites,
            ),
            share(
                "region_wins.<a>|<b>",
                "of the networks that split two and two in different ways: those in which that blob wins the region on "
                "the side of {a}, and on that of {b}",
                _wins,
            ),
            median(
                "region_probability.<a>|<b>",
                "probability of the winner, mean over the points in the region on the side of {a}, and on that of {b} "
                "(median over those networks)",
                "probability",
                lambda main: _by_region(main, truth_table(main).probability),
            ),
        ),
        share(
            "complementary_wins_share",
            "of the networks that split two and two in different ways: those in which every region is won by the one "
            "blob on both its sides",
            _both_sides_win,
        ),
        median(
            "state_probability.<state>",
            "probability of the winner, by how many of the two neurons fire in the region: {state} (median over those "
            "networks)",
            "probability",
            _by_state,
        ),
        median(
            "points_with_region",
            "points that are given their region's winner, in the converged ones of those networks (median)",
            "share of points",
            among(lambda main: complementary(main) & success(main), _with_region),
        ),
        quantity(
            "silent_spread",
            "largest difference between the outputs of two points on which both neurons are silent, over all networks",
            "output",
            _silent_spread,
        ),
    )

    replay = Replay(
        {"main": "Two lines each, four classes"},
        groups=side_names,
        counts={"complementary": ("have neurons that split two and two, in different ways", complementary)},
        moment=Moment("At least half of the networks give each blob a class of its own."),
    )

    def figures(self, result: Result) -> Iterable[Figure]:
        """Show one network's four regions with their classes, and the plane that its output layer sees."""
        main = result.cohorts["main"]
        # The first that succeeds among those that split two and two in different ways, or else among all.
        shown = int(np.lexsort((~success(main), ~complementary(main)))[0])
        yield regions_figure(main, shown)
        yield hidden_plane_figure(main, shown)
