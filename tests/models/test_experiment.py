"""What every experiment promises: declared findings, checked parameters, progress, JSON, repeatable runs."""

import json
import math
import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from models import registry
from models.experiment import (
    COST_LIMIT,
    MOST_NETWORKS,
    BadInputError,
    Declared,
    Experiment,
    Findings,
    Label,
    Quantity,
    Result,
    Share,
    allowed,
)
from models.statistics import wilson
from models.streams import SEED_LIMIT

Run = Callable[..., Result]
NAMES = registry.names()
PARAMETERS = [(name, key) for name in NAMES for key in registry.describe(name)["parameters"]["properties"]]
SHORT = {"steps": 30}
DIVERGE_ON_PURPOSE = {"cost-average", "learning-rate"}  # They show what a rate that is too large does.

DECLARED = {
    "good_share": Declared("share", "good networks"),
    "gap.<rung>": Declared("quantity", "gap of {rung}", "weight"),
    "pattern.<a>|<b>": Declared("share", "active on {a} and {b}"),
    "best": Declared("label", "the best"),
}


@pytest.fixture(scope="module")
def run() -> Run:
    """Return a function that runs an experiment for a few steps, and keeps the result."""

    @cache
    def kept(name: str, networks: int = 5, seed: int = 1, **values: Any) -> Result:
        experiment = registry.find(name)
        hyperparameters = experiment.check(SHORT | values, networks, seed)
        return experiment.execute(hyperparameters, networks=networks, seed=seed)

    return kept


@pytest.fixture
def findings() -> Findings:
    return Findings(DECLARED)


def schema(name: str, key: str) -> dict[str, Any]:
    found: dict[str, Any] = registry.describe(name)["parameters"]["properties"][key]
    return found


def refusal(name: str, values: dict[str, Any], networks: int = 2, seed: int = 1, **limit: int) -> str:
    """Return the message with which an experiment refuses a run."""
    with pytest.raises(BadInputError) as caught:
        registry.find(name).check(values, networks, seed, **limit)
    message = str(caught.value)
    assert message
    assert len(message.splitlines()) == 1
    return message


def broken(result: Result, value: float, networks: list[int]) -> Result:
    """Return the run as if some networks had diverged half-way to ``value``."""
    cohorts = {}
    for name, trained in result.cohorts.items():
        if name == "frozen":  # It trains on its own and does not hang on the run's rate.
            cohorts[name] = trained
            continue
        chosen = [network for network in networks if network < trained.loss.size]
        parameters, loss, history = trained.parameters.copy(), trained.loss.copy(), trained.history.parameters.copy()
        parameters[:, chosen], loss[chosen] = value, np.nan
        if history.size:
            history[len(history) // 2 :, :, chosen] = value
        cohorts[name] = replace(
            trained, parameters=parameters, loss=loss, history=replace(trained.history, parameters=history)
        )
    experiment = registry.find(result.experiment)
    findings = Findings(experiment.declared)
    experiment.measure(cohorts, findings)
    return replace(result, cohorts=cohorts, findings=findings)


@pytest.mark.parametrize("name", ["other", "good_shares", "gap", "gapXrung", "pattern.01", "pattern.01|02|03", ""])
def test_findings_refuse_undeclared_names(findings: Findings, name: str) -> None:
    reports: list[Callable[[], None]] = [
        lambda: findings.share(name, np.array([True])),
        lambda: findings.quantity(name, 1.0),
        lambda: findings.median(name, np.array([1.0])),
        lambda: findings.label(name, "it"),
    ]
    for report in reports:
        with pytest.raises(KeyError, match="not declared"):
            report()
    assert not findings


def test_findings_refuse_the_wrong_kind(findings: Findings) -> None:
    with pytest.raises(KeyError, match="not declared"):
        findings.quantity("good_share", 0.5)
    with pytest.raises(KeyError, match="not declared"):
        findings.share("gap.zero", np.array([True]))
    with pytest.raises(KeyError, match="not declared"):
        findings.label("gap.zero", "zero")


def test_a_share_has_count_denominator_and_interval(findings: Findings) -> None:
    findings.share("good_share", np.arange(64) < 53)
    low, high = wilson(53, 64)
    assert findings["good_share"] == Share(label="good networks", value=53 / 64, count=53, of=64, low=low, high=high)


def test_a_share_of_nothing_has_no_value(findings: Findings) -> None:
    findings.share("good_share", np.zeros(0, bool))
    assert findings["good_share"] == Share(label="good networks", value=None, count=0, of=0, low=None, high=None)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, None, np.float32("nan"), np.float64("inf")])
def test_a_quantity_that_is_no_number_has_no_value(findings: Findings, value: float | None) -> None:
    findings.quantity("gap.zero", value)
    assert findings["gap.zero"] == Quantity(label="gap of zero", value=None, unit="weight")


@pytest.mark.parametrize(
    ("values", "expected"), [([1.0, np.nan, 3.0], 2.0), ([np.nan], None), ([], None), ([np.inf, 5.0], 5.0)]
)
def test_a_median_is_of_what_is_finite(findings: Findings, values: list[float], expected: float | None) -> None:
    findings.median("gap.zero", np.array(values, float))
    assert findings["gap.zero"] == Quantity(label="gap of zero", value=expected, unit="weight")


def test_labels_of_families_name_the_member(findings: Findings) -> None:
    findings.quantity("gap.1e-06", 1.0)
    findings.share("pattern.01|23", np.array([True]))
    findings.share("pattern.|23", np.array([True]))
    findings.label("best", "01|23")
    assert [finding.label for finding in findings.values()] == [
        "gap of 1e-06",
        "active on 01 and 23",
        "active on none and 23",
        "the best",
    ]
    assert findings["best"] == Label(label="the best", value="01|23")


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"enum": [32, 100], "type": "integer"}, "one of 32, 100"),
        ({"type": "integer", "minimum": 1, "maximum": 20_000}, "a whole number from 1 to 20,000"),
        ({"type": "number", "minimum": 1e-6, "maximum": 100}, "a number from 1e-06 to 100"),
        ({"type": "boolean"}, "true or false"),
        ({"type": "string"}, "a text"),
    ],
)
def test_allowed_says_what_a_schema_allows(rule: dict[str, Any], words: str) -> None:
    assert allowed(rule) == words


@pytest.mark.parametrize("name", NAMES)
def test_defaults_are_accepted_and_frozen(name: str) -> None:
    checked = registry.find(name).check({}, 64, 0)
    assert checked.model_dump() == {
        key: rule["default"] for key, rule in registry.describe(name)["parameters"]["properties"].items()
    }
    with pytest.raises(ValueError, match="frozen"):
        checked.steps = 1


@pytest.mark.parametrize(("name", "key"), PARAMETERS)
def test_every_parameter_has_a_description_a_default_and_a_range(name: str, key: str) -> None:
    rule = schema(name, key)
    assert rule["description"]
    assert "default" in rule
    assert "enum" in rule or rule["minimum"] < rule["maximum"]


@pytest.mark.parametrize(("name", "key"), PARAMETERS)
@pytest.mark.parametrize(
    "value",
    [math.nan, math.inf, -math.inf, None, True, "many", "a\nb", "", [1], {"a": 1}, -1, 10**9, 10**30],
    ids=repr,
)
def test_bad_values_are_refused_with_what_is_allowed(name: str, key: str, value: object) -> None:
    message = refusal(name, {key: value})
    assert message.startswith(f"{key} must be {allowed(schema(name, key))}, not ")


@pytest.mark.parametrize(("name", "key"), PARAMETERS)
def test_the_ends_of_every_range_are_allowed_and_what_lies_beyond_is_not(name: str, key: str) -> None:
    rule, experiment = schema(name, key), registry.find(name)
    for value in rule.get("enum", [rule.get("minimum"), rule.get("maximum")]):
        assert getattr(experiment.check({key: value}, 1, 0), key) == value
    if "enum" not in rule:
        below = rule["minimum"] * (1 - 1e-9) or -1e-9
        refusal(name, {key: below if rule["type"] == "number" else rule["minimum"] - 1})
        refusal(name, {key: rule["maximum"] + (1e-9 * rule["maximum"] if rule["type"] == "number" else 1)})


@pytest.mark.parametrize("name", NAMES)
def test_a_fraction_is_no_whole_number(name: str) -> None:
    assert "a whole number" in refusal(name, {"steps": 800.0})


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("key", ["nonsense", "Steps", "a\nb", ""])
def test_an_unknown_parameter_is_refused_with_all_known_ones(name: str, key: str) -> None:
    message = refusal(name, {key: 1})
    assert name in message
    for known in registry.describe(name)["parameters"]["properties"]:
        assert known in message


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("networks", [0, -1, MOST_NETWORKS + 1, 10_000_000])
def test_networks_out_of_range_are_refused(name: str, networks: int) -> None:
    message = refusal(name, {}, networks=networks)
    assert "networks must be a whole number from 1 to 65,536" in message
    assert f"{networks:,}" in message


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("seed", [-1, SEED_LIMIT, 10**40])
def test_seeds_out_of_range_are_refused(name: str, seed: int) -> None:
    message = refusal(name, {}, seed=seed)
    assert f"seed must be a whole number from 0 to {SEED_LIMIT - 1}" in message


@pytest.mark.parametrize("name", NAMES)
def test_a_run_that_costs_too_much_is_refused_with_the_limit(name: str) -> None:
    steps = schema(name, "steps")["maximum"]
    message = refusal(name, {"steps": steps}, networks=MOST_NETWORKS)
    assert f"{COST_LIMIT:,}" in message
    assert "fewer networks or fewer steps" in message


@pytest.mark.parametrize("name", NAMES)
def test_the_limit_is_the_last_cost_that_is_allowed(name: str) -> None:
    experiment = registry.find(name)
    cost = experiment.cost(experiment.check({}, 64, 0), 64)
    experiment.check({}, 64, 0, limit=cost)
    assert f"{cost - 1:,}" in refusal(name, {}, networks=64, limit=cost - 1)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("networks", "steps"), [(1, 1), (3, 50), (65, 7)])
def test_cost_is_never_less_than_what_is_trained(name: str, networks: int, steps: int) -> None:
    experiment, done = registry.find(name), list[int]()
    hyperparameters = experiment.check({"steps": steps}, networks, 1)
    experiment.train(hyperparameters, networks=networks, seed=1, progress=done.append)
    assert min(done) >= 0
    assert networks * steps <= sum(done) <= experiment.cost(hyperparameters, networks)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("networks", [1, 65])
def test_progress_never_decreases_and_ends_at_1(name: str, networks: int) -> None:
    experiment, shares = registry.find(name), list[float]()
    hyperparameters = experiment.check(SHORT, networks, 1)
    experiment.execute(hyperparameters, networks=networks, seed=1, progress=shares.append)
    assert len(shares) > 5
    assert shares == sorted(shares)
    assert 0 <= shares[0] < shares[-1] == 1
    assert shares[len(shares) // 2] < 1


class StopError(Exception):
    """What a caller raises to stop a run."""


@pytest.mark.parametrize("name", NAMES)
def test_what_progress_raises_stops_the_run(run: Run, name: str) -> None:
    experiment, calls = registry.find(name), 0

    def stop(_: float) -> None:
        nonlocal calls
        calls += 1
        raise StopError

    hyperparameters = experiment.check(SHORT, 256, 1)
    with pytest.raises(StopError):
        experiment.execute(hyperparameters, networks=256, seed=1, progress=stop)
    assert calls <= 4 * len(run(name).cohorts) + 1  # Each block calls at most once, and 256 networks are four blocks.


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("networks", [1, 65])
def test_the_same_seed_gives_the_same_findings_and_another_seed_others(run: Run, name: str, networks: int) -> None:
    experiment = registry.find(name)
    first = run(name, networks=networks, steps=300)
    again = experiment.execute(first.hyperparameters, networks=networks, seed=1)
    other = run(name, networks=networks, seed=2, steps=300)
    assert list(again.findings.items()) == list(first.findings.items())
    if networks > 1:  # The findings of a single network are few and coarse.
        assert other.findings != first.findings
    for cohort, trained in first.cohorts.items():
        np.testing.assert_array_equal(again.cohorts[cohort].parameters, trained.parameters)
        if cohort not in {"zero", "frozen"}:
            assert not np.array_equal(other.cohorts[cohort].parameters, trained.parameters)


@pytest.mark.parametrize("name", NAMES)
def test_every_declared_finding_is_reported_with_its_kind(run: Run, name: str) -> None:
    experiment, findings = registry.find(name), run(name).findings
    for declared, rule in experiment.declared.items():
        parts = [".+" if at % 2 else re.escape(part) for at, part in enumerate(re.split(r"<\w+>", declared))]
        found = [finding for key, finding in findings.items() if re.fullmatch("".join(parts), key)]
        assert found, declared
        for finding in found:
            assert finding.kind == rule.kind
            assert finding.label
            assert not set("{}<>") & set(finding.label)
            if isinstance(finding, Quantity):
                assert finding.unit == rule.unit


@pytest.mark.parametrize("name", NAMES)
def test_every_experiment_reports_diverged_share_of_all_networks(run: Run, name: str) -> None:
    found = run(name, networks=65).findings["diverged_share"]
    assert isinstance(found, Share)
    assert found.of == 65
    assert (found.count > 0) == (name in DIVERGE_ON_PURPOSE)


@pytest.mark.parametrize("name", NAMES)
def test_findings_stand_in_the_order_of_their_declaration(run: Run, name: str) -> None:
    heads = [re.split(r"[.<]", declared)[0] for declared in registry.find(name).declared]
    places = [heads.index(key.partition(".")[0]) for key in run(name).findings]
    assert places == sorted(places)


def assert_is_the_contract(name: str, found: dict[str, Any]) -> None:
    assert set(found) == {
        *("experiment", "seed", "networks", "hyperparameters", "setup", "findings", "seconds", "versions")
    }
    assert found["experiment"] == name
    assert type(found["seed"]) is type(found["networks"]) is int
    assert set(found["hyperparameters"]) == set(registry.describe(name)["parameters"]["properties"])
    assert set(found["seconds"]) == {"compile", "train", "figures"}
    assert all(seconds >= 0 for seconds in found["seconds"].values())
    assert {"python", "tensorflow", "numpy", "scipy", "cpu"} <= set(found["versions"])
    assert all(isinstance(words, str) and words for words in (*found["setup"].values(), *found["versions"].values()))
    keys = {
        "share": {"kind", "label", "value", "count", "of", "low", "high"},
        "quantity": {"kind", "label", "value", "unit"},
        "label": {"kind", "label", "value"},
    }
    for finding in found["findings"].values():
        assert set(finding) == keys[finding["kind"]]
        if finding["kind"] == "share" and finding["of"]:
            low, high = wilson(finding["count"], finding["of"])
            assert finding["value"] == finding["count"] / finding["of"]
            assert (finding["low"], finding["high"]) == (low, high)
        elif finding["kind"] == "share":
            assert (finding["count"], finding["value"], finding["low"], finding["high"]) == (0, None, None, None)
        elif finding["kind"] == "quantity":
            assert finding["value"] is None or math.isfinite(finding["value"])
        else:
            assert finding["value"] is None or isinstance(finding["value"], str)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("networks", [1, 5, 65])
def test_json_is_what_the_contract_says(run: Run, name: str, networks: int) -> None:
    result = run(name, networks=networks)
    text = json.dumps(result.to_json(), allow_nan=False)
    assert_is_the_contract(name, json.loads(text))
    assert json.loads(text) == result.to_json()


@pytest.mark.parametrize("name", NAMES)
def test_json_repeats_what_was_asked(run: Run, name: str) -> None:
    found = run(name, networks=5, seed=2**63 - 1, rate=0.02).to_json()
    assert (found["seed"], found["networks"]) == (2**63 - 1, 5)
    assert found["hyperparameters"]["rate"] == 0.02
    assert found["hyperparameters"]["steps"] == 30


@pytest.mark.parametrize("name", NAMES)
def test_the_setup_says_data_network_initialiser_loss_optimiser_and_steps(run: Run, name: str) -> None:
    setup = run(name, rate=0.02).setup
    assert {"data", "network", "initialiser", "loss", "optimiser", "steps"} <= set(setup)
    assert "0.02" in setup["optimiser"]
    assert "30" in setup["steps"]


@pytest.mark.parametrize("name", NAMES)
def test_the_largest_rate_gives_valid_json(run: Run, name: str) -> None:
    result = run(name, networks=3, steps=200, rate=100.0)
    assert_is_the_contract(name, json.loads(json.dumps(result.to_json(), allow_nan=False)))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("value", "networks"), [(np.nan, [0]), (np.nan, [1, 3]), (np.nan, [0, 1, 2, 3, 4]), (np.inf, [1, 3])], ids=str
)
def test_diverged_networks_are_counted_and_never_reach_the_json(
    run: Run, name: str, value: float, networks: list[int]
) -> None:
    result = broken(run(name), value, networks)
    found = result.findings["diverged_share"]
    assert isinstance(found, Share)
    assert found.of == 5
    assert found.count >= len(networks) if name in DIVERGE_ON_PURPOSE else found.count == len(networks)
    assert_is_the_contract(name, json.loads(json.dumps(result.to_json(), allow_nan=False)))


@pytest.mark.parametrize("name", NAMES)
def test_titles_and_summaries_are_there(name: str) -> None:
    experiment: Experiment[Any] = registry.find(name)
    assert experiment.name == name
    assert experiment.title
    assert experiment.summary.endswith(".")


def test_a_last_placeholder_may_hold_a_dot() -> None:
    findings = Findings({"success.<optimizer>.<rate>": Declared("share", "{optimizer} at rate {rate}")})
    findings.share("success.sgd.0.001", np.array([True]))
    assert findings["success.sgd.0.001"].label == "sgd at rate 0.001"
