"""Plans: each cohort of an experiment as data, and how plans are trained.

Plans that run the same program on the same data, for as many steps and with the same dropout and penalty, are trained
as one ensemble; a network's bits do not depend on its company.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cached_property, wraps
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from models.backpropagation import losses
from models.datasets import Dataset
from models.ensemble import History, Optimizer, Progress, Recording, Timing, Trained, log_spaced, train
from models.initializers import Initializer, start
from models.labs import Lab
from models.network import Network
from models.widths import narrowed, widened

Floats = npt.NDArray[np.float32]
Integers = npt.NDArray[np.integer]
RECORDED = 64  # networks of a cohort whose history is kept, unless its plan says otherwise
BESIDE = 3  # ensembles that are trained side by side
OPTIMIZERS = {"sgd": "plain gradient descent", "momentum": "gradient descent with momentum", "adam": "Adam"}


@dataclass(frozen=True, eq=False)
class Start:
    """Where networks begin: ``draw`` takes a network, a seed and stream indices, and returns (P, networks)."""

    words: str
    draw: Callable[[Network, int, Integers], Floats]

    @classmethod
    def by(cls, rule: Initializer, scale: float = 1.0) -> "Start":
        """Return the start of an initializer; ``scale`` is as for `models.initializers.start`."""

        def draw(network: Network, seed: int, members: Integers) -> Floats:
            return start(network, rule, seed=seed, networks=members, scale=scale)

        return cls(f"{rule}, biases 0", draw)

    def once(self) -> "Start":
        """Return the same start with a memory: what was drawn is not drawn again, and must not be written to."""
        memory: dict[tuple[Network, int, bytes], Floats] = {}

        def draw(network: Network, seed: int, members: Integers) -> Floats:
            key = network, seed, members.tobytes()
            if key not in memory:
                memory[key] = self.draw(network, seed, members)
            return memory[key]

        return Start(self.words, draw)


@dataclass(frozen=True, eq=False)
class Plan:
    """One cohort before its training.

    Args:
        name: the cohort's name.
        lab: network, data and the bar for success.
        start: where the networks begin.
        steps: how many training steps; with 0 the networks are drawn and not trained.
        optimizer: the optimiser with its rate.
        batch: rows of a mini-batch; None, or as many as there are, for the full batch.
        dropout: the probability with which a hidden neuron's output is dropped while training.
        l2: the factor of the sum of squares of the trainable parameters that is added to the loss.
        trainable: what multiplies each parameter's gradient (P, 1); 0 holds a parameter, None trains all.
        width: hidden neurons, where those of the lab's network beyond it are masked.
        members: stream indices, where they are not those of the run.
        recorded: how many networks have a history; None for all.
        aside: the networks are not the run's own, and not counted where the run counts what diverged.
        sample: the networks are drawn at random; if not, they are all there are, and shares of them have no interval.
    """

    name: str
    lab: Lab
    start: Start
    steps: int
    optimizer: Optimizer = field(default_factory=Optimizer)
    batch: int | None = None
    dropout: float = 0.0
    l2: float = 0.0
    trainable: Floats | None = None
    width: int | None = None
    members: Sequence[int] | None = None
    recorded: int | None = RECORDED
    aside: bool = False
    sample: bool = True

    def indices(self, networks: int) -> Integers:
        """Return the stream index of each network, in a run of so many."""
        return np.arange(networks) if self.members is None else np.asarray(self.members, np.intp)

    def cost(self, networks: int) -> int:
        """Return how many network-steps the plan takes in a run of so many networks."""
        return self.steps * (networks if self.members is None else len(self.members))

    def begin(self, seed: int, members: Integers) -> tuple[Floats, Floats]:
        """Draw the start (P, networks), and return it with what multiplies each gradient (P, networks)."""
        network = self.lab.network
        if self.width is None:
            drawn = self.start.draw(network, seed, members)
            trainable = np.ones((network.size, 1), np.float32) if self.trainable is None else self.trainable
        else:
            narrow = narrowed(network, self.width)
            drawn = widened(network, self.start.draw(narrow, seed, members), self.width)
            trainable = widened(network, np.ones((narrow.size, 1), np.float32), self.width)
            trainable = trainable if self.trainable is None else trainable * self.trainable
        return drawn, np.broadcast_to(trainable, drawn.shape)

    @property
    def mini_batch(self) -> int | None:
        """How many rows a mini-batch has; None for the full batch."""
        return self.batch if self.batch and self.batch < len(self.lab.data.x) else None

    @property
    def batch_words(self) -> str:
        """The batch, in words, with what is dropped while it is learned."""
        words = f"shuffled mini-batches of {self.batch}" if self.mini_batch else "full batch"
        return f"{words}, dropout {self.dropout:g}" if self.dropout else words

    def _program(self) -> tuple[Any, ...]:
        """Return what two plans must share to be trained as one ensemble."""
        rule = (self.optimizer.name, self.optimizer.momentum)
        return self.lab.network, id(self.lab.data), rule, self.steps, self.mini_batch, self.dropout, self.l2


R = TypeVar("R")


@dataclass(frozen=True, eq=False)
class Cohort(Trained):
    """The networks of one plan, before and after training."""

    plan: Plan
    memory: dict[str, Any] = field(init=False, default_factory=dict, repr=False)  # what was read off, by reading

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what is large and can be made again when a cohort is sent to another process."""
        return {name: value for name, value in vars(self).items() if name != "over_steps"}

    @property
    def lab(self) -> Lab:
        """The lab of the plan."""
        return self.plan.lab

    @property
    def data(self) -> Dataset:
        """The examples that the networks learned."""
        return self.plan.lab.data

    @property
    def width(self) -> int:
        """How many neurons of the first hidden layer are not masked."""
        return self.plan.width or self.network.sizes[1]

    @cached_property
    def untrained(self) -> "Cohort":
        """The same networks as they began."""
        return _untrained(self.plan, self.start)

    @cached_property
    def over_steps(self) -> "Cohort":
        """The recorded networks at all recorded steps as one cohort of (steps * networks), step after step."""
        history, size = self.history, len(self.history.steps)
        parameters = history.parameters.transpose(1, 0, 2).reshape(self.network.size, -1)
        begin = np.tile(self.start[:, history.networks], (1, size))
        return replace(
            self, start=begin, parameters=parameters, loss=history.loss.reshape(-1), history=_no_history(self.network)
        )


def reading(compute: Callable[[Cohort], R]) -> Callable[[Cohort], R]:
    """Let what ``compute`` reads off a cohort be computed once, however many measures and figures ask for it."""
    name = f"{compute.__module__}.{compute.__qualname__}"

    @wraps(compute)
    def read(cohort: Cohort) -> R:
        if name not in cohort.memory:
            cohort.memory[name] = compute(cohort)
        value: R = cohort.memory[name]
        return value

    return read


def train_plans(plans: Sequence[Plan], *, networks: int, seed: int, progress: Progress) -> dict[str, Cohort]:
    """Train plans, those that can as one ensemble and up to `BESIDE` ensembles side by side; return cohorts by name."""
    ensembles: dict[Any, list[Plan]] = {}
    for plan in plans:
        ensembles.setdefault(plan._program(), []).append(plan)
    starts = {plan.start: plan.start.once() for plan in plans}
    longest_first = sorted(ensembles.values(), key=lambda group: -sum(plan.cost(networks) for plan in group))
    with ThreadPoolExecutor(BESIDE) as pool:
        done = pool.map(lambda group: _train_together(group, starts, networks, seed, progress), longest_first)
        cohorts = {cohort.plan.name: cohort for group in done for cohort in group}
    return {plan.name: cohorts[plan.name] for plan in plans}


def _train_together(
    plans: Sequence[Plan], starts: Mapping[Start, Start], networks: int, seed: int, progress: Progress
) -> list[Cohort]:
    first = plans[0]
    members = [plan.indices(networks) for plan in plans]
    begun = [
        replace(plan, start=starts[plan.start]).begin(seed, each) for plan, each in zip(plans, members, strict=True)
    ]
    ends = np.cumsum([each.size for each in members]).tolist()
    places = [slice(end - each.size, end) for end, each in zip(ends, members, strict=True)]
    if not first.steps:
        return [_untrained(plan, drawn) for plan, (drawn, _) in zip(plans, begun, strict=True)]
    recorded = [
        at for plan, place in zip(plans, places, strict=True) for at in range(place.start, place.stop)[: plan.recorded]
    ]
    rates = [np.full(each.size, plan.optimizer.rate, np.float32) for plan, each in zip(plans, members, strict=True)]
    trained = train(
        first.lab.network,
        np.concatenate([drawn for drawn, _ in begun], axis=1),
        first.lab.data,
        replace(first.optimizer, rate=np.concatenate(rates)),
        steps=first.steps,
        batch_size=first.mini_batch,
        dropout=first.dropout,
        seed=seed,
        networks=np.concatenate(members),
        trainable=np.concatenate([trainable for _, trainable in begun], axis=1),
        l2=first.l2,
        recording=Recording(log_spaced(first.steps), tuple(recorded)) if recorded else None,
        progress=progress,
    )
    parts = [trained.part(place) for place in places]
    return [Cohort(**vars(part), plan=plan) for plan, part in zip(plans, parts, strict=True)]


def _untrained(plan: Plan, drawn: Floats) -> Cohort:
    """Return networks as they were drawn, after no steps at all."""
    network = plan.lab.network
    loss = losses(network, drawn, plan.lab.data).mean(axis=0).astype(np.float32)
    return Cohort(network, 0, drawn, drawn, loss, _no_history(network), Timing(0.0, 0.0), plan)


def _no_history(network: Network) -> History:
    nothing = np.empty(0, np.intp)
    return History(nothing, nothing, np.empty((0, network.size, 0), np.float32), np.empty((0, 0), np.float32))
