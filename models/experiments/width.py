"""Ask how many hidden neurons are needed, and why more of them succeed more often.

Networks of several widths are trained on the four blobs and on XOR; the narrow ones are the wide one with masked
neurons, so that one program trains them all. Two neurons can do either task, if they do different work. So it is
counted who has two such neurons before training, by the luck of the draw, and who has them after it; how many neurons
are dead; and in how many of the successful networks two neurons alone would do.
"""

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import combinations
from typing import ClassVar, final

import numpy as np
import numpy.typing as npt
from pydantic import Field

from models.datasets import Dataset, blobs, xor
from models.ensemble import Optimizer, Progress, Recording, Trained, log_spaced, train
from models.experiment import Declared, Experiment, Findings, Hyperparameters, RandomStart, Rate, Result
from models.figures import Figure
from models.figures.width import spare_figure, success_figure
from models.network import Network, activate
from models.splits import active_sides
from models.success import MARGIN, succeeded
from models.widths import narrow_start

BLOBS = Network((2, 8, 4), "relu", "softmax_crossentropy")
XOR = Network((2, 10, 1), "relu", "binary_crossentropy")
WIDTHS = {"blobs": (1, 2, 3, 4, 8), "xor": (2, 4, 6, 8, 10)}
ZERO_ONE = 4  # hidden neurons with which the corners from 0 to 1 are tried


class Parameters(Hyperparameters):
    """What can be varied."""

    steps: int = Field(800, ge=1, le=10_000, description="training steps on the blobs")
    xor_steps: int = Field(2_000, ge=1, le=10_000, description="training steps on XOR")
    rate: Rate = 0.01
    initializer: RandomStart = "glorot_uniform"


@final
class Width(Experiment[Parameters]):
    """Count successes by the number of hidden neurons, and look for the two neurons that each success needs."""

    title = "How many hidden neurons, and why more succeed more often"
    summary = "Trains networks of 1 to 10 ReLU neurons on four blobs and on XOR, and counts who succeeds."
    parameters = Parameters
    declared: ClassVar = {
        "success.blobs.<h>": Declared("share", "networks of {h} hidden neurons that get 99 % of the blobs right"),
        "success.xor.<h>": Declared("share", "networks of {h} hidden neurons that get all four corners of XOR right"),
        "success.xor_zero_one.<h>": Declared(
            "share", "networks of {h} hidden neurons that get XOR right when its corners lie at 0 and 1"
        ),
        "pair_at_start.<data>.<h>": Declared(
            "share", "networks of {h} hidden neurons of which two divide the work on {data} already before training"
        ),
        "pair_at_end.<data>.<h>": Declared(
            "share", "networks of {h} hidden neurons of which two divide the work on {data} after training"
        ),
        "success_with_pair.<data>": Declared(
            "share",
            "of the networks of all widths in which two neurons divide the work on {data} before training: "
            "those that succeed",
        ),
        "success_without_pair.<data>.<h>": Declared(
            "share",
            "of the networks of {h} hidden neurons in which no two divide the work on {data} before training: "
            "those that succeed",
        ),
        "two_suffice.xor.<h>": Declared(
            "share",
            "of the successful networks of {h} hidden neurons: those in which some two neurons, all others "
            "switched off, still get XOR right",
        ),
        "dead.<data>.<h>": Declared(
            "quantity", "dead neurons after training on {data}, mean over the networks of {h}", "neurons"
        ),
        "accuracy.blobs.1": Declared(
            "quantity", "accuracy with 1 hidden neuron on the blobs (median)", "share of points"
        ),
        "best_accuracy.blobs.1": Declared(
            "quantity", "the best accuracy of a network with 1 hidden neuron on the blobs", "share of points"
        ),
        "diverged_share": Declared("share", "networks with a loss or weight that is no finite number, at any width"),
    }

    def setup(self, hyperparameters: Parameters) -> dict[str, str]:
        """Describe the set-up."""
        return {
            "data": "four blobs, 100 points; XOR, the four corners of the square from -1 to 1",
            "network": "ReLU hidden neurons; blobs: 1, 2, 3, 4 or 8 and 4 outputs; XOR: 2, 4, 6, 8 or 10 and 1 output",
            "initialiser": f"{hyperparameters.initializer} by each width, biases 0",
            "loss": "softmax cross-entropy on the blobs, binary cross-entropy on XOR",
            "optimiser": f"Adam, rate {hyperparameters.rate:g}",
            "steps": f"{hyperparameters.steps:,} on the blobs, {hyperparameters.xor_steps:,} on XOR, full batch",
            "success": f"blobs: 99 % of the points right; XOR: all four corners right by {MARGIN:g} of a logit or more",
            "two that divide the work": "blobs: two neurons split the blobs two and two, in different ways; XOR: two "
            "neurons answer most strongly to the two corners of one class, and speak for that class",
        }

    def cost(self, hyperparameters: Parameters, networks: int) -> int:
        """Count every width, and XOR from 0 to 1 at one width."""
        widths = {name: len(each) for name, each in WIDTHS.items()}
        return networks * (widths["blobs"] * hyperparameters.steps + (widths["xor"] + 1) * hyperparameters.xor_steps)

    def train(self, hyperparameters: Parameters, *, networks: int, seed: int, progress: Progress) -> dict[str, Trained]:
        """Train all widths on each data set as one ensemble, the data sets side by side."""
        members = np.arange(networks)

        def trained(network: Network, data: Dataset, widths: tuple[int, ...], steps: int) -> list[Trained]:
            starts = [
                narrow_start(network, width, hyperparameters.initializer, seed=seed, networks=members)
                for width in widths
            ]
            shown = min(networks, 64)
            every = train(
                network,
                np.concatenate([start for start, _ in starts], axis=1),
                data,
                Optimizer(rate=hyperparameters.rate),
                steps=steps,
                seed=seed,
                networks=np.tile(members, len(widths)),
                trainable=np.concatenate([trainable for _, trainable in starts], axis=1),
                recording=Recording(
                    log_spaced(steps), tuple(at * networks + k for at in range(len(widths)) for k in range(shown))
                ),
                progress=progress,
            )
            return [every.part(slice(at * networks, (at + 1) * networks)) for at in range(len(widths))]

        with ThreadPoolExecutor(3) as beside:
            on_blobs = beside.submit(trained, BLOBS, blobs.load(), WIDTHS["blobs"], hyperparameters.steps)
            on_xor = beside.submit(trained, XOR, xor.load(), WIDTHS["xor"], hyperparameters.xor_steps)
            on_zero_one = beside.submit(trained, XOR, xor.load(0), (ZERO_ONE,), hyperparameters.xor_steps)
            cohorts = {f"blobs.{h}": each for h, each in zip(WIDTHS["blobs"], on_blobs.result(), strict=True)}
            cohorts |= {f"xor.{h}": each for h, each in zip(WIDTHS["xor"], on_xor.result(), strict=True)}
            return cohorts | {f"xor_zero_one.{ZERO_ONE}": on_zero_one.result()[0]}

    def measure(self, cohorts: Mapping[str, Trained], findings: Findings) -> None:
        """Count who succeeds at each width, and who had and who has two neurons that divide the work."""
        findings.share("diverged_share", np.any([trained.diverged for trained in cohorts.values()], axis=0))
        pairs, data = {"blobs": blobs_pair, "xor": xor_pair}, {"blobs": blobs.load(), "xor": xor.load()}
        for name, widths in WIDTHS.items():
            with_pair = []
            for h in widths:
                trained = cohorts[f"{name}.{h}"]
                success = succeeded(trained.network, trained.parameters, data[name])
                before, after = pairs[name](trained.start, h), pairs[name](trained.parameters, h)
                with_pair.append(success[before])
                findings.share(f"success.{name}.{h}", success)
                findings.share(f"pair_at_start.{name}.{h}", before)
                findings.share(f"pair_at_end.{name}.{h}", after)
                findings.share(f"success_without_pair.{name}.{h}", success[~before])
                findings.quantity(f"dead.{name}.{h}", float(_dead(trained, data[name], h).mean()))
                if name == "xor":
                    findings.share(f"two_suffice.xor.{h}", two_suffice(trained.parameters[:, success], h))
            findings.share(f"success_with_pair.{name}", np.concatenate(with_pair))
        one = BLOBS.accuracy(cohorts["blobs.1"].parameters, data["blobs"].x, data["blobs"].labels)
        findings.median("accuracy.blobs.1", one)
        findings.quantity("best_accuracy.blobs.1", float(one.max()))
        zero_one = cohorts[f"xor_zero_one.{ZERO_ONE}"]
        findings.share(f"success.xor_zero_one.{ZERO_ONE}", succeeded(XOR, zero_one.parameters, xor.load(0)))

    def figures(self, result: Result) -> Iterable[Figure]:
        """Show success against width, and the two of ten neurons that would do."""
        yield success_figure(result, WIDTHS)
        widest = result.cohorts["xor.10"].parameters
        found = np.flatnonzero(succeeded(XOR, widest, xor.load()) & two_suffice(widest, 10))
        shown = int(found[0]) if found.size else 0
        yield spare_figure(result, xor.load(), shown, _sufficient_pair(widest[:, shown], 10))


def blobs_pair(parameters: npt.NDArray[np.float32], width: int) -> npt.NDArray[np.bool_]:
    """Say for each network (networks,) whether two neurons split the blobs two and two, in different ways."""
    sides = active_sides(BLOBS, parameters, blobs.load())[:width]
    # The third way to part four blobs two and two, 03 from 12, is none that a line can draw.
    return np.asarray(np.isin(sides, ["01", "23"]).any(axis=0) & np.isin(sides, ["02", "13"]).any(axis=0))


def xor_pair(parameters: npt.NDArray[np.float32], width: int) -> npt.NDArray[np.bool_]:
    """Say for each network (networks,) whether two neurons serve the two corners of one class of XOR.

    A neuron serves the corner to which it answers most strongly, if its outgoing weight speaks for that corner's class.
    """
    labels = xor.load().labels
    outgoing, _ = XOR.unpack(parameters)[1]
    values = _values(parameters, width)  # (4, width, networks)
    strongest = values.argmax(axis=0)  # (width, networks)
    speaks = np.sign(outgoing[:width, 0]) == np.where(labels[strongest] == 1, 1, -1)
    serves = speaks & (values.max(axis=0) > 0)
    served = np.stack([(serves & (strongest == corner)).any(axis=0) for corner in range(4)])  # (4, networks)
    return np.asarray(served[labels == 1].all(axis=0) | served[labels == 0].all(axis=0))


def two_suffice(parameters: npt.NDArray[np.float32], width: int) -> npt.NDArray[np.bool_]:
    """Say for each network (networks,) whether some two of its neurons get XOR right with all others switched off."""
    return np.asarray(np.any([right for _, right in _pairs_alone(parameters, width)], axis=0))


def _sufficient_pair(parameters: npt.NDArray[np.float32], width: int) -> tuple[int, ...]:
    """Return the first two neurons of one network (P,) that get XOR right alone; nothing where there are none."""
    return next((pair for pair, right in _pairs_alone(parameters[:, None], width) if right[0]), ())


def _pairs_alone(
    parameters: npt.NDArray[np.float32], width: int
) -> Iterable[tuple[tuple[int, int], npt.NDArray[np.bool_]]]:
    """Yield every two neurons, and for each network (networks,) whether they get XOR right alone."""
    outgoing, output_bias = XOR.unpack(parameters)[1]
    sign = np.where(xor.load().labels == 1, 1, -1)[:, None]
    parts = _values(parameters, width) * outgoing[:width, 0]  # (4, width, networks)
    for one, two in combinations(range(width), 2):
        yield (one, two), (sign * (parts[:, one] + parts[:, two] + output_bias[0]) >= MARGIN).all(axis=0)


def _values(parameters: npt.NDArray[np.float32], width: int) -> npt.NDArray[np.floating]:
    """Return the outputs (4, width, networks) of the first ``width`` hidden neurons at the corners of XOR."""
    return activate(XOR.activation, XOR.forward(parameters, xor.load().x)[0][:, :width])


def _dead(trained: Trained, data: Dataset, width: int) -> npt.NDArray[np.intp]:
    """Count each network's (networks,) neurons that fire on no example."""
    fires = trained.network.forward(trained.parameters, data.x)[0][:, :width] > 0  # (rows, width, networks)
    return np.asarray((~fires.any(axis=0)).sum(axis=0))
