"""What can be varied: each parameter has a range and a description; bad input gets one line that says what is right."""

import math
from typing import Any

import pytest

from models import registry
from models.experiment import COST_LIMIT, MOST_NETWORKS, BadInputError, allowed
from models.streams import SEED_LIMIT

NAMES = registry.names()
PARAMETERS = [(name, key) for name in NAMES for key in registry.describe(name)["parameters"]["properties"]]
# One of each kind; that all of these are refused is due to what all experiments share.
KINDS = [("init-scale", "steps"), ("init-scale", "rate"), ("blobs-split", "batch_size"), ("blobs-split", "initializer")]
BAD: list[object] = [math.nan, math.inf, -math.inf, None, True, "many", "a\nb", "", [1], {"a": 1}, -1, 10**9, 10**30]

every_experiment = pytest.mark.parametrize("name", NAMES)
every_parameter = pytest.mark.parametrize(("name", "key"), PARAMETERS)


def schema(name: str, key: str) -> dict[str, Any]:
    found: dict[str, Any] = registry.describe(name)["parameters"]["properties"][key]
    return found


def refusal(name: str, values: dict[str, Any], networks: int = 2, seed: int = 1, **limit: int) -> str:
    """Return the message with which an experiment refuses a run."""
    with pytest.raises(BadInputError) as caught:
        registry.find(name).validate(values, networks, seed, **limit)
    message = str(caught.value)
    assert message
    assert len(message.splitlines()) == 1
    return message


def assert_refused(name: str, key: str, value: object) -> None:
    assert refusal(name, {key: value}).startswith(f"{key} must be {allowed(schema(name, key))}, not ")


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


@every_experiment
def test_defaults_are_accepted_and_frozen(name: str) -> None:
    checked = registry.find(name).validate({}, 64, 0)
    assert checked.model_dump() == {
        key: rule["default"] for key, rule in registry.describe(name)["parameters"]["properties"].items()
    }
    with pytest.raises(ValueError, match="frozen"):
        checked.steps = 1


@every_parameter
def test_every_parameter_has_a_description_a_default_and_a_range(name: str, key: str) -> None:
    rule = schema(name, key)
    assert rule["description"]
    assert "default" in rule
    assert "enum" in rule or rule["minimum"] < rule["maximum"]


@every_parameter
def test_the_ends_of_every_range_are_allowed_and_what_lies_beyond_is_not(name: str, key: str) -> None:
    rule, experiment = schema(name, key), registry.find(name)
    for value in rule.get("enum", [rule.get("minimum"), rule.get("maximum")]):
        assert getattr(experiment.validate({key: value}, 1, 0), key) == value
    if "enum" not in rule:
        real = rule["type"] == "number"
        assert_refused(name, key, (rule["minimum"] * (1 - 1e-9) or -1e-9) if real else rule["minimum"] - 1)
        assert_refused(name, key, rule["maximum"] * (1 + 1e-9) if real else rule["maximum"] + 1)
    assert_refused(name, key, "many")


@pytest.mark.parametrize(("name", "key"), KINDS)
@pytest.mark.parametrize("value", BAD, ids=repr)
def test_bad_values_are_refused_with_what_is_allowed(name: str, key: str, value: object) -> None:
    assert_refused(name, key, value)


@pytest.mark.parametrize("value", [800.0, 0.5])
def test_a_fraction_is_no_whole_number(value: float) -> None:
    assert "a whole number" in refusal("init-scale", {"steps": value})


@every_experiment
def test_an_unknown_parameter_is_refused_with_all_known_ones(name: str) -> None:
    message = refusal(name, {"nonsense": 1})
    assert name in message
    for known in registry.describe(name)["parameters"]["properties"]:
        assert known in message


@pytest.mark.parametrize("key", ["Steps", "a\nb", ""])
def test_names_of_parameters_are_taken_literally(key: str) -> None:
    assert f"init-scale has no parameter {key!r}" in refusal("init-scale", {key: 1})


@pytest.mark.parametrize("networks", [0, -1, MOST_NETWORKS + 1, 10_000_000])
def test_networks_out_of_range_are_refused(networks: int) -> None:
    message = refusal("init-scale", {}, networks=networks)
    assert "networks must be a whole number from 1 to 65,536" in message
    assert f"{networks:,}" in message


@pytest.mark.parametrize("seed", [-1, SEED_LIMIT, 10**40])
def test_seeds_out_of_range_are_refused(seed: int) -> None:
    message = refusal("init-scale", {}, seed=seed)
    assert f"seed must be a whole number from 0 to {SEED_LIMIT - 1}" in message


@every_experiment
def test_a_run_that_costs_too_much_is_refused_with_the_limit(name: str) -> None:
    message = refusal(name, {"steps": schema(name, "steps")["maximum"]}, networks=MOST_NETWORKS)
    assert f"{COST_LIMIT:,}" in message
    assert "fewer networks or fewer steps" in message


@every_experiment
def test_the_limit_is_the_last_cost_that_is_allowed(name: str) -> None:
    experiment = registry.find(name)
    cost = experiment.cost(experiment.validate({}, 64, 0), 64)
    experiment.validate({}, 64, 0, limit=cost)
    assert f"{cost - 1:,}" in refusal(name, {}, networks=64, limit=cost - 1)
