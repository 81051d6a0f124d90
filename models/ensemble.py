"""Train an ensemble of any size: cut into blocks of 64, handed to a small pool of threads.

Reproducible means: network k of seed s ends the same to the last bit alone or among a thousand, with one thread or
four, on the same versions and an x86-64 CPU with FMA. For that every block is padded to 64, every network draws from
its own streams, and every random thing is a function of (seed, network, purpose).
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from threading import Lock
from time import perf_counter
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from models.datasets import Dataset
from models.network import Network
from models.streams import Purpose, streams

if TYPE_CHECKING:
    from models import training

Floats = npt.NDArray[np.float32]
Integers = npt.NDArray[np.integer]
Progress = Callable[[int], None]
OptimizerName = Literal["sgd", "momentum", "adam"]

# Full-batch blocks report their progress, and can be stopped, each time they have done so many steps.
LONGEST_SEGMENT = 2_000


@dataclass(frozen=True, eq=False)
class Optimizer:
    """An optimiser by Keras' definition; ``rate`` is one number, or one for each network (networks,)."""

    name: OptimizerName = "adam"
    rate: float | Floats = 0.01
    momentum: float = 0.9


@dataclass(frozen=True, eq=False)
class Recording:
    """Which steps of which networks to keep; ``networks`` are positions in the ensemble."""

    steps: tuple[int, ...]
    networks: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class History:
    """Recorded parameters (steps, P, networks) and losses (steps, networks) at ``steps``, of the chosen networks."""

    steps: npt.NDArray[np.intp]
    networks: npt.NDArray[np.intp]
    parameters: Floats
    loss: Floats


@dataclass(frozen=True)
class Timing:
    """Wall-clock seconds: of compilation, where the program was not ready yet, and of training."""

    compile: float
    train: float


@dataclass(frozen=True, eq=False)
class Trained:
    """An ensemble before and after training: parameters (P, networks) and the loss (networks,).

    The loss is the mean over all examples, without dropout and without penalty.
    """

    network: Network
    steps: int
    start: Floats
    parameters: Floats
    loss: Floats
    history: History
    timing: Timing  # of the whole ensemble, also for a part of it

    @cached_property
    def diverged(self) -> npt.NDArray[np.bool_]:
        """Whether each network (networks,) ended with a loss or a parameter that is no finite number."""
        return ~(np.isfinite(self.loss) & np.isfinite(self.parameters).all(axis=0))

    def part(self, positions: slice) -> "Trained":
        """Return some of the networks, in ascending order; of the history what is recorded of them."""
        inside = np.arange(self.loss.size)[positions]
        chosen = np.isin(self.history.networks, inside)
        history = History(
            self.history.steps,
            np.searchsorted(inside, self.history.networks[chosen]),
            self.history.parameters[..., chosen],
            self.history.loss[:, chosen],
        )
        return replace(
            self,
            start=self.start[:, positions],
            parameters=self.parameters[:, positions],
            loss=self.loss[positions],
            history=history,
        )


def log_spaced(steps: int, count: int = 40) -> tuple[int, ...]:
    """Return up to ``count`` whole steps from 0 to ``steps``, evenly spaced on a logarithmic axis."""
    spaced = {round(step) for step in np.geomspace(1, steps, count - 1)} if steps else set()
    return tuple(sorted({0, steps} | spaced))


def train(
    network: Network,
    start: Floats,
    data: Dataset,
    optimizer: Optimizer,
    *,
    steps: int,
    batch_size: int | None = None,
    dropout: float = 0.0,
    seed: int = 0,
    networks: Sequence[int] | Integers | None = None,
    trainable: Floats | None = None,
    l2: float = 0.0,
    recording: Recording | None = None,
    progress: Progress | None = None,
    threads: int | None = None,
) -> Trained:
    """Train every network of ``start`` (P, networks) on the same data for ``steps`` steps.

    Args:
        network: what each of them is.
        start: the parameters before the first step.
        data: the examples.
        optimizer: the optimiser and its rate.
        steps: how many steps, each on one batch.
        batch_size: rows of a mini-batch, in an order shuffled for each network and epoch; None for the full batch.
        dropout: the probability in [0, 1) with which each hidden neuron's output is dropped while training.
        seed: the seed of the orders and the dropout masks.
        networks: each network's index among the streams of ``seed``; 0, 1, 2, ... unless given.
        trainable: 1 for each parameter (P, networks) or (P, 1) that may change, 0 for one that is held.
        l2: the factor of the sum of squares of the trainable parameters that is added to the loss.
        recording: which steps of which networks to keep.
        progress: called with the number of network-steps done since the last call; what it raises stops the training.
        threads: how many blocks are trained at once; one more than there are cores unless given.

    Raises:
        ValueError: an argument is out of its range or of a wrong shape.

    """
    from models import training  # noqa: PLC0415 - TensorFlow takes seconds to load, and only training needs it

    count = start.shape[1] if start.ndim == 2 else 0
    members = np.arange(count) if networks is None else np.asarray(networks)
    rates = np.asarray(optimizer.rate, np.float32)
    held = np.asarray(1 if trainable is None else trainable, np.float32)
    _check_shapes(network, start, data, members, rates, held)
    _check_settings(optimizer, steps, batch_size, dropout)
    if recording is not None:
        _check_recording(recording, count)
    program = training.Program(
        network=network,
        rule=training.Rule(name=optimizer.name, momentum=optimizer.momentum),
        examples=len(data.x),
        batch=None if batch_size is None or batch_size >= len(data.x) else batch_size,
        dropout=dropout > 0,
    )
    compile_seconds = training.prepare(program)
    began = perf_counter()
    rates, held = np.broadcast_to(rates, (count,)), np.broadcast_to(held, start.shape)
    padding = ((0, training.padded(len(data.x)) - len(data.x)), (0, 0))
    x, targets = np.pad(data.x, padding), np.pad(data.targets, padding)
    parameters, loss = np.empty(start.shape, np.float32), np.empty(count, np.float32)
    history = _empty_history(network, recording, steps)
    reporting = Lock()

    def run(begin: int) -> None:
        """Train the block that begins with network ``begin``."""
        size = min(training.BLOCK, count - begin)
        wanted = np.minimum(np.arange(begin, begin + training.BLOCK), count - 1)  # the last one fills up the block
        keys = _keys(seed, members[wanted]) if program.dropout else np.zeros((2, training.BLOCK), np.uint32)
        block = training.Block.of(
            x=x,
            targets=targets,
            rate=rates[wanted],
            trainable=held[:, wanted],
            l2=np.full(training.BLOCK, l2, np.float32),
            dropout=np.float32(dropout),
            keys=keys,
        )
        columns = np.flatnonzero((history.networks >= begin) & (history.networks < begin + size))
        marks = history.steps.tolist() if columns.size else []
        orders = _Orders(program, training.order_shape(program), seed, members[wanted])
        state: Any = np.asarray(start[:, wanted], np.float32)
        slots = training.fresh_slots(program, state)
        first = 0
        for last in sorted({*marks, *range(orders.every, steps, orders.every), steps}):
            chunk, at = orders.containing(first, steps)
            state, slots, end = training.advance(program, block, state, slots, first, last, chunk, at)
            if last in marks:
                row = marks.index(last)
                history.parameters[row][:, columns] = np.asarray(state)[:, history.networks[columns] - begin]
                history.loss[row, columns] = np.asarray(end)[history.networks[columns] - begin]
            if progress is not None:
                with reporting:
                    progress(size * (last - first))
            first = last
        parameters[:, begin : begin + size] = np.asarray(state)[:, :size]
        loss[begin : begin + size] = np.asarray(end)[:size]

    firsts = range(0, count, training.BLOCK)
    with ThreadPoolExecutor(min(threads or training.CORES + 1, len(firsts))) as pool:
        list(pool.map(run, firsts))
    timing = Timing(compile_seconds, perf_counter() - began)
    return Trained(network, steps, start, parameters, loss, history, timing)


def gradients(network: Network, parameters: Floats, data: Dataset) -> Floats:
    """Return each network's gradient (P, networks) of its mean loss over all examples.

    ``parameters`` has shape (P, networks).
    """
    from models import training  # noqa: PLC0415 - TensorFlow takes seconds to load, and only training needs it

    weight = np.full(len(data.x), 1 / len(data.x), np.float32)
    found = training.gradients(
        network, training.constant(parameters), data.x[:, :, None], data.targets[:, :, None], weight
    )
    return np.asarray(found)


class _Orders:
    """The order in which each network of a block visits its examples, in chunks of whole epochs."""

    def __init__(self, program: "training.Program", shape: tuple[int, int, int], seed: int, members: Integers) -> None:
        self._batches = -(-program.examples // program.batch) if program.batch else 0  # of an epoch
        self.every = shape[1] * self._batches if program.batch else LONGEST_SEGMENT
        self._at = -self.every
        self._generators = streams(seed, members, Purpose.ORDER) if program.batch else []
        self._chunk = np.zeros(shape, np.uint32)  # (B, epochs, examples), filled anew for each chunk

    def containing(self, step: int, steps: int) -> tuple[npt.NDArray[np.int32], int]:
        """Return the chunk (B, epochs, examples) that holds ``step`` of ``steps``, and its first step.

        Chunks are asked for in turn; each takes the place of the one before.
        """
        while step >= self._at + self.every:
            self._at += self.every
            if self._generators:
                self._draw(-(-min(self.every, steps - self._at) // self._batches))
        return self._chunk.view(np.int32), self._at

    def _draw(self, epochs: int) -> None:
        """Shuffle ``epochs`` epochs for each network: sort random numbers that carry the examples in their low bits.

        This is three times as fast as shuffling row by row. Two of the numbers agree in all their random bits about
        once in 7,000 epochs of 100 examples; these two then keep their order.
        """
        examples = self._chunk.shape[-1]
        low = np.uint32(2 ** (examples - 1).bit_length() - 1)
        for network, generator in enumerate(self._generators):
            self._chunk[network, :epochs] = generator.integers(2**32, size=(epochs, examples), dtype=np.uint32)
        numbers = self._chunk[:, :epochs]
        numbers &= ~low
        numbers |= np.arange(examples, dtype=np.uint32)
        numbers.sort(axis=-1)
        numbers &= low


def _keys(seed: int, members: Integers) -> npt.NDArray[np.uint32]:
    """Return each network's key (2, networks) for its dropout masks."""
    found = [np.random.SeedSequence(seed, spawn_key=(int(k), Purpose.DROPOUT)).generate_state(2) for k in members]
    return np.stack(found, axis=1)


def _empty_history(network: Network, recording: Recording | None, steps: int) -> History:
    """Return a history to be filled, with no rows where nothing is recorded."""
    marks = sorted({step for step in recording.steps if step <= steps}) if recording else []
    chosen = sorted(set(recording.networks)) if recording else []
    return History(
        np.array(marks, np.intp),
        np.array(chosen, np.intp),
        np.empty((len(marks), network.size, len(chosen)), np.float32),
        np.empty((len(marks), len(chosen)), np.float32),
    )


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise ValueError(message)


def _check_shapes(
    network: Network, start: Floats, data: Dataset, members: Integers, rates: Floats, held: Floats
) -> None:
    size = network.size
    _require(
        start.ndim == 2 and len(start) == size and start.size > 0,
        f"start must have shape ({size}, networks), not {start.shape}",
    )
    count = start.shape[1]
    _require(members.shape == (count,), f"networks must name {count} networks, not {members.size}")
    _require(rates.shape in {(), (count,)}, f"rate must be one number or {count}, not of shape {rates.shape}")
    fits = held.shape in {(), (size, 1), (size, count)}
    _require(fits, f"trainable must have shape ({size}, 1) or ({size}, {count}), not {held.shape}")
    features, outputs = data.x.shape[1], data.targets.shape[1]
    fits = (features, outputs) == (network.sizes[0], network.sizes[-1])
    _require(fits, f"data with {features} features and {outputs} targets is not for {network}")


def _check_settings(optimizer: Optimizer, steps: int, batch_size: int | None, dropout: float) -> None:
    names = get_args(OptimizerName)
    _require(optimizer.name in names, f"optimizer must be one of {', '.join(names)}, not {optimizer.name!r}")
    _require(0 <= steps < 2**31, f"steps must be from 0 to {2**31 - 1}, not {steps}")
    _require(batch_size is None or batch_size >= 1, f"batch_size must be 1 or more, not {batch_size}")
    _require(0 <= dropout < 1, f"dropout must be at least 0 and below 1, not {dropout}")


def _check_recording(recording: Recording, count: int) -> None:
    _require(min(recording.steps, default=0) >= 0, "recording must name steps from 0 on")
    _require(set(recording.networks) <= set(range(count)), f"recording must name networks from 0 to {count - 1}")
