"""What is taken home: a script trains with Keras to the run's own network; a notebook and a table hold the same."""

import json
import re
import runpy
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest

from models import export, registry
from models.datasets import overlapping, sine
from models.ensemble import Optimizer
from models.experiments.overfitting import same
from models.labs import Lab
from models.labs.blobs import BLOBS
from models.labs.coffee import COFFEE
from models.labs.overlapping import OVERLAPPING
from models.labs.xor import XOR
from models.network import Network
from models.plan_training import train_plans
from models.plans import Plan, Start
from models.samples import Sampler
from models.widths import without_masked
from tests.models.conftest import Run

pytestmark = pytest.mark.slow

TOLERANCE = 5e-6  # of a weight, after 300 steps; README promises 2e-6 for features of variance 1
RANDOM = Start.by("glorot_uniform")
SEED, NETWORK = 11, 2

CURVE = Lab(Network((1, 4, 1), "tanh", "squared_error"), sine.load, sine.WORDS, "4 tanh neurons", "near", tolerance=0.2)
ALL_BUT_KERNEL = np.ones((BLOBS.network.size, 1), np.float32)
ALL_BUT_KERNEL[BLOBS.network.layers[0].kernel] = 0
PLANS = {
    "full batch, softmax": Plan("main", BLOBS, RANDOM, 300),
    "one output, a bar by logits": Plan("main", COFFEE, RANDOM, 300, Optimizer(rate=0.05)),
    "shuffled batches, momentum": Plan("main", COFFEE, RANDOM, 300, Optimizer("momentum", 0.02), batch=32),
    "dropout": Plan("main", COFFEE, RANDOM, 300, Optimizer("sgd", 0.05), dropout=0.4),
    "weights held fixed": Plan("main", BLOBS, RANDOM, 300, trainable=ALL_BUT_KERNEL),
    "a penalty": Plan("main", COFFEE, RANDOM, 300, Optimizer("sgd", 0.1), l2=1e-3),
    "the orders of another place": Plan("main", COFFEE, RANDOM, 300, batch=32, members=range(1000, 1000 + NETWORK + 1)),
    "masked units": Plan("main", XOR, RANDOM, 300, width=3),
    "a penalty on weights alone": Plan(
        "main", COFFEE, RANDOM, 300, Optimizer("sgd", 0.1), l2=0.01, penalise_biases=False
    ),
    "a curve": Plan("main", CURVE, RANDOM, 300, Optimizer("momentum", 0.05)),
    "a softmax twice": Plan("main", replace(BLOBS, network=replace(BLOBS.network, loss="softmax_twice")), RANDOM, 300),
    "the lab's points in a larger shape": Plan("main", same(20)[0], RANDOM, 300, learned=same(20)[1]),
}


def template(plan: Plan) -> str:
    return export.script(plan, experiment="tests", seed=SEED, settings={"steps": plan.steps})


def filled(plan: Plan, number: int = NETWORK) -> str:
    return export.fill(template(plan), number, export.starting_arrays(plan, SEED, number))


@pytest.mark.parametrize("kind", PLANS)
def test_a_script_ends_where_the_engines_network_ends(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = PLANS[kind]
    cohort = train_plans([plan], networks=NETWORK + 1, seed=SEED, progress=lambda _: None)["main"]
    (tmp_path / "network.py").write_text(filled(plan), encoding="utf-8")
    names = runpy.run_path(str(tmp_path / "network.py"), run_name="__main__")
    printed, weights = capsys.readouterr().out, np.concatenate([each.ravel() for each in names["model"].get_weights()])
    expected = without_masked(cohort.network, cohort.parameters, cohort.width)[:, NETWORK]
    np.testing.assert_allclose(weights, expected, atol=TOLERANCE)
    right = round(float(plan.lab.accuracies(cohort.parameters)[NETWORK]) * len(plan.lab.data.x))
    assert printed.startswith(f"{right} of {len(plan.lab.data.x)} right")


def test_a_script_goes_on_with_some_rows_from_where_an_earlier_training_ended(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    every = Sampler.shared("all", BLOBS.data)
    old = np.flatnonzero(BLOBS.data.labels != 1)
    first = Plan("first", BLOBS, RANDOM, 200, Optimizer(rate=0.02), learned=every.only(old, "old"))
    new = np.flatnonzero(BLOBS.data.labels == 1)
    second = replace(first, name="main", learned=every.only(new, "new"), continues="first", trainable=ALL_BUT_KERNEL)
    cohort = train_plans([first, second], networks=NETWORK + 1, seed=SEED, progress=lambda _: None)["main"]
    arrays = export.starting_arrays(second, SEED, NETWORK, {"first": first})
    np.testing.assert_array_equal(np.concatenate([each.ravel() for each in arrays]), cohort.start[:, NETWORK])
    text = export.fill(template(second), NETWORK, arrays)
    assert 'those with which the training "first" had ended' in text
    (tmp_path / "network.py").write_text(text, encoding="utf-8")
    names = runpy.run_path(str(tmp_path / "network.py"), run_name="__main__")
    weights = np.concatenate([each.ravel() for each in names["model"].get_weights()])
    np.testing.assert_allclose(weights, cohort.parameters[:, NETWORK], atol=TOLERANCE)
    outputs = cohort.network.forward(cohort.parameters, BLOBS.data.x)[-1]
    right = cohort.network.right(outputs, BLOBS.data.labels)[:, NETWORK]
    said = f"of those learned here {right[new].sum()} of {len(new)}, of the others {right[old].sum()} of {len(old)}"
    assert said in capsys.readouterr().out


def test_a_script_needs_nothing_but_keras_and_numpy(tmp_path: Path) -> None:
    (tmp_path / "network.py").write_text(filled(replace(PLANS["masked units"], steps=2)), encoding="utf-8")
    command = [sys.executable, "-P", "network.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    assert re.match(r"\d of 4 right", done.stdout)


@pytest.mark.parametrize("kind", PLANS)
def test_nothing_is_left_open_and_everything_is_told(kind: str) -> None:
    plan, script = PLANS[kind], filled(PLANS[kind])
    assert "@" not in script.replace("@tf.function", "")
    assert f"NETWORK = {NETWORK}\nSEED = {SEED}\n" in script
    assert f"{plan.steps} steps" in script
    stream = "NETWORK" if plan.members is None else f"NETWORK + {plan.members[0]}"
    assert (f"SeedSequence(SEED, spawn_key=({stream}, 1))" in script) == (plan.batch is not None)
    assert (f"SeedSequence(SEED, spawn_key=({stream}, 2))" in script) == (plan.dropout > 0)
    compile(script, "network.py", "exec")


@pytest.mark.parametrize("name", registry.names())
def test_every_network_that_is_watched_can_be_taken_home(run: Run, name: str) -> None:
    result = run(name)
    for watched in registry.find(name).watched(result).values():
        plan = watched.plan
        script = export.script(plan, experiment=name, seed=result.seed, settings={})
        plans = {each: cohort.plan for each, cohort in result.cohorts.items()}
        compile(export.fill(script, 0, export.starting_arrays(plan, result.seed, 0, plans)), "network.py", "exec")


@pytest.mark.parametrize(
    "other",
    [
        {"learned": Sampler.each("own clouds", 20, overlapping.sample)},
        {"learned": same(20)[1].weighted({1: 2.0}, "weighted")},
        {"learned": same(20)[1].flipped(0.1, "noisy")},
        {"members": [3, 5]},
        {"lab": replace(same(20)[0], network=replace(OVERLAPPING.network, loss="raw_crossentropy"))},
        {"batch": 10},  # whose batches hold rows that are no examples
    ],
    ids=["own sample", "weighted", "flipped", "scattered", "no softmax", "holes in batches"],
)
def test_what_a_template_cannot_train_is_refused(other: dict[str, Any]) -> None:
    plan = replace(PLANS["the lab's points in a larger shape"], **other)
    with pytest.raises(ValueError, match="main"):
        template(plan)


def test_the_start_is_written_to_the_last_bit() -> None:
    arrays = export.starting_arrays(PLANS["full batch, softmax"], SEED, NETWORK)
    for array in arrays:
        read: Any = json.loads(export.literal(array))
        np.testing.assert_array_equal(np.array(read, np.float32), array)


def test_only_mini_batches_are_shuffled() -> None:
    shuffled = "in an order of this network's own"
    assert shuffled in template(PLANS["shuffled batches, momentum"])
    whole = template(PLANS["dropout"])
    assert shuffled not in whole
    assert "kept / (1 - 0.4)" in whole


def test_a_notebook_holds_the_scripts_code() -> None:
    made = template(PLANS["dropout"])
    notebook = nbformat.reads(export.notebook(made), as_version=4)
    nbformat.validate(notebook)
    code = [cell["source"] for cell in notebook.cells if cell["cell_type"] == "code"]
    for cell in code:
        assert cell in made
    assert len(code) == len(re.findall(r"^# %%$", made, re.MULTILINE))
    words = [cell["source"] for cell in notebook.cells if cell["cell_type"] == "markdown"]
    assert not any(line.startswith("#") for text in words for line in text.splitlines())


def test_a_filled_notebook_is_one() -> None:
    plan = PLANS["masked units"]
    text = export.fill(export.notebook(template(plan)), 1, export.starting_arrays(plan, SEED, 1))
    nbformat.validate(nbformat.reads(text, as_version=4))
    assert "@" not in text


def test_a_network_without_hidden_layer_can_be_taken_home() -> None:
    flat = replace(BLOBS, network=Network((2, 4), "linear", "softmax_crossentropy"))
    assert filled(Plan("main", flat, RANDOM, 5)).count("keras.layers.Dense(") == 1
