"""Train an ensemble of any size: cut into blocks of 64, handed to a small pool of threads.

Reproducible means: network k of seed s ends the same to the last bit alone or among a thousand, with one thread or
four, on the same versions and an x86-64 CPU with FMA. For that every block is padded to 64, every network draws from
its own streams, and every random thing is a function of (seed, network, purpose).
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from threading import Lock
from time import perf_counter
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from models.checks import check_arrays, check_examples, check_recording, check_settings, check_sizes
from models.curves import Curves, RunningMean
from models.datasets import Dataset
from models.history import Recording, Timing, Trained, empty_curves, empty_history, keep
from models.network import ACTIVATION_NAMES, Activation, Network
from models.orders import Orders, segments
from models.program import BLOCK, Program, Rule, padded
from models.samples import OwnData
from models.streams import Purpose

Floats = npt.NDArray[np.float32]
Integers = npt.NDArray[np.integer]
Progress = Callable[[int], None]
OptimizerName = Literal["sgd", "momentum", "adam"]


@dataclass(frozen=True, eq=False)
class Optimizer:
    """An optimiser by Keras' definition.

    ``rate``, and the coefficient ``momentum`` that only the optimiser of this name reads, are one number each, or one
    for each network (networks,).
    """

    name: OptimizerName = "adam"
    rate: float | Floats = 0.01
    momentum: float | Floats = 0.9


def train(
    network: Network,
    start: Floats,
    data: Dataset | OwnData,
    optimizer: Optimizer,
    *,
    steps: int,
    batch_size: int | None = None,
    dropout: float = 0.0,
    seed: int = 0,
    members: Sequence[int] | Integers | None = None,
    trainable: Floats | None = None,
    l2: float | Floats = 0.0,
    activations: npt.NDArray[np.str_] | None = None,
    recording: Recording | None = None,
    progress: Progress | None = None,
    threads: int | None = None,
) -> Trained:
    """Train every network of ``start`` (P, networks) for ``steps`` steps.

    Args:
        network: what each of them is.
        start: the parameters before the first step.
        data: the examples, the same for all networks or each network's own.
        optimizer: the optimiser and its rate.
        steps: how many steps, each on one batch.
        batch_size: rows of a mini-batch, in an order shuffled for each network and epoch; None for the full batch.
        dropout: the probability in [0, 1) with which each hidden neuron's output is dropped while training.
        seed: the seed of the orders and the dropout masks.
        members: each network's index among the streams of ``seed``; 0, 1, 2, ... unless given.
        trainable: 1 for each parameter (P, networks) or (P, 1) that may change, 0 for one that is held.
        l2: the factor of each trainable parameter's square that is added to the loss: one number, or one for each
            parameter, (P, 1) or (P, networks), as where weights are penalised and biases are not.
        activations: names (hidden layers, networks) where layers and networks differ in their activation.
        recording: which steps of which networks to keep.
        progress: called with the number of network-steps done since the last call; what it raises stops the training.
        threads: how many blocks are trained at once; one more than there are cores unless given.

    Raises:
        ValueError: an argument is out of its range or of a wrong shape.

    """
    from models import training  # noqa: PLC0415 - TensorFlow takes seconds to load, and only training needs it

    count = start.shape[1] if start.ndim == 2 else 0
    indices = np.arange(count) if members is None else np.asarray(members)
    rates, momenta = np.asarray(optimizer.rate, np.float32), np.asarray(optimizer.momentum, np.float32)
    free = np.asarray(1 if trainable is None else trainable, np.float32)
    penalty = np.asarray(l2, np.float32)
    check_arrays(network, start, indices, rates, momenta, free, penalty, activations)
    check_settings(optimizer.name, get_args(OptimizerName), steps, batch_size, dropout)
    if recording is not None:
        check_recording(recording, count, own=isinstance(data, OwnData))
    program = _program(network, optimizer, data, batch_size, dropout, own_activations=activations is not None)
    arrays_of = _arrays(program, data)
    compile_seconds = training.prepare(program)
    began = perf_counter()
    rates, momenta = np.broadcast_to(rates, (count,)), np.broadcast_to(momenta, (count,))
    free, penalty = np.broadcast_to(free, start.shape), np.broadcast_to(penalty, start.shape)
    parameters, loss = np.empty(start.shape, np.float32), np.empty(count, np.float32)
    history = empty_history(network, recording, steps)
    curves = empty_curves(recording, steps, count) if program.own_examples else Curves.blank((), count)
    reporting = Lock()

    def run(begin: int) -> None:
        """Train the block that begins with network ``begin``."""
        size = min(BLOCK, count - begin)
        wanted = np.minimum(np.arange(begin, begin + BLOCK), count - 1)  # the last one fills up the block
        arrays = arrays_of(wanted)
        if activations is not None:
            arrays["activations"] = _places(activations[:, wanted])
        block = training.Block.of(
            **arrays,
            rate=rates[wanted],
            momentum=momenta[wanted],
            trainable=free[:, wanted],
            l2=penalty[:, wanted],
            dropout=np.float32(dropout),
            keys=_keys(seed, indices[wanted]) if program.dropout else np.zeros((2, BLOCK), np.uint32),
        )
        recorded = np.any((history.positions >= begin) & (history.positions < begin + size))
        marks = {*(history.steps.tolist() if recorded else ()), *curves.steps.tolist()}
        orders = Orders(program, seed, indices[wanted])
        state: Any = np.asarray(start[:, wanted], np.float32)
        slots = training.fresh_slots(program, state)
        first, shown = 0, RunningMean(BLOCK, program.visited)
        for ends in segments({*marks, steps}, orders.every):
            chunk, at = orders.containing(first, steps)
            state, slots, kept = training.advance(program, block, state, slots, first, ends, chunk, at)
            keep(history, curves, slice(begin, begin + size), ends, kept, shown)
            if progress is not None:
                with reporting:
                    progress(size * (ends[-1] - first))
            first = ends[-1]
        parameters[:, begin : begin + size], loss[begin : begin + size] = kept[0][-1, :, :size], kept[1][-1, :size]

    firsts = range(0, count, BLOCK)
    with ThreadPoolExecutor(min(threads or training.CORES + 1, len(firsts))) as pool:
        list(pool.map(run, firsts))
    timing = Timing(compile_seconds, perf_counter() - began)
    return Trained(network, steps, start, parameters, loss, history, timing, curves if program.own_examples else None)


def _program(
    network: Network,
    optimizer: Optimizer,
    data: Dataset | OwnData,
    batch_size: int | None,
    dropout: float,
    *,
    own_activations: bool,
) -> Program:
    """Return the program that the arguments of `train` need."""
    examples = data.examples if isinstance(data, OwnData) else len(data.x)
    return Program(
        network=replace(network, activation="linear") if own_activations else network,
        rule=Rule(name=optimizer.name),
        examples=examples,
        batch=None if batch_size is None or batch_size >= examples else batch_size,
        dropout=dropout > 0,
        own_examples=isinstance(data, OwnData),
        held_back=data.held_back_examples if isinstance(data, OwnData) else 0,
        own_activations=own_activations,
    )


def _arrays(program: Program, data: Dataset | OwnData) -> Callable[[Integers], dict[str, npt.NDArray[Any]]]:
    """Return what gives the networks at some positions their examples, by the names that a block has for them."""

    def filled(values: npt.NDArray[np.float32], rows: int = program.padded_examples) -> npt.NDArray[np.float32]:
        return np.pad(values, ((0, rows - len(values)), *((0, 0) for _ in values.shape[1:])))

    if not isinstance(data, OwnData):
        check_sizes(program.network, data.x, data.targets, "data")
        same = {"x": filled(data.x), "targets": filled(data.targets)}
        return lambda _: dict(same)

    def drawn(positions: Integers) -> dict[str, npt.NDArray[Any]]:
        learned = data.learned(positions)
        check_examples(program.network, learned, program.examples, len(positions))
        found = {"x": filled(learned.x), "targets": filled(learned.targets), "weights": filled(learned.weights)}
        if data.held_back is not None:
            kept = data.held_back(positions)
            check_examples(program.network, kept, program.held_back, len(positions))
            rows = padded(program.held_back)
            found |= {"held_back_x": filled(kept.x, rows), "held_back_targets": filled(kept.targets, rows)}
        return found

    return drawn


def _places(names: npt.NDArray[np.str_]) -> npt.NDArray[np.int32]:
    """Return each activation's place in `ACTIVATION_NAMES`."""
    known: Sequence[Activation] = ACTIVATION_NAMES
    found: npt.NDArray[np.int32] = np.stack([names == name for name in known]).argmax(axis=0).astype(np.int32)
    return found


def gradients(network: Network, parameters: Floats, data: Dataset) -> Floats:
    """Return each network's gradient (P, networks) of its mean loss over all examples.

    ``parameters`` has shape (P, networks).
    """
    from models import equations, training  # noqa: PLC0415 - TensorFlow takes seconds to load, and only training needs it

    weight = np.full(len(data.x), 1 / len(data.x), np.float32)
    _, found = equations.losses_and_gradients(
        network, training.constant(parameters), data.x[:, :, None], data.targets[:, :, None], weight
    )
    return np.asarray(found)


def _keys(seed: int, members: Integers) -> npt.NDArray[np.uint32]:
    """Return each network's key (2, networks) for its dropout masks."""
    found = [np.random.SeedSequence(seed, spawn_key=(int(k), Purpose.DROPOUT)).generate_state(2) for k in members]
    return np.stack(found, axis=1)
