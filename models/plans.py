"""Plans: each cohort of an experiment as data, before and after its training.

`models.plan_training` trains them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, wraps
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from models.backpropagation import losses
from models.datasets import Dataset
from models.ensemble import Optimizer
from models.history import History, Timing, Trained
from models.initializers import Initializer, start
from models.labs import Lab
from models.network import Network
from models.samples import Sampler
from models.widths import narrowed, widened

Floats = npt.NDArray[np.float32]
Integers = npt.NDArray[np.integer]
RECORDED = 64  # networks of a cohort whose history is kept, unless its plan says otherwise
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
            return start(network, rule, seed=seed, members=members, scale=scale)

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
        penalise_biases: whether that sum counts biases too; Keras' ``kernel_regularizer`` counts weights alone.
        trainable: what multiplies each parameter's gradient (P, 1); 0 holds a parameter, None trains all.
        width: hidden neurons, where those of the lab's network beyond it are masked.
        members: stream indices, where they are not those of the run.
        recorded: how many networks have a history; None for all.
        aside: the networks are not the run's own, and not counted where the run counts what diverged.
        sample: the networks are drawn at random; if not, they are all there are, and shares of them have no interval.
        learned: examples of each network's own, which it learns in the place of the lab's data; the cohort has curves.
        held_back: examples of each network's own that are measured and not learned; takes ``learned``.
        curve_every: after how many steps each loss and accuracy is kept; the first and last step always are.
        padded_to: the network of the program, where that of the lab is padded to run together with deeper ones.
        continues: the name of the plan at whose ends the networks begin, with the optimiser's memory empty; the
            ``start`` is not asked.
    """

    name: str
    lab: Lab
    start: Start
    steps: int
    optimizer: Optimizer = field(default_factory=Optimizer)
    batch: int | None = None
    dropout: float = 0.0
    l2: float = 0.0
    penalise_biases: bool = True
    trainable: Floats | None = None
    width: int | None = None
    members: Sequence[int] | None = None
    recorded: int | None = RECORDED
    aside: bool = False
    sample: bool = True
    learned: Sampler | None = None
    held_back: Sampler | None = None
    curve_every: int = 0
    padded_to: Network | None = None
    continues: str | None = None

    def __post_init__(self) -> None:
        if self.held_back is not None and self.learned is None:
            raise ValueError(f"{self.name}: what is held back takes examples of each network's own to learn")
        if self.padded_to is not None and self.width is not None:
            raise ValueError(f"{self.name}: a padded network is as wide as its own layers; it takes no width")

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
    def examples(self) -> int:
        """How many examples a network learns, rows of weight 0 included."""
        return len(self.lab.data.x) if self.learned is None else self.learned.rows

    @property
    def mini_batch(self) -> int | None:
        """How many rows a mini-batch has; None for the full batch."""
        return self.batch if self.batch and self.batch < self.examples else None

    @property
    def curve_steps(self) -> tuple[int, ...]:
        """The steps at which loss and accuracy are kept, besides the first and the last."""
        return tuple(range(0, self.steps, self.curve_every)) if self.curve_every else ()

    @property
    def batch_words(self) -> str:
        """The batch, in words, with what is dropped while it is learned."""
        words = f"shuffled mini-batches of {self.batch}" if self.mini_batch else "full batch"
        return f"{words}, dropout {self.dropout:g}" if self.dropout else words

    @property
    def data_words(self) -> str:
        """The data that the networks learn, in words."""
        return self.lab.data_words if self.learned is None else self.learned.words

    @property
    def penalty(self) -> Floats:
        """The factor of each parameter's square, (P, 1)."""
        network = self.lab.network
        found = np.full((network.size, 1), self.l2, np.float32)
        if not self.penalise_biases:
            for at in network.layers:
                found[at.bias] = 0
        return found

    @property
    def program(self) -> tuple[Any, ...]:
        """What two plans must share to be trained as one ensemble."""
        own = self.learned and (self.learned.rows, self.held_back and self.held_back.rows, self.curve_every)
        data = own or id(self.lab.data)
        network = self.padded_to or self.lab.network
        return network, self.padded_to is None, data, self.optimizer.name, self.steps, self.mini_batch, self.dropout


R = TypeVar("R")


@dataclass(frozen=True, eq=False)
class Cohort(Trained):
    """The networks of one plan, before and after training."""

    plan: Plan = field(kw_only=True)
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
        begun = untrained(self.plan, self.start)
        if self.curves is None:
            return begun
        curves = self.curves.part(slice(None), last=1)
        return replace(begun, loss=curves.loss[0], curves=curves)

    @cached_property
    def over_steps(self) -> "Cohort":
        """The recorded networks at all recorded steps as one cohort of (steps * networks), step after step."""
        history, size = self.history, len(self.history.steps)
        parameters = history.parameters.transpose(1, 0, 2).reshape(self.network.size, -1)
        begin = np.tile(self.start[:, history.positions], (1, size))
        return replace(
            self,
            start=begin,
            parameters=parameters,
            loss=history.loss.reshape(-1),
            history=no_history(self.network),
            curves=None,
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


def untrained(plan: Plan, drawn: Floats) -> Cohort:
    """Return networks as they were drawn, after no steps at all, with their loss on the lab's data."""
    network = plan.lab.network
    loss = losses(network, drawn, plan.lab.data).mean(axis=0).astype(np.float32)
    return Cohort(network, 0, drawn, drawn, loss, no_history(network), Timing(0.0, 0.0), plan=plan)


def no_history(network: Network) -> History:
    """Return a history of no steps and no networks."""
    nothing = np.empty(0, np.intp)
    return History(nothing, nothing, np.empty((0, network.size, 0), np.float32), np.empty((0, 0), np.float32))
