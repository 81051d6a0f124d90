"""What every experiment's run gives: the declared findings, the JSON of the contract, the same again from its seed."""

import json
import math
import re
from typing import Any

import numpy as np
import pytest

from models import registry
from models.experiment import Experiment, Result
from models.findings import Declared, Quantity
from models.statistics import wilson
from tests.models.conftest import Observed, Run, diverged

pytestmark = pytest.mark.slow

NAMES = registry.names()
SHORT = {"steps": 30}
DIVERGE_ON_PURPOSE = {"cost-average", "learning-rate", "optimizers"}  # They try rates that are too large.

every_experiment = pytest.mark.parametrize("name", NAMES)


@every_experiment
def test_titles_and_summaries_are_there(name: str) -> None:
    experiment: Experiment[Any] = registry.find(name)
    assert experiment.name == name
    assert experiment.title
    assert experiment.summary.endswith(".")


# Training.


@every_experiment
@pytest.mark.parametrize(("networks", "steps"), [(1, 1), (65, 7)])
def test_cost_is_never_less_than_what_is_trained(name: str, networks: int, steps: int) -> None:
    experiment, done = registry.find(name), list[int]()
    hyperparameters = experiment.validate({"steps": steps}, networks, 1)
    experiment.train(hyperparameters, networks=networks, seed=1, progress=done.append)
    assert min(done) >= 0
    assert networks * steps <= sum(done) <= experiment.cost(hyperparameters, networks)


@every_experiment
def test_progress_never_decreases_and_ends_at_1(observed: Observed, name: str) -> None:
    _, shares = observed(name, networks=65, steps=30)
    assert len(shares) > 2, "each of the two blocks must be heard of"
    assert shares == sorted(shares)
    assert 0 <= shares[0] < shares[-1] == 1


class StopError(Exception):
    """What a caller raises to stop a run."""


@every_experiment
def test_what_progress_raises_stops_the_run(run: Run, name: str) -> None:
    experiment, calls = registry.find(name), 0

    def stop(_: float) -> None:
        nonlocal calls
        calls += 1
        raise StopError

    with pytest.raises(StopError):
        experiment.execute(experiment.validate(SHORT, 256, 1), networks=256, seed=1, progress=stop)
    # Each block calls at most once, and 256 networks are four blocks.
    assert calls <= 4 * len(run(name, networks=65, steps=30).cohorts) + 1


@every_experiment
def test_a_run_is_repeated_by_its_seed(run: Run, name: str) -> None:
    first, experiment = run(name, networks=65, steps=30), registry.find(name)
    again = experiment.execute(first.hyperparameters, networks=first.networks, seed=first.seed)
    assert list(again.findings.items()) == list(first.findings.items())
    for cohort, trained in first.cohorts.items():
        np.testing.assert_array_equal(again.cohorts[cohort].parameters, trained.parameters)


@every_experiment
def test_a_network_is_the_same_alone_and_among_others(run: Run, name: str) -> None:
    alone, together = run(name, networks=1, steps=30), run(name, networks=65, steps=30)
    assert alone.cohorts.keys() <= together.cohorts.keys()
    for cohort, trained in alone.cohorts.items():
        others = together.cohorts[cohort]
        places = others.plan.indices(together.networks).tolist()
        same = [places.index(k) for k in trained.plan.indices(1)]
        np.testing.assert_array_equal(trained.parameters, others.parameters[:, same])


@every_experiment
def test_another_seed_gives_others(run: Run, name: str) -> None:
    one, other = run(name, networks=65, steps=30), run(name, networks=65, steps=30, seed=2)
    for cohort, trained in one.cohorts.items():
        if cohort not in {"zero", "frozen"}:
            assert not np.array_equal(other.cohorts[cohort].parameters, trained.parameters)


# Findings.


@every_experiment
def test_what_is_declared_is_reported_and_nothing_else(run: Run, name: str) -> None:
    open_names = dict(registry.find(name).declared)
    for key, finding in run(name).findings.items():
        declared = [each for each in registry.find(name).declared if expression(each).fullmatch(key)]
        assert len(declared) == 1, key
        rule = registry.find(name).declared[declared[0]]
        assert rule == Declared(finding.kind, rule.label, finding.unit if isinstance(finding, Quantity) else "")
        assert finding.label
        assert not set("{}<>") & set(finding.label)
        if declared[0] == key:
            assert finding.label == rule.label
        open_names.pop(declared[0], None)
    assert not open_names


@every_experiment
def test_labels_speak_of_one_thing_in_the_singular(run: Run, name: str) -> None:
    plural = re.compile(r"(?<![\d.,])1 (\w+ )?(layers|networks|neurons|points|steps)\b")
    assert [each.label for each in run(name).findings.values() if plural.search(each.label)] == []


def expression(declared: str) -> re.Pattern[str]:
    """Return the names that a declared one stands for."""
    parts = re.split(r"<\w+>", declared)
    return re.compile("[^|]*".join(re.escape(part) for part in parts))


@every_experiment
def test_every_experiment_reports_diverged_share_of_all_networks(run: Run, name: str) -> None:
    found = run(name, networks=65, steps=30).share("diverged_share")
    assert found.of == 65
    assert (found.count > 0) == (name in DIVERGE_ON_PURPOSE)


@every_experiment
@pytest.mark.parametrize(
    ("value", "networks"),
    [(np.nan, [0]), (np.nan, [1, 3]), (np.nan, range(65)), (np.inf, [1, 64])],
    ids=["one", "two", "all", "infinite"],
)
def test_diverged_networks_are_counted_and_never_reach_the_json(
    run: Run, name: str, value: float, networks: list[int]
) -> None:
    result = diverged(run(name, networks=65, steps=30), value, networks)
    found = result.share("diverged_share")
    assert found.of == 65
    assert found.count >= len(networks) if name in DIVERGE_ON_PURPOSE else found.count == len(networks)
    assert_is_the_contract(result)


# The JSON.


def assert_is_the_contract(result: Result) -> None:
    text = json.dumps(result.to_json(), allow_nan=False)
    found: dict[str, Any] = json.loads(text)
    assert found == result.to_json()
    assert set(found) == {
        *("experiment", "seed", "networks", "hyperparameters", "setup", "findings", "seconds", "versions")
    }
    assert (found["experiment"], found["seed"], found["networks"]) == (result.experiment, result.seed, result.networks)
    assert type(found["seed"]) is type(found["networks"]) is int
    assert set(found["hyperparameters"]) == set(registry.describe(result.experiment)["parameters"]["properties"])
    assert set(found["seconds"]) == {"compile", "train", "figures"}
    assert all(seconds >= 0 for seconds in found["seconds"].values())
    assert {"python", "tensorflow", "numpy", "scipy", "cpu"} <= set(found["versions"])
    assert all(isinstance(words, str) and words for words in (*found["setup"].values(), *found["versions"].values()))
    keys = {
        "share": {"kind", "label", "value", "count", "of", "low", "high"},
        "quantity": {"kind", "label", "value", "unit"},
        "label": {"kind", "label", "value"},
    }
    censuses = {each.loss.size for each in result.cohorts.values() if not each.plan.sample}
    for finding in found["findings"].values():
        assert set(finding) == keys[finding["kind"]]
        if finding["kind"] == "share" and finding["of"]:
            assert finding["value"] == finding["count"] / finding["of"]
            if finding["low"] is None:  # all that there is was counted, and nothing was drawn at random
                assert finding["of"] in censuses
            else:
                assert (finding["low"], finding["high"]) == wilson(finding["count"], finding["of"])
        elif finding["kind"] == "share":
            assert (finding["count"], finding["value"], finding["low"], finding["high"]) == (0, None, None, None)
        elif finding["kind"] == "quantity":
            assert finding["value"] is None or math.isfinite(finding["value"])
        else:
            assert finding["value"] is None or isinstance(finding["value"], str)


@every_experiment
@pytest.mark.parametrize(
    "values", [{}, {"networks": 1, "steps": 30}, {"networks": 65, "steps": 30}], ids=["64", "1", "65"]
)
def test_json_is_what_the_contract_says(run: Run, name: str, values: dict[str, int]) -> None:
    assert_is_the_contract(run(name, **values))


def rate_of(name: str, rate: float) -> dict[str, Any]:
    """Return what sets the rate of an experiment; nothing where it compares rates of its own."""
    if name == "escape":
        return {"factor": min(rate * 10, 10.0)}  # its rates are a tenth and a hundredth of that
    return {"rate": rate} if "rate" in registry.describe(name)["parameters"]["properties"] else {}


@every_experiment
def test_json_and_setup_repeat_what_was_asked(run: Run, name: str) -> None:
    values = rate_of(name, 0.02)
    result = run(name, networks=5, seed=2**63 - 1, steps=30, **values)
    found, setup = result.to_json(), result.setup
    assert (found["seed"], found["networks"]) == (2**63 - 1, 5)
    assert found["hyperparameters"].items() >= values.items()
    assert found["hyperparameters"]["steps"] == 30
    assert {"data", "network", "initialiser", "loss", "optimiser", "steps"} <= set(setup)
    assert "0.02" in setup["optimiser"] or not values
    assert "30" in setup["steps"]


@every_experiment
def test_the_largest_rate_gives_valid_json(run: Run, name: str) -> None:
    values = rate_of(name, 100.0)
    assert_is_the_contract(run(name, networks=3, steps=200, **values))
