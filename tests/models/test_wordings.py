"""What learners call parameters and their values: as each experiment's schema says it."""

from collections import Counter
from typing import Any

import pytest

from models import registry

NAMES = registry.names()
every_experiment = pytest.mark.parametrize("name", NAMES)


def properties(name: str) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = registry.describe(name)["parameters"]["properties"]
    return found


def normal(name: str) -> str:
    return name.casefold().replace("-", " ").replace("_", " ")


@every_experiment
def test_no_name_belongs_to_two_parameters(name: str) -> None:
    called: Counter[str] = Counter()
    for key, rule in properties(name).items():
        names = rule.get("synonyms", [key]) + rule.get("sizes", []) + rule.get("epochs", {}).get("synonyms", [])
        called.update({normal(each) for each in (*names, *rule.get("calls", []))})
    assert called.most_common(1)[0][1] == 1, called.most_common(3)


@every_experiment
def test_words_stand_for_values_that_a_parameter_takes(name: str) -> None:
    for rule in properties(name).values():
        if "words" in rule:
            assert set(rule["words"]) <= {str(value) for value in rule["enum"]}


@every_experiment
def test_every_learning_rate_is_found_by_its_usual_names(name: str) -> None:
    rule = properties(name).get("rate")
    if rule is not None:
        assert {"learning rate", "lr", "alpha", "step size"} <= set(rule["synonyms"])


@every_experiment
def test_steps_are_found_by_their_usual_names(name: str) -> None:
    rule = properties(name).get("steps")
    if rule is not None:
        assert {"steps", "iterations"} <= set(rule.get("synonyms", ()))


@every_experiment
def test_epochs_are_as_many_steps_as_the_plans_really_take(name: str) -> None:
    experiment, rule = registry.find(name), properties(name).get("steps", {})
    sizes = {
        -(-plan.examples // (plan.mini_batch or plan.examples))
        for plan in experiment.plans(experiment.parameters())
        if not plan.aside
    }
    if "epochs" in rule:
        assert -(-rule["epochs"]["examples"] // rule["epochs"]["batch"]) in sizes
    elif "epochs" in rule.get("synonyms", []):
        assert sizes == {1}
