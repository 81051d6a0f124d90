"""The one compiled training loop: up to 64 networks trained side by side by a single XLA program.

Arrays are shaped (..., network), so that every operation runs along contiguous vectors of 64 numbers. Network k of a
block never meets network j: there is no sum over the last axis, which makes each network's result the same to the
last bit whatever its neighbours are. The number of steps is a tensor: a segment of one step and a segment of ten
thousand run the same program, and a run that is cut into segments gives the same bits as one that is not.

Importing this module loads TensorFlow, which takes seconds; `models.ensemble` does so at the first training.
"""

import os
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from time import perf_counter
from typing import Any, Literal

# XLA reads its flags once. Wide vectors change the speed and not the results; fast math would change the results.
# One part in code generation keeps the compilation from splitting small programs into many modules.
_FLAGS = "--xla_cpu_prefer_vector_width=512 --xla_cpu_parallel_codegen_split_count=1"
os.environ["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} {_FLAGS}".strip()
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np  # noqa: E402 - after the flags
import numpy.typing as npt  # noqa: E402
import tensorflow as tf  # noqa: E402

from models.network import Activation, Loss, Network  # noqa: E402

BLOCK = 64
CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1

tf.config.set_visible_devices([], "GPU")  # Results are promised to the last bit on a CPU only.
tf.config.threading.set_intra_op_parallelism_threads(CORES)

constant = tf.constant
Tensor = Any  # TensorFlow carries no types; shapes stand at the ends of lines.
Function = Any  # A function that TensorFlow made.
Slots = tuple[Tensor, ...]  # What an optimiser remembers, each of shape (P, B).


@dataclass(frozen=True)
class Rule:
    """An optimiser with all but its rate, by Keras' definitions.

    ``sgd``: w -= rate * g. ``momentum``: u = momentum * u - rate * g; w += u. ``adam``: Kingma and Ba 2015, in the form
    with epsilon outside the bias correction.
    """

    name: Literal["sgd", "momentum", "adam"] = "adam"
    momentum: float = 0.9
    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-7

    @property
    def slots(self) -> int:
        """How many arrays of the parameters' shape the optimiser remembers."""
        return {"sgd": 0, "momentum": 1, "adam": 2}[self.name]


@dataclass(frozen=True)
class Program:
    """What makes one compiled program: all else that varies is data."""

    network: Network
    rule: Rule
    examples: int
    batch: int | None  # Rows of a mini-batch; None for the full batch.
    dropout: bool

    @property
    def rows(self) -> int:
        """The rows of one step, padding included."""
        return padded(self.batch or self.examples)


@dataclass(frozen=True)
class Block:
    """A block's data and settings, the same at every step; B is `BLOCK`, P the parameters of a network."""

    x: Tensor  # (padded examples, inputs)
    targets: Tensor  # (padded examples, outputs)
    rate: Tensor  # (B,)
    trainable: Tensor  # (P, B), 1 for what the optimiser may change and 0 for what is held
    l2: Tensor  # (B,), the factor of the sum of the squared trainable parameters
    dropout: Tensor  # (), the probability that a hidden neuron's output is dropped
    keys: Tensor  # (2, B) uint32, each network's own key for its dropout masks

    @classmethod
    def of(cls, **arrays: npt.NDArray[Any] | np.generic) -> "Block":
        """Hand arrays over to TensorFlow, once for all segments."""
        return cls(**{name: tf.constant(array) for name, array in arrays.items()})


def padded(rows: int) -> int:
    """Return how many rows stand for ``rows`` in a program.

    XLA turns a sum over more than 32 rows into a windowed sum that runs along the networks; a sum over 5 to 32 rows
    becomes a strided loop that costs three times as much as 33 rows do. Padding rows carry the weight 0.
    """
    return rows if rows <= 4 or rows > 32 else 33


def activation(name: Activation, z: Tensor) -> Tensor:
    """Apply a hidden activation."""
    return {"linear": lambda a: a, "relu": tf.nn.relu, "sigmoid": tf.sigmoid, "tanh": tf.tanh}[name](z)


def sample_losses(loss: Loss, outputs: Tensor, targets: Tensor) -> Tensor:
    """Compute the loss (rows, B) of each example from outputs (rows, outputs, B).

    ``targets`` has shape (rows, outputs, 1 or B).
    """
    if loss == "squared_error":
        return tf.reduce_mean(tf.square(outputs - targets), axis=1)
    if loss == "binary_crossentropy":
        # -y log p - (1 - y) log(1 - p) with p = sigmoid(z); its gradient is p - y, also at z = 0.
        return tf.nn.softplus(outputs[:, 0]) - outputs[:, 0] * targets[:, 0]
    shifted = outputs - tf.stop_gradient(tf.reduce_max(outputs, axis=1, keepdims=True))  # (rows, outputs, B)
    return tf.math.log(tf.reduce_sum(tf.exp(shifted), axis=1)) - tf.reduce_sum(shifted * targets, axis=1)


def losses(
    network: Network, parameters: Tensor, x: Tensor, targets: Tensor, weight: Tensor, masks: Sequence[Tensor] = ()
) -> Tensor:
    """Compute each network's weighted loss (B,).

    ``parameters`` (P, B), ``x`` (rows, inputs, 1 or B), ``targets`` (rows, outputs, 1 or B), ``weight`` (rows,), and
    for dropout one mask (rows, units, B) for each hidden layer.
    """
    values = x
    for index, at in enumerate(network.layers):
        kernel = tf.reshape(parameters[at.kernel], (at.inputs, at.units, -1))  # (inputs, units, B)
        z = tf.reduce_sum(values[:, :, None] * kernel, axis=1) + parameters[at.bias]  # (rows, units, B)
        if index + 1 < len(network.layers):
            values = activation(network.activation, z)  # (rows, units, B)
            if masks:
                values = values * masks[index]  # (rows, units, B)
    return tf.reduce_sum(weight[:, None] * sample_losses(network.loss, z, targets), axis=0)  # (B,)


def gradients(
    network: Network, parameters: Tensor, x: Tensor, targets: Tensor, weight: Tensor, masks: Sequence[Tensor] = ()
) -> Tensor:
    """Compute each network's gradient (P, B) of its weighted loss; arguments as for `losses`."""
    with tf.GradientTape() as tape:
        tape.watch(parameters)
        total = tf.reduce_sum(losses(network, parameters, x, targets, weight, masks))
    return tape.gradient(total, parameters)


def dropout_masks(network: Network, keys: Tensor, rate: Tensor, step: Tensor, rows: int) -> list[Tensor]:
    """Draw the masks (rows, units, B) of one step, one for each hidden layer: 0, or 1 / (1 - rate) for what is kept.

    They come from a hash of (key, step, layer, row, unit) and not from a generator with a state, so that a network's
    masks depend on nothing but its own key. The mixing function is Wellons' "lowbias32".
    """
    threshold = tf.cast(tf.cast(rate, tf.float64) * 2.0**32, tf.uint32)
    masks = []
    for index, at in enumerate(network.layers[:-1]):
        place = tf.range(rows * at.units, dtype=tf.int32) + index * 2**24  # (rows * units,)
        time = _mixed(tf.bitwise.bitwise_xor(keys[0], _mixed(tf.cast(step, tf.uint32))))  # (B,)
        bits = _mixed(tf.bitwise.bitwise_xor(tf.cast(place, tf.uint32)[:, None], time))  # (rows * units, B)
        bits = _mixed(tf.bitwise.bitwise_xor(bits, keys[1]))  # (rows * units, B)
        kept = tf.cast(bits >= threshold, tf.float32) / (1 - rate)
        masks.append(tf.reshape(kept, (rows, at.units, -1)))  # (rows, units, B)
    return masks


def _mixed(bits: Tensor) -> Tensor:
    """Mix 32 bits so that each one of them sways all others."""
    for shift, factor in ((16, 0x7FEB352D), (15, 0x846CA68B)):
        bits = tf.bitwise.bitwise_xor(bits, tf.bitwise.right_shift(bits, tf.constant(shift, tf.uint32)))
        bits = bits * tf.constant(factor, tf.uint32)
    return tf.bitwise.bitwise_xor(bits, tf.bitwise.right_shift(bits, tf.constant(16, tf.uint32)))


def updated(
    rule: Rule, step: Tensor, rate: Tensor, gradient: Tensor, parameters: Tensor, slots: Slots
) -> tuple[Tensor, Slots]:
    """Return parameters (P, B) and slots after step number ``step`` (from 0)."""
    if rule.name == "sgd":
        return parameters - rate * gradient, slots
    if rule.name == "momentum":
        velocity = rule.momentum * slots[0] - rate * gradient
        return parameters + velocity, (velocity,)
    first, second = slots
    time = tf.cast(step + 1, parameters.dtype)
    corrected = rate * tf.sqrt(1 - tf.pow(rule.beta_2, time)) / (1 - tf.pow(rule.beta_1, time))  # (B,)
    first = first + (gradient - first) * (1 - rule.beta_1)
    second = second + (tf.square(gradient) - second) * (1 - rule.beta_2)
    return parameters - first * corrected / (tf.sqrt(second) + rule.epsilon), (first, second)


def _segment(program: Program) -> Function:
    """Return the function, to be compiled, that takes a block from step ``first`` to step ``last``."""
    network, rule, rows = program.network, program.rule, program.rows
    batch = program.batch or program.examples
    batches = -(-program.examples // batch)  # of an epoch

    @tf.function(jit_compile=True)
    def segment(
        parameters: Tensor,
        slots: Slots,
        first: Tensor,
        last: Tensor,
        block: dict[str, Tensor],
        order: Tensor,
        at: Tensor,
    ) -> tuple[Tensor, Slots, Tensor]:
        every = tf.concat((block["x"], block["targets"]), axis=1)  # (padded examples, inputs + outputs)
        inputs = network.sizes[0]

        def rows_of(step: Tensor) -> tuple[Tensor, Tensor, Tensor]:
            """Return inputs, targets and weights of one step: the whole data, or the next mini-batch."""
            # The last batch of an epoch can be short; it is averaged over the examples that it has.
            size = tf.minimum(batch, program.examples - batch * (step % batches))
            weight = tf.cast(tf.range(rows) < size, tf.float32) / tf.cast(size, tf.float32)  # (rows,)
            if program.batch is None:
                return block["x"][:, :, None], block["targets"][:, :, None], weight
            # Gathers and not order[:, epoch]: XLA would compile a strided slice anew for each value of ``at``.
            epoch = tf.gather(order, (step - at) // batches, axis=1)  # (B, examples)
            places = tf.minimum(batch * (step % batches) + tf.range(rows), program.examples - 1)  # (rows,)
            examples = tf.gather(epoch, places, axis=1)  # (B, rows)
            drawn = tf.transpose(tf.gather(every, examples), (1, 2, 0))  # (rows, inputs + outputs, B)
            return drawn[:, :inputs], drawn[:, inputs:], weight

        def body(step: Tensor, parameters: Tensor, slots: Slots) -> tuple[Tensor, Tensor, Slots]:
            x, targets, weight = rows_of(step)
            masks = dropout_masks(network, block["keys"], block["dropout"], step, rows) if program.dropout else ()
            gradient = gradients(network, parameters, x, targets, weight, masks)  # (P, B)
            gradient = (gradient + 2 * block["l2"] * parameters) * block["trainable"]  # (P, B)
            return step + 1, *updated(rule, step, block["rate"], gradient, parameters, slots)

        _, parameters, slots = tf.while_loop(lambda step, *_: step < last, body, (first, parameters, slots))
        examples = padded(program.examples)
        weight = tf.cast(tf.range(examples) < program.examples, tf.float32) / program.examples
        loss = losses(network, parameters, block["x"][:, :, None], block["targets"][:, :, None], weight)
        return parameters, slots, loss

    return segment


_ready: dict[Program, Function] = {}
_compiling: defaultdict[Program, Lock] = defaultdict(Lock)  # one each, so that several programs compile side by side


def prepare(program: Program) -> float:
    """Compile a program if this process has not done so yet; return the seconds that it took now."""
    with _compiling[program]:
        if program in _ready:
            return 0.0
        began = perf_counter()
        network, rows = program.network, padded(program.examples)
        block = Block.of(
            x=np.zeros((rows, network.sizes[0]), np.float32),
            targets=np.zeros((rows, network.sizes[-1]), np.float32),
            rate=np.zeros(BLOCK, np.float32),
            trainable=np.ones((network.size, BLOCK), np.float32),
            l2=np.zeros(BLOCK, np.float32),
            dropout=np.float32(0),
            keys=np.zeros((2, BLOCK), np.uint32),
        )
        parameters, order = tf.zeros((network.size, BLOCK)), tf.zeros(order_shape(program), tf.int32)
        slots, zero = fresh_slots(program, parameters), tf.constant(0)
        # A concrete function is called without TensorFlow's search for one that fits, which takes longer than a step.
        concrete = _segment(program).get_concrete_function(parameters, slots, zero, zero, vars(block), order, zero)
        concrete(parameters, slots, zero, zero, vars(block), order, zero)
        _ready[program] = concrete
        return perf_counter() - began


def advance(
    program: Program, block: Block, parameters: Tensor, slots: Slots, first: int, last: int, order: Tensor, at: int
) -> tuple[Tensor, Slots, Tensor]:
    """Train a block from step ``first`` to step ``last``; return parameters, slots and the loss (B,) of all examples.

    The program is one that `prepare` has compiled. ``order`` (B, epochs, examples) holds, for mini-batches, the order
    of the examples in the epochs from step ``at`` on.
    """
    segment = _ready[program]
    arguments = (tf.constant(parameters), slots, tf.constant(first), tf.constant(last), vars(block))
    # Called with its flat list of tensors, the compiled function skips TensorFlow's check of every argument's type,
    # which takes twice as long as the call itself and holds up all other threads.
    flat = tf.nest.flatten((*arguments, tf.constant(order), tf.constant(at)))
    parameters, *slots, loss = segment.inference_fn.call_flat(*flat, *segment.captured_inputs)
    return parameters, tuple(slots), loss


def fresh_slots(program: Program, parameters: Tensor) -> Slots:
    """Return the optimiser's memory before the first step."""
    return tuple(tf.zeros_like(parameters) for _ in range(program.rule.slots))


CHUNK = 64  # Epochs whose orders go to the program at once; one size, so that steps do not become a shape.


def order_shape(program: Program) -> tuple[int, int, int]:
    """Return the shape of a chunk of orders: (B, epochs, examples); the smallest possible for the full batch."""
    if program.batch is None:
        return (1, 1, 1)
    return (BLOCK, CHUNK, program.examples)
