"""The equations of many networks at once in TensorFlow: outputs, losses, gradients, accuracies and dropout masks.

Arrays are shaped (..., network) as in `models.training`; B is the number of networks, P that of a network's parameters.
"""

from collections.abc import Callable, Sequence

import numpy as np

from models.network import ACTIVATION_NAMES, CLIP, Activation, Loss, Network
from models.xla import Tensor, tf

Backward = Callable[[Tensor], Tensor]  # From the loss' derivative by a value to that by its argument.


def activation(name: Activation, z: Tensor) -> Tensor:
    """Apply a hidden activation."""
    return {"linear": lambda a: a, "relu": relu, "sigmoid": tf.sigmoid, "tanh": tf.tanh}[name](z)


@tf.custom_gradient
def relu(z: Tensor) -> tuple[Tensor, Backward]:
    """Return max(z, 0), whose derivative is 1 above 0 and 0 elsewhere, as that of `tf.nn.relu` is.

    Multiplying by the sign keeps XLA's loop over a layer one of vectors; choosing by a comparison does not.
    """
    y = tf.nn.relu(z)
    return y, lambda slope: slope * tf.sign(y)


def chosen_activation(chosen: Tensor, z: Tensor) -> Tensor:
    """Apply each network's own activation to z (rows, units, B); ``chosen`` (B,) holds places in `ACTIVATION_NAMES`.

    The sigmoid is 1/2 + tanh(z / 2) / 2, so that one tanh serves for both; linear is the maximum of z and minus
    infinity. All that depends on ``chosen`` is one number or truth value for each network. The derivatives follow from
    the outputs: y (1 - y) of the sigmoid, (1 + y) (1 - y) of tanh.
    """
    sigmoid = tf.cast(chosen == ACTIVATION_NAMES.index("sigmoid"), z.dtype)  # (B,)
    curved = (sigmoid > 0) | (chosen == ACTIVATION_NAMES.index("tanh"))  # (B,)
    scale, least = 1 - sigmoid / 2, tf.where(chosen == ACTIVATION_NAMES.index("relu"), 0.0, -np.inf)  # (B,)

    @tf.custom_gradient
    def apply(z: Tensor) -> tuple[Tensor, Backward]:
        y = tf.where(curved, tf.tanh(z * scale) * scale + sigmoid / 2, tf.maximum(z, least))  # (rows, units, B)

        def backward(slope: Tensor) -> Tensor:
            straight = tf.cast(y > least, y.dtype)  # (rows, units, B)
            return slope * tf.where(curved, (1 - y) * (1 - sigmoid + y), straight)  # (rows, units, B)

        return y, backward

    return apply(z)


def sample_losses(loss: Loss, outputs: Tensor, targets: Tensor) -> Tensor:
    """Compute the loss (rows, B) of each example from outputs (rows, outputs, B).

    ``targets`` has shape (rows, outputs, 1 or B).
    """
    if loss == "squared_error":
        return tf.reduce_mean(tf.square(outputs - targets), axis=1)
    if loss == "binary_crossentropy":
        # -y log p - (1 - y) log(1 - p) with p = sigmoid(z); its gradient is p - y, also at z = 0.
        return tf.reduce_mean(tf.nn.softplus(outputs) - outputs * targets, axis=1)
    if loss == "raw_crossentropy":
        clipped = tf.clip_by_value(outputs, CLIP, 1 - CLIP)  # (rows, outputs, B), no gradient where it was clipped
        return tf.math.log(tf.reduce_sum(clipped, axis=1)) - tf.reduce_sum(tf.math.log(clipped) * targets, axis=1)
    if loss == "softmax_twice":
        outputs = tf.nn.softmax(outputs, axis=1)  # (rows, outputs, B)
    shifted = outputs - tf.stop_gradient(tf.reduce_max(outputs, axis=1, keepdims=True))  # (rows, outputs, B)
    return tf.math.log(tf.reduce_sum(tf.exp(shifted), axis=1)) - tf.reduce_sum(shifted * targets, axis=1)


def forward(
    network: Network, parameters: Tensor, x: Tensor, masks: Sequence[Tensor] = (), activations: Tensor = None
) -> Tensor:
    """Compute the outputs (rows, outputs, B); arguments as for `losses`."""
    values = x
    for index, at in enumerate(network.layers):
        kernel = tf.reshape(parameters[at.kernel], (at.inputs, at.units, -1))  # (inputs, units, B)
        z = tf.reduce_sum(values[:, :, None] * kernel, axis=1) + parameters[at.bias]  # (rows, units, B)
        if index + 1 < len(network.layers):
            if activations is None:
                values = activation(network.activation, z)  # (rows, units, B)
            else:
                values = chosen_activation(activations[index], z)  # (rows, units, B)
            if masks:
                values = values * masks[index]  # (rows, units, B)
    return z


def losses(
    network: Network,
    parameters: Tensor,
    x: Tensor,
    targets: Tensor,
    weight: Tensor,
    masks: Sequence[Tensor] = (),
    activations: Tensor = None,
) -> Tensor:
    """Compute each network's weighted loss (B,).

    ``parameters`` (P, B), ``x`` (rows, inputs, 1 or B), ``targets`` (rows, outputs, 1 or B), ``weight`` (rows,) or
    (rows, B); for dropout one mask (rows, units, B) for each hidden layer; ``activations`` (hidden layers, B) where
    each network has its own, as places in `ACTIVATION_NAMES`.
    """
    return weighted(network, forward(network, parameters, x, masks, activations), targets, weight)


def weighted(network: Network, outputs: Tensor, targets: Tensor, weight: Tensor) -> Tensor:
    """Compute each network's weighted loss (B,) from its outputs (rows, outputs, B)."""
    if len(weight.shape) == 1:
        weight = weight[:, None]  # (rows, 1)
    return tf.reduce_sum(weight * sample_losses(network.loss, outputs, targets), axis=0)  # (B,)


def losses_and_gradients(
    network: Network,
    parameters: Tensor,
    x: Tensor,
    targets: Tensor,
    weight: Tensor,
    masks: Sequence[Tensor] = (),
    activations: Tensor = None,
) -> tuple[Tensor, Tensor]:
    """Compute each network's weighted loss (B,) and its gradient (P, B); arguments as for `losses`."""
    with tf.GradientTape() as tape:
        tape.watch(parameters)
        found = losses(network, parameters, x, targets, weight, masks, activations)  # (B,)
        total = tf.reduce_sum(found)
    return found, tape.gradient(total, parameters)


def accuracy(network: Network, outputs: Tensor, targets: Tensor, weight: Tensor) -> Tensor:
    """Compute the share (B,) of the rows of a weight above 0 that outputs (rows, outputs, B) get right.

    A row is right as `Network.right` says: the right output is ahead of all others, and all are finite. A squared
    error knows no classes, and its accuracy is NaN. ``weight`` has shape (rows, 1 or B).
    """
    if network.loss == "squared_error":
        return tf.fill(tf.shape(outputs)[-1:], tf.constant(float("nan"), outputs.dtype))
    if network.sizes[-1] == 1:
        right = (2 * targets[:, 0] - 1) * outputs[:, 0] > 0  # (rows, B)
    else:
        lowest = tf.constant(float("-inf"), outputs.dtype)
        others = tf.reduce_max(tf.where(targets > 0.5, lowest, outputs), axis=1)  # (rows, B)
        right = tf.reduce_max(tf.where(targets > 0.5, outputs, lowest), axis=1) > others  # (rows, B)
    counted = tf.cast(weight > 0, outputs.dtype)  # (rows, 1 or B)
    right = tf.cast(right & tf.reduce_all(tf.math.is_finite(outputs), axis=1), outputs.dtype)  # (rows, B)
    return tf.reduce_sum(right * counted, axis=0) / tf.reduce_sum(counted, axis=0)  # (B,)


def averaging(weights: Tensor) -> Tensor:
    """Return weights (rows, B) over the number of rows whose weight is above 0, all 0 where there is no such row.

    So Keras averages: ``class_weight`` and ``sample_weight`` multiply the losses, whose sum is divided by the number of
    examples. A row of weight 0 is no example here: it is how networks of one block learn different numbers of them.
    """
    counted = tf.reduce_sum(tf.cast(weights > 0, weights.dtype), axis=0)  # (B,)
    return weights / tf.maximum(counted, 1)  # (rows, B)


def dropout_masks(
    network: Network, keys: Tensor, rate: Tensor, step: Tensor, rows: int, first: Tensor | int = 0
) -> list[Tensor]:
    """Draw the masks (rows, units, B) of one step, one for each hidden layer: 0, or 1 / (1 - rate) for what is kept.

    They are those of ``rows`` rows of the batch, from number ``first`` on.

    They come from a hash of (key, step, layer, row, unit) and not from a generator with a state, so that a network's
    masks depend on nothing but its own key. The mixing function is Wellons' "lowbias32".
    """
    threshold = tf.cast(tf.cast(rate, tf.float64) * 2.0**32, tf.uint32)
    masks = []
    for index, at in enumerate(network.layers[:-1]):
        place = tf.range(rows * at.units, dtype=tf.int32) + first * at.units + index * 2**24  # (rows * units,)
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
