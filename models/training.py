"""The one compiled training loop: up to 64 networks trained side by side by a single XLA program.

Arrays are shaped (..., network), so that every operation runs along contiguous vectors of 64 numbers. Network k of a
block never meets network j: there is no sum over the last axis, which makes each network's result the same to the
last bit whatever its neighbours are. The steps are tensors: a call of one step and a call of ten thousand run the same
program, and a training that is cut into several calls gives the same bits as one that is not. One call keeps what a
block is at up to `MARKS` steps on its way, since each call costs as much as some ten steps.

Importing this module loads TensorFlow, which takes seconds; `models.ensemble` does so at the first training.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from threading import Lock
from time import perf_counter
from typing import Any

import numpy as np
import numpy.typing as npt

from models.compilation_cache import empty_cache
from models.equations import (
    accuracy,
    averaging,
    dropout_masks,
    forward,
    losses,
    losses_and_gradients,
    weighted,
)
from models.program import BLOCK, MARKS, Program, Rule, padded
from models.xla import CORES, Function, Tensor, numbers_from, tf

__all__ = ["CORES", "Block", "advance", "constant", "prepare"]

constant = tf.constant
Rows = tuple[Tensor, Tensor, Tensor]  # Inputs, targets and weights, as `models.equations.losses` takes them.
Floats = npt.NDArray[np.float32]
Gradient = tuple[Tensor, Tensor]  # A loss (B,) and its gradient (P, B).
Slots = tuple[Tensor, ...]  # What an optimiser remembers, each of shape (P, B).


@dataclass(frozen=True)
class Block:
    """A block's data and settings, the same at every step; B is `BLOCK`, P the parameters of a network.

    What only some programs take is None for the others.
    """

    x: Tensor  # (padded examples, inputs), or (padded examples, inputs, B) of each network's own
    targets: Tensor  # (padded examples, outputs), or (padded examples, outputs, B)
    rate: Tensor  # (B,)
    momentum: Tensor  # (B,)
    trainable: Tensor  # (P, B), 1 for what the optimiser may change and 0 for what is held
    l2: Tensor  # (P, B), the factor of each trainable parameter's square that is added to the loss
    dropout: Tensor  # (), the probability that a hidden neuron's output is dropped
    keys: Tensor  # (2, B) uint32, each network's own key for its dropout masks
    weights: Tensor = None  # (padded examples, B), 0 for what is no example of a network
    held_back_x: Tensor = None  # (padded held back, inputs, B)
    held_back_targets: Tensor = None  # (padded held back, outputs, B)
    activations: Tensor = None  # (hidden layers, B) int32, places in `ACTIVATION_NAMES`

    @classmethod
    def of(cls, **arrays: npt.NDArray[Any] | np.generic) -> "Block":
        """Hand arrays over to TensorFlow, once for all segments."""
        return cls(**{name: tf.constant(array) for name, array in arrays.items()})

    @classmethod
    def blank(cls, program: Program) -> "Block":
        """Return a block of zeros with all that a program takes."""
        network, rows, last = program.network, program.padded_examples, (BLOCK,) if program.own_examples else ()
        shapes: dict[str, tuple[int, ...]] = {
            "x": (rows, network.sizes[0], *last),
            "targets": (rows, network.sizes[-1], *last),
            "rate": (BLOCK,),
            "momentum": (BLOCK,),
            "trainable": (network.size, BLOCK),
            "l2": (network.size, BLOCK),
            "dropout": (),
        }
        if program.own_examples:
            shapes["weights"] = (rows, BLOCK)
        if program.held_back:
            shapes["held_back_x"] = (padded(program.held_back), network.sizes[0], BLOCK)
            shapes["held_back_targets"] = (padded(program.held_back), network.sizes[-1], BLOCK)
        arrays: dict[str, npt.NDArray[Any]] = {name: np.zeros(shape, np.float32) for name, shape in shapes.items()}
        if program.own_activations:
            arrays["activations"] = np.zeros((len(network.layers) - 1, BLOCK), np.int32)
        return cls.of(**arrays, keys=np.zeros((2, BLOCK), np.uint32))

    @property
    def tensors(self) -> dict[str, Tensor]:
        """What the program takes, by name."""
        return {name: tensor for name, tensor in vars(self).items() if tensor is not None}


def size_of(program: Program, step: Tensor) -> Tensor:
    """Return how many examples a step has: the last batch of an epoch can be short."""
    batch = program.batch or program.examples
    return tf.minimum(batch, program.examples - batch * (step % program.batches))


def updated(
    rule: Rule, step: Tensor, rate: Tensor, momentum: Tensor, gradient: Tensor, parameters: Tensor, slots: Slots
) -> tuple[Tensor, Slots]:
    """Return parameters (P, B) and slots after step number ``step`` (from 0); ``rate`` and ``momentum`` are (B,)."""
    if rule.name == "sgd":
        return parameters - rate * gradient, slots
    if rule.name == "momentum":
        velocity = momentum * slots[0] - rate * gradient
        return parameters + velocity, (velocity,)
    first, second = slots
    time = tf.cast(step + 1, parameters.dtype)
    corrected = rate * tf.sqrt(1 - tf.pow(rule.beta_2, time)) / (1 - tf.pow(rule.beta_1, time))  # (B,)
    first = first + (gradient - first) * (1 - rule.beta_1)
    second = second + (tf.square(gradient) - second) * (1 - rule.beta_2)
    return parameters - first * corrected / (tf.sqrt(second) + rule.epsilon), (first, second)


def _mini_batch(program: Program, every: Tensor, order: Tensor, step: Tensor, at: Tensor) -> Rows:
    """Return the rows of a step's mini-batch; arguments as in `_segment`.

    ``every`` holds inputs and targets (padded examples, inputs + outputs), or of each network's own with weights
    (B, padded examples, inputs + outputs + 1).
    """
    inputs, rows = program.network.sizes[0], program.rows
    batch = program.batch or program.examples
    size = size_of(program, step)  # a short batch is averaged over the examples that it has
    # Gathers and not order[:, epoch]: XLA would compile a strided slice anew for each value of ``at``.
    epoch = tf.gather(order, (step - at) // program.batches, axis=1)  # (B, examples)
    places = tf.minimum(batch * (step % program.batches) + tf.range(rows), program.examples - 1)  # (rows,)
    examples = tf.gather(epoch, places, axis=1)  # (B, rows)
    there = tf.cast(tf.range(rows) < size, tf.float32)  # (rows,)
    if program.own_examples:
        drawn = tf.transpose(tf.gather(every, examples, batch_dims=1), (1, 2, 0))
        return drawn[:, :inputs], drawn[:, inputs:-1], averaging(drawn[:, -1] * there[:, None])
    drawn = tf.transpose(tf.gather(every, examples), (1, 2, 0))  # (rows, inputs + outputs, B)
    return drawn[:, :inputs], drawn[:, inputs:], there / tf.cast(size, tf.float32)


def _by_tiles(
    rows: int, used: Tensor, whole: Rows, slope: Callable[[Rows, Tensor], Gradient], zeros: Gradient
) -> Gradient:
    """Return the sum of what ``slope`` says of the first ``used`` tiles of ``rows`` rows."""

    def part(first: Tensor, values: Tensor) -> Tensor:
        return tf.slice(values, (first, *[0] * (len(values.shape) - 1)), (rows, *values.shape[1:]))

    def added(tile: Tensor, loss: Tensor, gradient: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        x, targets, weight = (part(tile * rows, values) for values in whole)
        more = slope((x, targets, weight), tile * rows)
        return tile + 1, loss + more[0], gradient + more[1]

    _, loss, gradient = tf.while_loop(lambda tile, *_: tile < used, added, (tf.constant(0), *zeros))
    return loss, gradient


def _measured(program: Program, parameters: Tensor, whole: Rows, block: dict[str, Tensor]) -> tuple[Tensor, ...]:
    """Return what is measured at a mark, each (B,), without dropout; ``whole`` is all that is learned."""
    network, activations = program.network, block.get("activations")

    def of(rows: Rows) -> tuple[Tensor, Tensor]:
        x, targets, weight = rows
        outputs = forward(network, parameters, x, (), activations)
        return weighted(network, outputs, targets, weight), accuracy(network, outputs, targets, weight)

    if not program.own_examples:
        return (losses(network, parameters, *whole, (), activations),)
    if not program.held_back:
        return of(whole)
    rows = padded(program.held_back)
    weight = tf.cast(tf.range(rows) < program.held_back, tf.float32)[:, None] / program.held_back
    return *of(whole), *of((block["held_back_x"], block["held_back_targets"], weight))


def _segment(program: Program) -> Function:
    """Return the function, to be compiled, that takes a block from step ``first`` to the first ``count`` of ``marks``.

    It returns parameters, slots, and what is kept of each mark (MARKS, ...): the parameters (P, B) and the loss (B,) of
    all examples; where each network has its own, also the accuracy (B,), loss and accuracy on what is held back, and
    last the sum (B,) of the losses of the steps since the mark before, each times its rows.
    """
    network, rule = program.network, program.rule

    @tf.function(jit_compile=True, autograph=False)
    def segment(
        parameters: Tensor,
        slots: Slots,
        first: Tensor,
        marks: Tensor,
        count: Tensor,
        block: dict[str, Tensor],
        order: Tensor,
        at: Tensor,
    ) -> tuple[Tensor, ...]:
        activations = block.get("activations")
        if program.own_examples:
            whole = block["x"], block["targets"], averaging(block["weights"])
            learned = tf.reduce_any(block["weights"] > 0, axis=1)  # (padded examples,)
            used = tf.reduce_max(tf.where(learned, tf.range(program.padded_examples) // program.rows + 1, 0))  # tiles
            if program.batch is not None:
                parts = block["x"], block["targets"], block["weights"][:, None]
                every = tf.transpose(tf.concat(parts, axis=1), (2, 0, 1))  # (B, padded examples, inputs + outputs + 1)
        else:
            weight = tf.cast(tf.range(program.padded_examples) < program.examples, tf.float32) / program.examples
            whole = block["x"][:, :, None], block["targets"][:, :, None], weight
            every = tf.concat((block["x"], block["targets"]), axis=1)  # (padded examples, inputs + outputs)

        def slope(step: Tensor, parameters: Tensor, rows: Rows, first: Tensor | int = 0) -> Gradient:
            """Return loss and gradient of some rows, the first of which is number ``first``."""
            how = network, block["keys"], block["dropout"], step, program.rows, first
            masks = dropout_masks(*how) if program.dropout else ()
            return losses_and_gradients(network, parameters, *rows, masks, activations)

        def body(step: Tensor, parameters: Tensor, slots: Slots, sums: Slots) -> tuple[Tensor, Tensor, Slots, Slots]:
            if program.batch is not None:
                loss, gradient = slope(step, parameters, _mini_batch(program, every, order, step, at))
            elif program.tiles == 1:
                loss, gradient = slope(step, parameters, whole)
            else:
                zeros = tf.zeros(BLOCK), tf.zeros_like(parameters)
                loss, gradient = _by_tiles(program.rows, used, whole, partial(slope, step, parameters), zeros)
            if sums:
                loss += tf.reduce_sum(block["l2"] * block["trainable"] * tf.square(parameters), axis=0)  # (B,)
                sums = (sums[0] + loss * tf.cast(size_of(program, step), loss.dtype),)
            gradient = (gradient + 2 * block["l2"] * parameters) * block["trainable"]  # (P, B)
            how = rule, step, block["rate"], block["momentum"]
            return step + 1, *updated(*how, gradient, parameters, slots), sums

        def to_mark(
            index: Tensor, step: Tensor, parameters: Tensor, slots: Slots, kept: tuple[Any, ...]
        ) -> tuple[Tensor, Tensor, Tensor, Slots, tuple[Any, ...]]:
            mark = tf.gather(marks, index)
            sums = (tf.zeros(BLOCK),) if program.own_examples else ()
            loop = step, parameters, slots, sums
            step, parameters, slots, sums = tf.while_loop(lambda step, *_: step < mark, body, loop)
            found = parameters, *_measured(program, parameters, whole, block), *sums
            kept = tuple(array.write(index, value) for array, value in zip(kept, found, strict=True))
            return index + 1, step, parameters, slots, kept

        shapes = parameters.shape, *[(BLOCK,)] * (1 if not program.own_examples else 5 if program.held_back else 3)
        kept = tuple(tf.TensorArray(tf.float32, MARKS, element_shape=shape) for shape in shapes)
        loop = tf.constant(0), first, parameters, slots, kept
        _, _, parameters, slots, kept = tf.while_loop(lambda index, *_: index < count, to_mark, loop)
        return parameters, slots, *(array.stack() for array in kept)

    return segment


_ready: dict[Program, Function] = {}
_traced: Counter[Program] = Counter()  # a second time only where the first one failed
_compiling: defaultdict[Program, Lock] = defaultdict(Lock)  # one each, so that several programs compile side by side


def prepare(program: Program) -> float:
    """Compile a program if this process has not done so yet; return the seconds that it took now."""
    with _compiling[program]:
        if program in _ready:
            return 0.0
        began = perf_counter()
        try:
            _ready[program] = _compiled(program)
        except tf.errors.OpError:
            if not empty_cache():
                raise
            _ready[program] = _compiled(program)
        return perf_counter() - began


def _compiled(program: Program) -> Function:
    """Return a program's function, compiled; raises an `OpError` where the cache of programs is damaged."""
    _traced[program] += 1
    network, block = program.network, Block.blank(program).tensors
    parameters, order = tf.zeros((network.size, BLOCK)), tf.zeros(program.order_shape, tf.int32)
    slots, zero = fresh_slots(program, parameters), tf.constant(0)
    # A concrete function is called without TensorFlow's search for one that fits, which takes longer than a step.
    arguments = parameters, slots, zero, tf.zeros(MARKS, tf.int32), zero, block, order, zero
    with numbers_from(f"{program} {_traced[program]}"):
        concrete = _segment(program).get_concrete_function(*arguments)
    concrete(*arguments)
    return concrete


def advance(
    program: Program,
    block: Block,
    parameters: Tensor,
    slots: Slots,
    first: int,
    marks: Sequence[int],
    order: npt.NDArray[np.int32],
    at: int,
) -> tuple[Tensor, Slots, list[Floats]]:
    """Train a block from step ``first`` on to the last of ``marks``; return parameters, slots, and what was kept.

    Of each of the steps ``marks``, which ascend and are `MARKS` at the most, these are kept, each with the marks as its
    first axis: the parameters (P, B) and the loss (B,) of all examples; where networks have their own, also the
    accuracy, both on what is held back, and last the sum of the losses of the steps since the mark before, each times
    its rows. The program is one that `prepare` has compiled. ``order`` (B, epochs, examples) holds, for mini-batches,
    the order of the examples in the epochs from step ``at`` on.
    """
    segment, count = _ready[program], len(marks)
    ends = np.pad(np.asarray(marks, np.int32), (0, MARKS - count))
    arguments = (parameters, slots, first, ends, count, block.tensors, order, at)
    # Called with its flat list of tensors, the compiled function skips TensorFlow's check of every argument's type,
    # which takes twice as long as the call itself and holds up all other threads.
    flat = [tf.constant(argument) for argument in tf.nest.flatten(arguments)]
    parameters, *rest = segment.inference_fn.call_flat(*flat, *segment.captured_inputs)
    slots, kept = tuple(rest[: program.rule.slots]), rest[program.rule.slots :]
    return parameters, slots, [np.asarray(each)[:count] for each in kept]


def fresh_slots(program: Program, parameters: Tensor) -> Slots:
    """Return the optimiser's memory before the first step."""
    return tuple(tf.zeros_like(parameters) for _ in range(program.rule.slots))
