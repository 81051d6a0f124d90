"""The numbers of a question: what is taken of a text, what is not, and what is said of it."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.library.parameters import properties
from assistant.questions.own_numbers.own_numbers import OwnNumbers, read
from models import registry

ACTIVATION, BLOBS, VALIDATION, SYMMETRY, COSTS = (
    registry.describe(name)["parameters"]
    for name in ("activation", "blobs-split", "validation-below", "symmetry", "cost-average")
)
ALL = [registry.describe(name)["parameters"] for name in registry.names()]
WIDTH = registry.describe("width")["parameters"]
RATES = registry.describe("learning-rate")["parameters"]
POST = """\
Hi all, my XOR network does not learn. It has no more than this:

model = Sequential([Dense(5, activation='tanh'), Dense(1, activation='sigmoid')])
model.compile(optimizer=Adam(learning_rate=0.3), loss='binary_crossentropy')
model.fit(X, y, epochs=50)

Epoch 50/50 - loss: 0.6931 - accuracy: 0.75

Why do 2 neurons do the same after epoch 20? I have 4 examples, and version 2.15.
"""


def taken(text: str, schema: dict[str, Any] = ACTIVATION) -> dict[str, Any]:
    return {each.parameter: each.value for each in read(text, schema, ALL).taken}


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("with 5 hidden units and learning rate 0.3, tanh, all weights 0.5", {"xor_hidden": 5, "rate": 0.3}),
        ("What if I use five neurons?", {"xor_hidden": 5}),
        ("a 5-neuron network", {"xor_hidden": 5}),
        ("hidden_units = 3", {"xor_hidden": 3}),
        ("Why does it fail with only one node?", {"xor_hidden": 1}),
        ("learning rate of 0.3", {"rate": 0.3}),
        ("the learning rate is set to 0.3", {"rate": 0.3}),
        ("Learning-Rate: 0.3", {"rate": 0.3}),
        ("a 0.3 learning rate", {"rate": 0.3}),
        ("0.3 as the learning rate", {"rate": 0.3}),
        ("lr=1e-3", {"rate": 0.001}),
        ("lr 10^-3", {"rate": 0.001}),
        ("α = .5", {"rate": 0.5}),
        ("alpha (0.5)", {"rate": 0.5}),
        ("step size 0.02", {"rate": 0.02}),
        ("Lernrate hin, learning rate 0,3 her", {"rate": 0.3}),
        ("it does not converge with lr 0.3", {"rate": 0.3}),
        ("learning rate 0.3 instead of 0.1", {"rate": 0.3}),
        ("Adam(1.0)", {"rate": 1.0}),
        ("optim.Adam(model.parameters(), lr=1e-4)", {"rate": 0.0001}),
        ("for 500 epochs", {"steps": 500}),
        ("I trained the network 500 iterations", {"steps": 500}),
        ("with 1,000 steps", {"steps": 1000}),
        ("for 20k iterations", {"steps": 20_000}),
        ("num_epochs = 50", {"steps": 50}),
        ("with 3000 XOR steps", {"xor_steps": 3000}),
        ("with 5 neurons, and I said 5 neurons", {"xor_hidden": 5}),
        ("using He normal and 3 neurons", {"initializer": "he_normal", "xor_hidden": 3}),
        ("use he_normal initialization instead of glorot_uniform", {"initializer": "he_normal"}),
        ('kernel_initializer="he_uniform"', {"initializer": "he_uniform"}),
        ("with learning rate 0.3 I get Epoch 5/50 - lr: 0.1", {"rate": 0.3}),
        ("Learning rate: 0.1\nHidden units: 5\nEpochs: 50", {"rate": 0.1, "xor_hidden": 5, "steps": 50}),
        (POST, {"xor_hidden": 5, "rate": 0.3, "steps": 50}),
        ("hidden_size=8", {"xor_hidden": 8}),
        ("hidden size of 7", {"xor_hidden": 7}),
        ("a hidden layer size of 7", {"xor_hidden": 7}),
        ("hidden_dim: 3", {"xor_hidden": 3}),
        ("n_hidden=5", {"xor_hidden": 5}),
        ("n_hidden_units = 5", {"xor_hidden": 5}),
        ("num_hidden = 6", {"xor_hidden": 6}),
        ("nn.Linear(2, 5), nn.Tanh(), nn.Linear(5, 1)", {"xor_hidden": 5}),
        ("self.fc1 = nn.Linear(2, 3)\nself.fc2 = nn.Linear(3, 1)", {"xor_hidden": 3}),
        ("Linear(in_features=X.shape[1], out_features=6), Linear(6, out_features=1)", {"xor_hidden": 6}),
        ("nn.Linear(len(names), 6), nn.Linear(6, 6), nn.Linear(6, 1)", {"xor_hidden": 6}),
        ("nn.Linear(2, 8), nn.Linear(8, 1), and a single nn.Linear(2, 1)", {"xor_hidden": 8}),
        ("with nn.Linear(2, 5)", {"xor_hidden": 5}),
        ("self.hidden = nn.Linear(2, 5)", {"xor_hidden": 5}),
        ("nn.Linear(2, 5), nn.ReLU()", {"xor_hidden": 5}),
        ("Dense(5, activation='tanh')", {"xor_hidden": 5}),
        ("Dense(units=5, activation='relu'), Dense(units=1)", {"xor_hidden": 5}),
        ("Dense(activation='relu', units=5), Dense(4)", {"xor_hidden": 5}),
        ("My network has eight hidden units.", {"xor_hidden": 8}),
        ("only one neuron", {"xor_hidden": 1}),
        ("just one hidden unit", {"xor_hidden": 1}),
        ("Can a network with one hidden neuron do that?", {"xor_hidden": 1}),
        ("I use one neuron instead of two", {"xor_hidden": 1}),
        ("I trained it for two hundred epochs", {"steps": 200}),
        ("with a thousand steps", {"steps": 1000}),
        ("with twenty-five steps, not thirty", {"steps": 25}),
        ("torch.optim.Adam(model.parameters(), lr=0.1, amsgrad=True)", {"rate": 0.1}),
        (
            "MLPClassifier(hidden_layer_sizes=(5,), learning_rate_init=0.3, activation='tanh', alpha=0.7)",
            {"xor_hidden": 5, "rate": 0.3},
        ),
        ("hidden_layer_sizes=[6], epochs=200", {"xor_hidden": 6, "steps": 200}),
    ],
)
def test_values_next_to_a_name_are_taken(text: str, values: dict[str, Any]) -> None:
    assert taken(text) == values


@pytest.mark.parametrize(
    "text",
    [
        "Why do two neurons learn the same?",
        "2 neurons learn the same, why?",
        "not with 5 neurons",
        "without a learning rate of 0.3",
        "I would rather not use a learning rate of 0.3",
        "the learning rate is not 0.3",
        "use 0.3 instead of 0.1 as learning rate",
        "more than 5 neurons",
        "each of 5 neurons",
        "5 more neurons",
        "every 10 epochs",
        "after epoch 5 the loss rises",
        "Epoch 5/50 - loss: 0.3",
        "epoch: 5, step: 7",
        "Epoch 5/50 - lr: 0.1 - loss: 0.3",
        "4/4 - 0s 1ms/step - loss: 0.3 - learning_rate: 0.001",
        "learning rate 3·10^-2",
        "learning rate 3 * 10^-2",
        "neuron 3 and unit 4",
        "2-5 neurons",
        "a learning rate between 0.1 and 1",
        "a learning rate above 0.1",
        "a 3% learning rate",
        "min_lr=0.001",
        "lr_decay=0.1",
        "LeakyReLU(alpha=0.3)",
        "an output layer with output units = 4",
        "an error rate of 0.3, and a rate of 0.2",
        "a dropout rate of 0.5",
        "10 time steps",
        "Dense(1, activation='sigmoid')",
        "lr 0.1.2, lr 1/10 and lr 2^5",
        "I have 5 and 0.3 and 50",
        "why is Xavier better than He normal?",
        "he asked, and he is right",
        "what happens with one neuron of the layer?",
        "I use one neuron for each class",
        "a network with one unit that never fires",
        "a few hundred epochs, several hundred steps, hundreds of steps",
        "with a hundred of my neurons",
        "nn.Linear(2, 1)",
        "logits = Linear(5, 4), why no softmax?",
        "Dense(4, activation='softmax')",
        "ends with Dense(units=4, activation='softmax')",
        "they end with Dense(5)",
        "with Dense(5) on top",
        "the last layer is Dense(5, activation='relu')",
        "Linear(32, 1) with one loss, or Linear(32, 2) with another?",
        "hidden_layer_sizes=(5, 3)",
        "MLPClassifier(hidden_layer_sizes=(8, 4), alpha=0.3, max_iter=300)",
        "lr_scheduler = 0.1, hidden_units_b = 5",
        "2 hidden layers, hidden layer 3",
        "Sequential(Linear(2",
        "",
    ],
)
def test_what_is_not_clearly_a_parameters_value_is_not_taken(text: str) -> None:
    assert replace(read(text, ACTIVATION, ALL), elsewhere=()) == OwnNumbers()


@pytest.mark.parametrize(
    ("schema", "text", "values"),
    [
        (BLOBS, "with 50 epochs", {"steps": 200}),
        (BLOBS, "epochs=50, batch_size=100", {"steps": 50, "batch_size": 100}),
        (BLOBS, "with the full batch for 50 epochs", {"steps": 50, "batch_size": 100}),
        (BLOBS, "split into 100 batches", {}),
        (VALIDATION, "epochs=10", {"steps": 200}),
        (VALIDATION, "Dropout(0.4)", {"dropout": 0.4}),
        (VALIDATION, "nn.Dropout(0.3)", {"dropout": 0.3}),
        (VALIDATION, "nn.Dropout(p=0.3)", {"dropout": 0.3}),
        (VALIDATION, "Dropout(rate=0.3), and p=0.9", {"dropout": 0.3}),
        (VALIDATION, "F.dropout(torch.relu(x), p=0.3, training=True)", {"dropout": 0.3}),
        (VALIDATION, "AlphaDropout(0.3), Dropout(x)", {}),
        (VALIDATION, "dropout of 30%", {"dropout": 0.3}),
        (VALIDATION, "dropout rate 0.3 and l2(0.1)", {"dropout": 0.3, "penalty": 0.1}),
        (COSTS, "SGD(0.3) for 50 epochs", {"rate": 0.3, "epochs": 50}),
    ],
)
def test_each_experiment_reads_with_names_of_its_own(schema: dict[str, Any], text: str, values: dict[str, Any]) -> None:
    assert taken(text, schema) == values


def test_what_the_learner_wrote_is_kept_and_epochs_are_said_in_steps() -> None:
    (units, rate) = read("with 5 hidden units and\nlearning  rate 0.3", ACTIVATION).taken
    assert (units.said, rate.said) == ("5 hidden units", "learning rate 0.3")
    (epochs,) = read("with 50 epochs", BLOBS).taken
    assert epochs.said == "50 epochs (200 steps here)"


@pytest.mark.parametrize(
    ("text", "nearest", "bounds"),
    [
        ("learning rate 500", 100, "The learning rate must be a number from 0.000001 to 100."),
        ("learning rate -0.3", 1e-6, "The learning rate must be a number from 0.000001 to 100."),
        ("with 20 neurons", 10, "The XOR neurons must be a whole number from 1 to 10."),
        ("with thirty-two neurons", 10, "The XOR neurons must be a whole number from 1 to 10."),
        ("hidden_size=12", 10, "The XOR neurons must be a whole number from 1 to 10."),
        ("with 5.3 neurons", 5, "The XOR neurons must be a whole number from 1 to 10."),
    ],
)
def test_what_is_out_of_bounds_is_told_with_the_bounds_and_the_nearest(text: str, nearest: float, bounds: str) -> None:
    found = read(text, ACTIVATION)
    assert not found.taken
    (beyond,) = found.beyond
    assert (beyond.value, beyond.problem) == (nearest, bounds)


def test_a_call_that_a_name_begins_is_told_once_and_with_its_bracket() -> None:
    assert read("kernel_regularizer=l2(0.1)", ACTIVATION, ALL).elsewhere == ("l2(0.1)",)
    assert [each.said for each in read("alpha (0.5)", ACTIVATION, ALL).taken] == ["alpha (0.5)"]


def test_a_choice_that_there_is_not_gets_the_nearest() -> None:
    (beyond,) = read("batch size 64", BLOBS).beyond
    assert (beyond.value, beyond.problem) == (32, "The batch size must be one of 32, 100.")


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("a learning rate of 0.1 or 0.3", [0.1, 0.3]),
        ("learning rates 0.1, 0.03 and 0.001 do the same", [0.1, 0.03, 0.001]),
        ("with 2 or 5 neurons", [2, 5]),
        ("with 5 neurons it works, and with 2 neurons it does not", [5, 2]),
    ],
)
def test_of_several_values_none_is_taken_and_all_are_offered(text: str, values: list[float]) -> None:
    found = read(text, ACTIVATION)
    assert not found.taken
    assert [each.value for each in found.several] == values


@pytest.mark.parametrize(
    ("text", "of_adam", "of_sgd", "elsewhere"),
    [
        ("SGD(lr=0.1)", None, 0.1, "SGD(lr=0.1)"),
        ("torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)", None, 0.1, "SGD(lr=0.1)"),
        ("optimizer=keras.optimizers.SGD(learning_rate=0.2)", None, 0.2, "SGD(learning_rate=0.2)"),
        ("Adam(learning_rate=0.05)", 0.05, None, "Adam(learning_rate=0.05)"),
        ("with sgd and learning rate 0.2", None, 0.2, "learning rate 0.2 with sgd"),
        ("learning rate of 0.2 (SGD)", None, 0.2, "learning rate of 0.2 with SGD"),
        ("I use Adam, not SGD, with learning rate 0.2", 0.2, None, "learning rate 0.2 with Adam"),
        ("I switched from SGD to Adam with lr 0.2", 0.2, None, "lr 0.2 with Adam"),
        ("What if lr = 0.2 instead of SGD?", 0.2, 0.2, None),
        ("SGD was bad. With learning rate 0.2 it works", 0.2, 0.2, None),
        ("with learning rate 0.2, and how does SGD differ?", 0.2, 0.2, None),
    ],
)
def test_a_rate_belongs_to_the_optimiser_that_is_named(
    text: str, of_adam: float | None, of_sgd: float | None, elsewhere: str | None
) -> None:
    for schema, expected in ((SYMMETRY, of_adam), (COSTS, of_sgd)):
        found = read(text, schema, ALL)
        values = [each.value for each in (*found.taken, *found.same)]
        assert values == ([expected] if expected is not None else [])
        assert (elsewhere in found.elsewhere) == (expected is None)
    assert [each.parameter for each in read(text, RATES).taken] == ["rate"]


def test_rates_of_two_optimisers_are_told_apart() -> None:
    text = "Adam with lr 0.02 and SGD with lr 0.2"
    assert [each.value for each in read(text, SYMMETRY).taken] == [0.02]
    assert [each.value for each in read(text, COSTS).taken] == [0.2]
    assert [each.value for each in read(text, RATES).several] == [0.02, 0.2]


def test_an_optimiser_that_no_experiment_has_gives_no_rate() -> None:
    for schema in (SYMMETRY, COSTS, RATES):
        found = read("AdamW(lr=3e-4)", schema)
        assert not found.taken
        assert found.elsewhere == ("AdamW(lr=3e-4)",)


def test_the_entrys_own_values_and_other_experiments_names_are_told_and_not_taken() -> None:
    found = read("with lr=0.01 and 5 hidden units, SGD(0.1)", SYMMETRY, ALL)
    assert [each.said for each in found.same] == ["lr=0.01"]
    assert found.elsewhere == ("5 hidden units", "SGD(0.1)")
    assert not found.taken


NAMES = ["lr", "learning rate", "neurons", "epochs", "initializer", "batch size", "α", "Dense(", "Adam("]
NAMES += ["hidden_size", "Linear(2,", "Dropout(p=", "hidden_layer_sizes=("]
VALUES = [
    "0.3",
    "1e9",
    "-5",
    "5",
    "two",
    "one",
    "thirty-two",
    "a hundred",
    "he_normal",
    "10^-3",
    "0,3",
    "9" * 20,
    "20k",
]
VALUES += ["3 %"]
OTHERS = ["=", " ", "of", "with", ")", ",", "or", "not", "\n"]
PIECES = st.sampled_from([*NAMES, *VALUES, *OTHERS])


def assert_within_bounds(found: OwnNumbers, schema: dict[str, Any]) -> None:
    for each in (*found.taken, *found.same, *found.beyond, *found.several):
        rule = properties(schema)[each.parameter]
        if "enum" in rule:
            assert each.value in rule["enum"]
        else:
            assert rule["minimum"] <= each.value <= rule["maximum"]
            assert rule["type"] != "integer" or isinstance(each.value, int)


@given(st.lists(PIECES | st.text(max_size=5), max_size=30), st.sampled_from([ACTIVATION, BLOBS, VALIDATION]))
def test_no_text_takes_a_value_out_of_bounds_or_breaks(pieces: list[str], schema: dict[str, Any]) -> None:
    for between in ("", " "):
        assert_within_bounds(read(between.join(pieces), schema, ALL[:3]), schema)


def test_how_many_neurons_are_needed_is_tried_with_the_number_that_is_named() -> None:
    assert taken("with 3 hidden neurons how many networks get the four blobs right", WIDTH) == {"hidden": 3}
