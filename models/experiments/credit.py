"""Follow one roast through a network and back, and see how each neuron learns its own part in the error.

Networks are trained half-way on the coffee data. Then the error of one roast is sent backwards by hand, with every
number in a ledger: what each neuron put out, what reaches it of the error, how much of that it lets through, and what
each of its weights gets. The same is done for all roasts, and three things are checked: the chain rule by hand against
TensorFlow's own gradient, that gradient against nudging each weight, and the mean of the roasts' gradients against the
gradient of the mean.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import final

import numpy as np
from pydantic import Field

from models.backpropagation import backward_pass, finite_differences
from models.ensemble import Optimizer, gradients
from models.experiment import Experiment, Hyperparameters, RandomStart, Rate, Result
from models.figures import Figure
from models.figures.credit import ledger_figure, pushes_figure
from models.labs.coffee import COFFEE
from models.measures import median, quantity, share
from models.plans import Cohort, Plan, Start, reading
from models.readings import Booleans, Floats, among
from models.replay import Moment, Replay
from models.wordings import FullBatchSteps

ADDS_UP = 0.1  # how near the neurons' shares must come to the output's error, in parts of it


class Parameters(Hyperparameters):
    """What can be varied."""

    steps: FullBatchSteps = Field(
        100, ge=1, le=20_000, description="full-batch training steps before the look at the gradients"
    )
    rate: Rate = 0.05
    initializer: RandomStart = "glorot_uniform"


@dataclass(frozen=True, eq=False)
class ByHand:
    """What the chain rule by hand says of each network: of all roasts, and of the one that the network judges worst."""

    mean: Floats  # (P, networks), of the roasts' gradients
    kept: Floats  # (networks,), the mean's length, in parts of the roasts' gradients' mean length
    against: Floats  # (networks,), share of roasts whose gradient points away from the mean
    deltas: Floats  # (units, networks), of the worst-judged roast
    error: Floats  # (networks,), of the worst-judged roast
    roast: int  # that the first network judges worst
    gradient: Floats  # (P, networks), of this roast's own loss


@reading
@np.errstate(invalid="ignore", divide="ignore")  # of networks that diverged
def by_hand(main: Cohort) -> ByHand:
    """Send every roast's error back through every network by hand."""
    found = backward_pass(main.network, main.parameters, main.data)
    mean = found.gradients.mean(axis=0)
    along = (found.gradients * mean).sum(axis=1)  # (roasts, networks)
    worst, every = found.worst, np.arange(main.loss.size)
    return ByHand(
        mean=mean,
        kept=np.linalg.norm(mean, axis=0) / np.linalg.norm(found.gradients, axis=1).mean(axis=0),
        against=np.where(np.isfinite(along).all(axis=0), (along < 0).mean(axis=0), np.nan),
        deltas=found.deltas[worst, :, every].T,
        error=found.errors[worst, 0, every],
        roast=int(worst[0]),
        gradient=found.gradients[worst[0]],
    )


@reading
def by_tensorflow(main: Cohort) -> Floats:
    """Return the gradient (P, networks) of the mean cost that training follows."""
    return gradients(main.network, main.parameters, main.data)


def _largest(differences: Floats) -> float | None:
    """Return the largest absolute difference of (P, networks), over the networks whose numbers are all finite."""
    finite = differences[:, np.isfinite(differences).all(axis=0)]
    return float(np.abs(finite).max()) if finite.size else None


def _chain_rule_error(main: Cohort) -> float | None:
    data, row = main.data, [by_hand(main).roast]
    alone = replace(data, x=data.x[row], targets=data.targets[row], labels=data.labels[row])
    return _largest(by_hand(main).gradient - gradients(main.network, main.parameters, alone))


def _opposite(main: Cohort) -> Booleans:
    up, down = ((sign * by_hand(main).deltas > 0).any(axis=0) for sign in (1, -1))
    return np.asarray(up & down)


def _one_sign(main: Cohort) -> Booleans:
    outgoing = main.network.unpack(main.parameters)[1][0][:, 0]  # (units, networks)
    return np.asarray((outgoing > 0).all(axis=0) | (outgoing < 0).all(axis=0))


def _adds_up(main: Cohort) -> Booleans:
    error = by_hand(main).error
    return np.asarray(np.abs(by_hand(main).deltas.sum(axis=0) - error) <= ADDS_UP * np.abs(error))


def _largest_weight(main: Cohort) -> Booleans:
    outgoing = main.network.unpack(main.parameters)[1][0][:, 0]  # (units, networks)
    largest, heaviest = (np.abs(each).argmax(axis=0) for each in (by_hand(main).deltas, outgoing))
    return np.asarray((largest == heaviest) & ~main.diverged)


@np.errstate(invalid="ignore", divide="ignore")
def _largest_share(main: Cohort) -> Floats:
    sizes = np.abs(by_hand(main).deltas)
    return np.asarray(sizes.max(axis=0) / sizes.sum(axis=0))


def _halved(main: Cohort) -> Booleans:
    return np.asarray(main.loss <= main.untrained.loss / 2)


@final
class Credit(Experiment[Parameters]):
    """Send the error of single roasts back through half-trained networks, and check the sums."""

    title = "How one roast's error reaches each neuron"
    summary = (
        "Follows one roast through half-trained coffee networks and back, writes down every number, and checks the "
        "gradients in three ways."
    )
    parameters = Parameters
    figure_names = ("ledger", "pushes")

    def plans(self, hyperparameters: Parameters) -> Iterator[Plan]:
        """Plan networks that are trained half-way."""
        h = hyperparameters
        yield Plan("main", COFFEE, Start.by(h.initializer), h.steps, Optimizer(rate=h.rate))

    def notes(self, hyperparameters: Parameters) -> dict[str, str]:
        """Say when the gradients are taken, and how exactly."""
        return {
            "steps": f"{hyperparameters.steps:,}, full batch; gradients are those after the last step",
            "by hand": "the chain rule and central differences (step 0.00001) in double precision; TensorFlow's "
            "gradient in single precision",
        }

    measures = (
        quantity(
            "mean_gradient_error",
            "largest difference between the gradient of the mean cost and the mean of the roasts' own gradients, over "
            "all weights and networks",
            "gradient",
            lambda main: _largest(by_hand(main).mean - by_tensorflow(main)),
        ),
        quantity(
            "chain_rule_error",
            "largest difference between the chain rule by hand and the automatic gradient of one roast, over all "
            "weights and networks",
            "gradient",
            _chain_rule_error,
        ),
        quantity(
            "finite_difference_error",
            "largest difference between the automatic gradient of the mean cost and nudging each weight, over all "
            "weights and networks",
            "gradient",
            lambda main: _largest(finite_differences(main.network, main.parameters, main.data) - by_tensorflow(main)),
        ),
        median(
            "gradient_size",
            "largest entry of the gradient of the mean cost (median), to compare with",
            "gradient",
            lambda main: np.abs(by_tensorflow(main)).max(axis=0),
        ),
        median(
            "kept_in_mean",
            "length of the mean gradient, in parts of the mean length of the roasts' own gradients (median)",
            "share of mean length of the roasts' gradients",
            lambda main: by_hand(main).kept,
        ),
        median(
            "against_mean",
            "roasts whose own gradient points away from the mean (median)",
            "share of roasts",
            lambda main: by_hand(main).against,
        ),
        share(
            "opposite_push_share",
            "networks in which one roast, the worst judged, pushes neurons in opposite directions",
            _opposite,
        ),
        share(
            "opposite_push_share.one_sign",
            "of the networks whose outgoing weights all have one sign: those in which that roast pushes neurons in "
            "opposite directions",
            among(_one_sign, _opposite),
        ),
        share(
            "adds_up_share",
            "networks in which the neurons' shares of the worst-judged roast's error add up to that error, within 10 %",
            _adds_up,
        ),
        share(
            "largest_weight_share",
            "networks in which the neuron with the largest outgoing weight also gets the largest share, on the "
            "worst-judged roast",
            _largest_weight,
        ),
        median(
            "largest_share",
            "the largest neuron's part of all three shares, on the worst-judged roast (median)",
            "share of sum",
            _largest_share,
        ),
    )

    replay = Replay(
        {"main": "Each roast's gradient for every weight, in networks of three neurons"},
        groups=lambda main: np.where(_opposite(main), "neurons pushed both up and down", "neurons all pushed one way"),
        counts={"halved": ("have halved the loss at the start", _halved)},
        own_first=True,
        moment=Moment(
            "At least half of the networks have halved their loss. See which roasts still pull.", reading=_halved
        ),
        view="gradients",
    )

    def figures(self, result: Result) -> Iterable[Figure]:
        """Show the ledger of one roast in the run's first network, and the pushes of all roasts on its neurons."""
        yield ledger_figure(result.cohorts["main"])
        yield pushes_figure(result.cohorts["main"])
