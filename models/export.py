"""A run to take home: one network as a Keras script or a Jupyter notebook.

A script builds the data, sets the very weights that the network began with, visits the examples in the same order,
trains with Keras and prints the accuracy. It is made once for a cohort, as a template in which only the number of the
network and its starting weights are left open; `fill` puts these in.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import nbformat
import numpy as np
import numpy.typing as npt
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from models.datasets import Dataset
from models.network import Network
from models.plan_training import train_plans
from models.plans import OPTIMIZERS, Plan
from models.rows import learned_rows
from models.widths import narrowed, without_masked

CELL = "# %%"  # begins a cell, and with [markdown] behind it one of text, as many editors read it
NETWORK = "@NETWORK@"
KERAS_LOSSES = {
    "binary_crossentropy": "keras.losses.BinaryCrossentropy(from_logits=True)",
    "softmax_crossentropy": "keras.losses.CategoricalCrossentropy(from_logits=True)",
    # Without tf.identity, Keras finds the values before the softmax, and takes those for logits.
    "softmax_twice": "lambda targets, outputs: keras.losses.CategoricalCrossentropy(from_logits=True)(\n"
    "    targets, tf.identity(tf.nn.softmax(outputs))\n)",
    "squared_error": "keras.losses.MeanSquaredError()",
}
KEPT = """
others = np.delete(right, learned)
print(f"of those learned here {right[learned].sum()} of {len(learned)}", end=", ")
print(f"of the others {others.sum()} of {len(others)}")"""
KERAS_OPTIMIZERS = {
    "sgd": "keras.optimizers.SGD({rate!r})",
    "momentum": "keras.optimizers.SGD({rate!r}, momentum={momentum!r})",
    "adam": "keras.optimizers.Adam({rate!r})",
}


def script(plan: Plan, *, experiment: str, seed: int, settings: Mapping[str, Any]) -> str:
    """Return the template of the Keras script for the networks of one cohort.

    ``settings`` are the hyperparameters that its networks depend on (`models.plan_settings`).

    Raises:
        ValueError: Keras cannot train the networks as the run did, or they do not learn their lab's data.
    """
    _require_repeatable(plan)
    network = _exported(plan)
    rows = learned_rows(plan)
    cells = [
        _words(plan, experiment, seed, settings),
        f"{CELL}\nimport keras\nimport numpy as np\nimport tensorflow as tf\n\nNETWORK = {NETWORK}\nSEED = {seed}",
        f"{CELL} [markdown]\n# The data: {plan.lab.data_words}.",
        f"{CELL}\n{_data(plan.lab.data, network)}{_rows_learned(rows)}",
        f"{CELL} [markdown]\n# The network, with the weights that it began with in the run{_before(plan)}.",
        f"{CELL}\n{_model(network)}",
        f"{CELL} [markdown]\n{_training_words(plan)}",
        f"{CELL}\n{_training(plan, network, rows)}",
        f"{CELL} [markdown]\n# How many examples are right?",
        f"{CELL}\n{_result(network, plan.lab.tolerance, rows)}",
    ]
    return "\n\n".join(cells) + "\n"


def notebook(template: str) -> str:
    """Return a script's cells as a Jupyter notebook; what is left open in the script is left open in it."""
    cells = []
    for part in template.split(CELL)[1:]:
        head, _, body = part.partition("\n")
        if "markdown" in head:
            text = "\n".join(line.removeprefix("#").removeprefix(" ") for line in body.strip().splitlines())
            cells.append(new_markdown_cell(text))
        else:
            cells.append(new_code_cell(body.strip()))
    for at, cell in enumerate(cells):
        cell["id"] = f"cell-{at}"
    made = new_notebook(
        cells=cells, metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    )
    written: str = nbformat.writes(made)
    return written


def fill(template: str, number: int, arrays: Sequence[npt.NDArray[np.floating]]) -> str:
    """Put a network's number and its starting weights, kernel and bias layer by layer, into a template."""
    filled = template.replace(NETWORK, str(number))
    for at, array in enumerate(arrays):
        filled = filled.replace(f"@ARRAY_{at}@", literal(array))
    return filled


def starting_arrays(
    plan: Plan, seed: int, number: int, others: Mapping[str, Plan] | None = None
) -> list[npt.NDArray[np.floating]]:
    """Return the kernel and bias of each layer with which network ``number`` begins; masked units are left out.

    What it continues is one of ``others``, by name, and is trained for that.
    """
    members = plan.indices(number + 1)[[number]]
    if plan.continues is None:
        start, _ = plan.begin(seed, members)
    else:
        before: list[Plan] = [plan]
        while (name := before[-1].continues) is not None:
            before.append((others or {})[name])
        alone = [replace(each, members=members.tolist(), recorded=0) for each in before[1:]]
        start = train_plans(alone, networks=1, seed=seed, progress=lambda _: None)[plan.continues].parameters
    narrow = without_masked(plan.lab.network, start, plan.width or plan.lab.network.sizes[1])
    return [part[..., 0] for layer in _exported(plan).unpack(narrow) for part in layer]


def literal(array: npt.NDArray[np.floating]) -> str:
    """Write an array as nested lists of the shortest numbers that are read back to the same float32."""
    if array.ndim:
        return f"[{', '.join(literal(part) for part in array)}]"
    return str(np.float32(array))


def _require_repeatable(plan: Plan) -> None:
    """Refuse plans whose networks a template cannot train as the run did."""
    if plan.lab.network.loss not in KERAS_LOSSES:
        raise ValueError(
            f"{plan.name}: with {plan.lab.loss_words}, Keras and the run soon differ, since the slopes near 0 are so "
            "steep that rounding decides"
        )
    indices = plan.indices(2)
    if not np.array_equal(indices, indices[0] + np.arange(indices.size)):
        raise ValueError(f"{plan.name}: a script takes networks whose stream indices follow each other")


def _rows_learned(rows: npt.NDArray[np.intp] | None) -> str:
    """Say which rows are learned; nothing where all are."""
    return "" if rows is None else f"\nlearned = np.array({rows.tolist()})  # the rows that are learned here"


def _before(plan: Plan) -> str:
    """Say where the weights come from that networks begin with, if not from chance."""
    return "" if plan.continues is None else f':\n# those with which the training "{plan.continues}" had ended'


def _stream(plan: Plan) -> str:
    """Return the stream index of a script's network, as an expression in its number."""
    first = int(plan.indices(1)[0])
    return f"NETWORK + {first}" if first else "NETWORK"


def _exported(plan: Plan) -> Network:
    return plan.lab.network if plan.width is None else narrowed(plan.lab.network, plan.width)


def _words(plan: Plan, experiment: str, seed: int, settings: Mapping[str, Any]) -> str:
    told = ", ".join(f"{key} = {value}" for key, value in settings.items())
    return (
        f"{CELL} [markdown]\n"
        f"# Network {NETWORK} of the experiment {experiment} ({plan.name}), seed {seed}, trained by Keras.\n"
        f"#\n# Its settings: {told or 'none can be varied'}.\n#\n"
        "# The run itself trained this network beside many others in one TensorFlow program. From the same start,\n"
        "# on the same batches, Keras gets to the same weights, but for rounding. It needs TensorFlow and NumPy."
    )


def _data(data: Dataset, network: Network) -> str:
    rows = ",\n".join(f"    {literal(row)}" for row in data.x)
    x = f'x = np.array([  # {", ".join(data.feature_names)}\n{rows},\n], "float32")\n'
    if network.loss == "squared_error":
        return f'{x}targets = np.array({literal(data.targets)}, "float32")'
    return (
        f"class_names = {list(data.class_names)!r}\n"
        f"{x}"
        f"labels = np.array({data.labels.tolist()})\n"
        f"targets = {_targets(data)}"
    )


def _targets(data: Dataset) -> str:
    if data.targets.shape[1] == 1:
        return 'labels[:, None].astype("float32")'
    return f'np.eye({data.targets.shape[1]}, dtype="float32")[labels]'


def _model(network: Network) -> str:
    hidden = "".join(
        f'    keras.layers.Dense({units}, activation="{network.activation}"),\n' for units in network.sizes[1:-1]
    )
    outputs = "values" if network.loss == "squared_error" else "logits"
    arrays = "".join(f"    np.array(@ARRAY_{at}@),\n" for at in range(2 * len(network.layers)))
    return (
        f"model = keras.Sequential([\n    keras.Input(({network.sizes[0]},)),\n{hidden}"
        f"    keras.layers.Dense({network.sizes[-1]}),  # {outputs}, without an activation\n])\n"
        f"model.set_weights([  # kernel and bias of each layer\n{arrays}])"
    )


def _training_words(plan: Plan) -> str:
    lines = [f"# Training: {plan.steps:,} steps of {OPTIMIZERS[plan.optimizer.name]}, {plan.batch_words}."]
    if plan.mini_batch:
        lines += [
            "# Every epoch visits the examples in an order of this network's own, which follows from seed and number."
        ]
    if plan.dropout:
        lines += [
            f"# Each hidden neuron is dropped with probability {plan.dropout:g}, by masks that follow from the seed."
        ]
    if plan.trainable is not None:
        lines += ["# Every gradient is multiplied: by 0 where a weight is held fixed."]
    if plan.l2:
        squares = "weights and biases" if plan.penalise_biases else "weights, not of the biases,"
        lines += [f"# A penalty of {plan.l2:g} times the sum of the squared {squares} is added."]
    return "\n".join(lines)


def _training(plan: Plan, network: Network, learned: npt.NDArray[np.intp] | None) -> str:
    rows = len(plan.lab.data.x)
    how = {"rate": float(f"{plan.optimizer.rate:g}"), "momentum": plan.optimizer.momentum}
    batch = rows if plan.batch is None or plan.batch >= rows else plan.batch
    special = plan.dropout or plan.trainable is not None or plan.l2
    lines = [
        f"optimizer = {KERAS_OPTIMIZERS[plan.optimizer.name].format(**how)}",
        f"loss_function = {KERAS_LOSSES[network.loss]}",
    ]
    if batch < rows:
        lines += _orders(rows, batch, _stream(plan))
    else:
        which = "" if learned is None else "[learned]"
        lines += ["", "", "def batches():", "    while True:", f"        yield x{which}, targets{which}"]
    if plan.dropout:
        lines += _masks(network, plan.dropout, _stream(plan))
    lines += ["", ""]
    if not special:
        lines += [
            "model.compile(optimizer, loss_function)",
            f"for step, (inputs, outputs) in zip(range({plan.steps}), batches()):",
            "    model.train_on_batch(inputs, outputs)",
        ]
        return "\n".join(lines)
    if plan.trainable is not None:
        factors = _factors(plan, network)
        lines += [f"factors = [{', '.join(factors)}]", ""]
    lines += ["@tf.function", "def train(inputs, outputs, masks):", "    with tf.GradientTape() as tape:"]
    if plan.dropout:
        lines += [
            "        values = inputs",
            "        for layer, mask in zip(model.layers[:-1], masks):",
            "            values = layer(values) * mask",
            "        loss = loss_function(outputs, model.layers[-1](values))",
        ]
    else:
        lines += ["        loss = loss_function(outputs, model(inputs))"]
    lines += ["    gradients = tape.gradient(loss, model.trainable_variables)"]
    if plan.l2:
        lines += [
            f"    penalties = {[2 * plan.l2, 2 * plan.l2 * plan.penalise_biases] * len(network.layers)}",
            "    gradients = [g + p * w for g, p, w in zip(gradients, penalties, model.trainable_variables)]",
        ]
    if plan.trainable is not None:
        lines += ["    gradients = [g * factor for g, factor in zip(gradients, factors)]"]
    lines += [
        "    optimizer.apply_gradients(zip(gradients, model.trainable_variables))",
        "",
        "",
        f"for step, (inputs, outputs) in zip(range({plan.steps}), batches()):",
        f"    train(inputs, outputs, {'masks_of(step, len(inputs))' if plan.dropout else '()'})",
    ]
    return "\n".join(lines)


def _factors(plan: Plan, network: Network) -> Iterator[str]:
    """Yield what each array's gradient is multiplied by."""
    if plan.trainable is None:
        return
    every = np.broadcast_to(plan.trainable, (plan.lab.network.size, 1))
    narrow = without_masked(plan.lab.network, every, plan.width or plan.lab.network.sizes[1])
    for layer in network.unpack(narrow):
        for part in layer:
            same = np.unique(part)
            yield f"{same[0]:g}" if same.size == 1 else f'np.array({literal(part[..., 0])}, "float32")'


def _orders(rows: int, batch: int, stream: str) -> list[str]:
    low = 2 ** (rows - 1).bit_length() - 1
    return [
        "",
        "",
        "def batches():",
        f"    generator = np.random.default_rng(np.random.SeedSequence(SEED, spawn_key=({stream}, 1)))",
        "    while True:",
        "        # Random numbers that carry the examples in their low bits are sorted.",
        f"        numbers = generator.integers(2**32, size={rows}, dtype=np.uint32)",
        f"        numbers = (numbers & ~np.uint32({low})) | np.arange({rows}, dtype=np.uint32)",
        f"        order = np.sort(numbers) & np.uint32({low})",
        f"        for first in range(0, {rows}, {batch}):",
        f"            chosen = order[first : first + {batch}]",
        "            yield x[chosen], targets[chosen]",
    ]


def _masks(network: Network, dropout: float, stream: str) -> list[str]:
    units = list(network.sizes[1:-1])
    return [
        "",
        "",
        "def mixed(bits):  # a hash function, Wellons' lowbias32",
        "    for shift, factor in ((16, 0x7FEB352D), (15, 0x846CA68B)):",
        "        bits = (bits ^ (bits >> np.uint32(shift))) * np.uint32(factor)",
        "    return bits ^ (bits >> np.uint32(16))",
        "",
        "",
        "def masks_of(step, rows):",
        f"    one, two = np.random.SeedSequence(SEED, spawn_key=({stream}, 2)).generate_state(2)[:, None]",
        "    masks = []",
        f"    for layer, units in enumerate({units}):",
        "        place = np.arange(rows * units, dtype=np.uint32) + np.uint32(layer * 2**24)",
        "        time = mixed(one ^ mixed(np.array([step], np.uint32)))",
        "        bits = mixed(mixed(place ^ time) ^ two)",
        f"        kept = bits >= np.uint32({int(dropout * 2.0**32)})",
        f'        masks.append((kept / (1 - {dropout!r})).astype("float32").reshape(rows, units))',
        "    return masks",
    ]


def _result(network: Network, tolerance: float | None, learned: npt.NDArray[np.intp] | None) -> str:
    right = ("(outputs[:, 0] > 0).astype(int)" if network.sizes[-1] == 1 else "outputs.argmax(axis=1)") + " == labels"
    if network.loss == "squared_error":
        right = f"(np.abs(outputs - targets) <= {tolerance or 0}).all(axis=1)"
    return (
        "outputs = model.predict(x, verbose=0)\n"
        f"right = {right}\n"
        'print(f"{right.sum()} of {len(right)} right, loss {float(loss_function(targets, outputs)):.4f}")'
    ) + ("" if learned is None else KEPT)
