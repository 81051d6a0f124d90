"""A script names the settings that its network depends on, and no others."""

from typing import Any

import pytest

from models import registry
from models.plan_settings import another, settings_of


@pytest.mark.parametrize(
    ("experiment", "plan", "expected"),
    [
        ("width", "blobs.4", {"steps", "rate", "initializer"}),
        ("width", "xor.4", {"xor_steps", "rate", "initializer"}),
        ("cost-average", "same_epochs.8", {"epochs", "rate", "initializer"}),
        ("cost-average", "mean.adam", {"steps", "initializer"}),  # Adam has a rate of its own there
        ("dropout", "same.plain", {"steps", "rate", "initializer"}),
        ("dropout", "same.dropout", {"steps", "rate", "dropout", "initializer"}),
        ("activation", "xor.relu", {"xor_steps", "xor_hidden", "rate", "initializer"}),
        ("bias", "constant_random", {"steps", "rate", "bias_scale"}),
        ("forgetting", "new_alone", {"steps", "rate", "initializer"}),  # its start is where another training ended
        ("separate-errors", "separate", {"steps", "rate", "batch_size", "initializer"}),  # planned within the run
    ],
)
def test_a_plan_has_the_settings_that_change_its_networks(experiment: str, plan: str, expected: set[str]) -> None:
    found = registry.find(experiment)
    hyperparameters = found.parameters()
    settings = settings_of(found, hyperparameters, plan)
    assert set(settings) == expected
    assert settings.items() <= hyperparameters.model_dump().items()


def test_where_a_value_makes_a_plan_it_is_a_setting_of_that_plan_alone() -> None:
    found = registry.find("learning-rate")
    hyperparameters = found.parameters.model_validate({"rate": 0.2})
    assert "rate" in settings_of(found, hyperparameters, "adam.0.2")
    assert "rate" not in settings_of(found, hyperparameters, "adam.0.01")


@pytest.mark.parametrize("name", registry.names())
@pytest.mark.parametrize("end", ["default", "minimum", "maximum"])
def test_another_value_is_one_that_is_allowed(name: str, end: str) -> None:
    parameters = registry.find(name).parameters
    for key, schema in parameters.model_json_schema()["properties"].items():
        value: Any = schema.get(end, schema["default"])
        other = another(value, schema)
        assert other != value
        assert getattr(parameters.model_validate({key: other}), key) == other
