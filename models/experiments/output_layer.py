"""Ask how two half-planes become four classes.

Two lines cut the plane into four regions, by which neurons fire. Many networks are trained on the four blobs, and the
truth table of each is read off: in which region do its points lie, and which class does the output layer give them,
with which probability?
"""

from collections.abc import Iterable, Mapping
from typing import ClassVar, final

import numpy as np
import numpy.typing as npt
from pydantic import Field
from scipy.special import softmax

from models.datasets import blobs
from models.ensemble import Optimizer, Progress, Recording, Trained, log_spaced, train
from models.experiment import Declared, Experiment, Findings, Hyperparameters, LabBatch, RandomStart, Rate, Result
from models.figures import Figure
from models.figures.output_layer import Region, hidden_plane_figure, regions_figure
from models.initializers import start
from models.network import Network
from models.splits import active_sides, other_side, same_split, two_and_two

NETWORK = Network((2, 2, 4), "relu", "softmax_crossentropy")
CONVERGED = 0.99  # accuracy
PATTERNS = ("01|02", "01|13", "02|23", "13|23")  # the four regions of two different two-and-two splits
FIRES = ((True, True), (True, False), (False, True), (False, False))  # the rows of a truth table
STATES = {"both": 2, "one": 1, "none": 0}  # how many neurons fire
Floats = npt.NDArray[np.floating]


class Parameters(Hyperparameters):
    """What can be varied."""

    steps: int = Field(800, ge=1, le=20_000, description="training steps; 4 mini-batches of 32 make an epoch")
    rate: Rate = 0.01
    batch_size: LabBatch = 32
    initializer: RandomStart = "glorot_uniform"


@final
class OutputLayer(Experiment[Parameters]):
    """Read off which class wins in each of the regions that the hidden neurons' lines make."""

    title = "How the output layer makes four classes of two lines"
    summary = "Trains networks on four blobs and writes down which class wins where both, one or no neuron fires."
    parameters = Parameters
    declared: ClassVar = {
        "converged_share": Declared("share", "networks that get at least 99 % of the points right"),
        "regions_used": Declared(
            "quantity", "regions of the plane in which a blob mostly lies (median over the converged networks)", "of 4"
        ),
        "four_regions_share": Declared(
            "share", "of the converged networks: those in which each blob has a region to itself"
        ),
        "complementary_wins_share": Declared(
            "share",
            "of the networks that split two and two in different ways: those in which every region is won by the one "
            "blob on both its sides",
        ),
        "region_class.<a>|<b>": Declared("label", "the blob that wins most often in the region of sides {a} and {b}"),
        "region_wins.<a>|<b>": Declared(
            "share",
            "of the networks that split two and two in different ways: those in which that blob wins the region of "
            "sides {a} and {b}",
        ),
        "region_probability.<a>|<b>": Declared(
            "quantity",
            "probability of the winner, mean over the points in the region of sides {a} and {b} (median over those "
            "networks)",
            "probability",
        ),
        "state_probability.<state>": Declared(
            "quantity",
            "probability of the winner, by how many of the two neurons fire in the region: {state} (median over those "
            "networks)",
            "probability",
        ),
        "points_with_region": Declared(
            "quantity",
            "points that are given their region's winner, in the converged ones of those networks (median)",
            "share of points",
        ),
        "silent_spread": Declared(
            "quantity",
            "largest difference between the outputs of two points on which both neurons are silent, over all networks",
            "output",
        ),
        "diverged_share": Declared("share", "networks with a loss or weight that is no finite number"),
    }

    def setup(self, hyperparameters: Parameters) -> dict[str, str]:
        """Describe the set-up."""
        batch = "full batch" if hyperparameters.batch_size == 100 else "shuffled mini-batches of 32"
        return {
            "data": "four blobs, 100 points, 2 features",
            "network": "2 ReLU hidden neurons, 4 outputs",
            "initialiser": f"{hyperparameters.initializer}, biases 0",
            "loss": "softmax cross-entropy",
            "optimiser": f"Adam, rate {hyperparameters.rate:g}",
            "steps": f"{hyperparameters.steps:,}, {batch}",
            "regions": "a point's region is told by which neurons fire on it; the class with the largest mean "
            "probability over a region's points wins it",
        }

    def cost(self, hyperparameters: Parameters, networks: int) -> int:
        """Count every network once."""
        return networks * hyperparameters.steps

    def train(self, hyperparameters: Parameters, *, networks: int, seed: int, progress: Progress) -> dict[str, Trained]:
        """Train all networks on the same points."""
        main = train(
            NETWORK,
            start(NETWORK, hyperparameters.initializer, seed=seed, networks=np.arange(networks)),
            blobs.load(),
            Optimizer(rate=hyperparameters.rate),
            steps=hyperparameters.steps,
            batch_size=hyperparameters.batch_size,
            seed=seed,
            recording=Recording(log_spaced(hyperparameters.steps), tuple(range(min(networks, 64)))),
            progress=progress,
        )
        return {"main": main}

    def measure(self, cohorts: Mapping[str, Trained], findings: Findings) -> None:
        """Read off every network's truth table."""
        main, data = cohorts["main"], blobs.load()
        accuracy = NETWORK.accuracy(main.parameters, data.x, data.labels)
        converged = accuracy >= CONVERGED
        sides = active_sides(NETWORK, main.parameters, data)
        used = regions_used(sides)
        complementary = two_and_two(sides) & ~same_split(sides)
        findings.share("converged_share", converged)
        findings.median("regions_used", used[converged])
        findings.share("four_regions_share", (used == len(PATTERNS))[converged])
        chosen = np.flatnonzero(complementary).tolist()
        tables = [truth_table(main.parameters[:, network]) for network in chosen]
        winner = np.full((len(PATTERNS), len(chosen)), -1)
        probability = np.full((len(PATTERNS), len(chosen)), np.nan)
        for at, network in enumerate(chosen):
            for region in tables[at]:
                if region.winner is not None:
                    place = PATTERNS.index(_pattern(sides[:, network], region.fires))
                    winner[place, at], probability[place, at] = region.winner, region.probability
        for place, name in enumerate(PATTERNS):
            counts = np.bincount(winner[place][winner[place] >= 0], minlength=len(blobs.CENTERS))
            most = int(counts.argmax())
            findings.label(f"region_class.{name}", data.class_names[most] if counts.any() else None)
            findings.share(f"region_wins.{name}", winner[place] == most)
            findings.median(f"region_probability.{name}", probability[place])
        on_both_sides = np.array([int((set(a) & set(b)).pop()) for a, b in (name.split("|") for name in PATTERNS)])
        findings.share("complementary_wins_share", np.asarray((winner == on_both_sides[:, None]).all(axis=0)))
        for state, firing in STATES.items():
            regions = [region for table in tables for region in table if sum(region.fires) == firing]
            findings.median(f"state_probability.{state}", np.array([region.probability for region in regions]))
        findings.median("points_with_region", _points_with_region(main.parameters[:, complementary & converged]))
        findings.quantity("silent_spread", _silent_spread(main.parameters[:, ~main.diverged]))
        findings.share("diverged_share", main.diverged)

    def figures(self, result: Result) -> Iterable[Figure]:
        """Show one network's four regions with their classes, and the plane that its output layer sees."""
        main, data = result.cohorts["main"], blobs.load()
        sides = active_sides(NETWORK, main.parameters, data)
        accuracy = NETWORK.accuracy(main.parameters, data.x, data.labels)
        # The first of the best among those that split two and two in different ways, or else among all.
        order = np.lexsort((-accuracy, ~(two_and_two(sides) & ~same_split(sides))))
        shown = int(order[0])
        table = truth_table(main.parameters[:, shown])
        yield regions_figure(NETWORK, main.parameters[:, shown], shown, float(accuracy[shown]), table)
        yield hidden_plane_figure(NETWORK, main.parameters[:, shown], shown)


def truth_table(parameters: Floats) -> list[Region]:
    """Return the four regions of one network's plane, as `FIRES` orders them; ``parameters`` has shape (P,)."""
    data = blobs.load()
    sums, outputs = NETWORK.forward(parameters[:, None], data.x)
    fires = sums[..., 0] > 0  # (rows, units)
    chances = softmax(np.where(np.isfinite(outputs[..., 0]), outputs[..., 0], np.nan), axis=1)  # (rows, classes)
    found = []
    for state in FIRES:
        inside = (fires == state).all(axis=1)
        mean = chances[inside].mean(axis=0) if inside.any() else np.full(chances.shape[1], np.nan)
        known = bool(np.isfinite(mean).all())
        found.append(
            Region(
                fires=state,
                inside=inside,
                winner=int(mean.argmax()) if known else None,
                probability=float(mean.max()) if known else np.nan,
            )
        )
    return found


def regions_used(sides: npt.NDArray[np.str_]) -> npt.NDArray[np.intp]:
    """Return in how many regions of its plane (networks,) a blob mostly lies; ``sides`` has shape (2, networks)."""
    labels = range(len(blobs.CENTERS))
    return np.array([len({(str(k) in one, str(k) in two) for k in labels}) for one, two in sides.T], np.intp)


def _pattern(sides: npt.NDArray[np.str_], fires: tuple[bool, bool]) -> str:
    """Return the name of a region by the blobs on its side of either line; ``sides`` (2,) are the active ones."""
    return "|".join(sorted(str(side) if on else other_side(str(side)) for side, on in zip(sides, fires, strict=True)))


def _points_with_region(parameters: Floats) -> npt.NDArray[np.float64]:
    """Return the share of points (networks,) that are given the class that wins their region."""
    outputs = NETWORK.forward(parameters, blobs.load().x)[-1]
    classes = NETWORK.classify(outputs)  # (rows, networks)
    found = np.zeros(parameters.shape[1])
    for network in range(parameters.shape[1]):
        for region in truth_table(parameters[:, network]):
            found[network] += np.count_nonzero(classes[region.inside, network] == region.winner) / len(classes)
    return found


def _silent_spread(parameters: Floats) -> float | None:
    """Return how far the outputs of points on which no neuron fires lie apart, at the most."""
    sums, outputs = NETWORK.forward(parameters, blobs.load().x)
    silent = np.asarray((sums <= 0).all(axis=1))  # (rows, networks)
    spreads = [
        float(np.ptp(outputs[silent[:, network], :, network], axis=0).max())
        for network in range(parameters.shape[1])
        if silent[:, network].any()
    ]
    return max(spreads, default=None)
