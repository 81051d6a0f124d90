"""Forms for an experiment's parameters: made from its schema, read back, and rendered."""

import json
from typing import Any, Literal

import pytest
from flask import Flask, render_template_string
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field, TypeAdapter

from assistant.library.parameters import ParametersError, fields, read_form
from models import registry
from models.experiment import Hyperparameters, LabBatch, Rate


class Parameters(Hyperparameters):
    """One parameter of each kind."""

    steps: int = Field(800, ge=1, le=20_000, description="training steps")
    rate: Rate = 0.01
    spread: float = Field(0.5, gt=0, lt=2, description="width of a blob")
    batch_size: LabBatch = 32
    activation: Literal["relu", "tanh"] = "relu"
    biases: bool = True
    note: str = Field("none", max_length=20, description="a word")


SCHEMA = json.loads(json.dumps(Parameters.model_json_schema()))


def sent(**typed: str) -> dict[str, str]:
    return {f"parameter-{name}": value for name, value in typed.items()}


def test_every_parameter_gets_the_control_that_suits_it() -> None:
    found = {field.name: field for field in fields(SCHEMA)}
    assert {name: field.kind for name, field in found.items()} == {
        "steps": "integer",
        "rate": "number",
        "spread": "number",
        "batch_size": "choice",
        "activation": "choice",
        "biases": "boolean",
        "note": "text",
    }
    assert found["steps"].allowed == "a whole number from 1 to 20,000"
    assert found["rate"].allowed == "a number from 0.000001 to 100"
    assert found["spread"].allowed == "a number above 0 below 2"
    assert [choice.value for choice in found["batch_size"].choices] == ["32", "100"]
    assert found["rate"].value == "0.01"
    assert found["biases"].value == "true"
    assert found["batch_size"].label == "batch size"


@pytest.mark.parametrize("name", registry.names())
def test_every_parameter_of_every_experiment_can_be_put_into_a_form(name: str) -> None:
    schema = registry.describe(name)["parameters"]
    form = {field.control: field.value for field in fields(schema)}
    assert set(form) == {f"parameter-{key}" for key in schema["properties"]}
    assert all(field.description for field in fields(schema))
    assert read_form(schema, form) == {}


@pytest.mark.parametrize(
    ("name", "labels"),
    [
        ("width", {"rate": "learning rate", "steps": "steps", "initializer": "initialiser"}),
        ("plateau", {"rate": "learning rate"}),
        ("activation", {"xor_steps": "XOR steps", "xor_hidden": "XOR neurons"}),
        ("validation-below", {"penalty": "L2 penalty"}),
        ("blobs-split", {"batch_size": "batch size"}),
    ],
)
def test_parameters_are_called_what_learners_call_them(name: str, labels: dict[str, str]) -> None:
    found = {field.name: field.label for field in fields(registry.describe(name)["parameters"])}
    assert {key: found.get(key) for key in labels} == labels


def test_what_is_wrong_is_told_with_the_label() -> None:
    schema = registry.describe("symmetry")["parameters"]
    with pytest.raises(ParametersError) as failure:
        read_form(schema, sent(rate="fast"))
    assert failure.value.problems["rate"].startswith("The learning rate must be a number from 0.000001 to 100")


def test_what_is_left_out_empty_or_at_its_default_means_the_default() -> None:
    assert read_form(SCHEMA, {"title": "another field of the form"}) == {}
    assert read_form(SCHEMA, sent(steps="", rate="  ", biases="true", batch_size="32")) == {}
    assert read_form(SCHEMA, sent(steps="800.0", rate="1e-2")) == {}


def test_values_come_back_in_the_type_that_the_experiment_wants() -> None:
    typed = sent(steps=" 900 ", rate="1", batch_size="100", activation="tanh", biases="false", note="a word")
    values = read_form(SCHEMA, typed)
    assert Parameters.model_validate(values).model_dump() == {
        "steps": 900,
        "rate": 1.0,
        "spread": 0.5,
        "batch_size": 100,
        "activation": "tanh",
        "biases": False,
        "note": "a word",
    }
    assert isinstance(values["rate"], float)


@pytest.mark.parametrize(
    ("name", "typed", "words"),
    [
        ("steps", "many", "The steps must be a whole number from 1 to 20,000, not “many”."),
        ("steps", "0", "a whole number from 1 to 20,000, not “0”"),
        ("steps", "1.5", "a whole number"),
        ("steps", "9" * 5_000, f"not “{'9' * 40}…”"),
        ("steps", "٣", "a whole number"),
        ("rate", "0,05", "a number from 0.000001 to 100, not “0,05”. Write it without commas"),
        ("rate", "nan", "a number"),
        ("rate", "inf", "a number"),
        ("rate", "1e999", "a number"),
        ("rate", "1_0", "a number"),
        ("spread", "0", "above 0 below 2"),
        ("spread", "2", "above 0 below 2"),
        ("batch_size", "64", "The batch size must be one of 32, 100, not “64”."),
        ("activation", "<b>", "one of relu, tanh, not “<b>”"),
        ("biases", "maybe", "yes or no"),
        ("note", "x" * 21, "a text of at most 20 characters"),
    ],
)
def test_a_wrong_value_is_named_with_what_would_be_right(name: str, typed: str, words: str) -> None:
    with pytest.raises(ParametersError) as caught:
        read_form(SCHEMA, sent(**{name: typed}))
    assert set(caught.value.problems) == {name}
    assert words in caught.value.problems[name]


def test_every_wrong_value_is_named_at_once() -> None:
    with pytest.raises(ParametersError) as caught:
        read_form(SCHEMA, sent(steps="x", rate="y", batch_size="32"))
    assert list(caught.value.problems) == ["steps", "rate"]


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "steps": st.integers(1, 20_000),
            "rate": st.floats(1e-6, 100),
            "spread": st.floats(0, 2, exclude_min=True, exclude_max=True),
            "batch_size": st.sampled_from([32, 100]),
            "biases": st.booleans(),
        },
    )
)
def test_values_survive_the_way_through_a_form(values: dict[str, Any]) -> None:
    form = {field.control: field.value for field in fields(SCHEMA, values)}
    assert Parameters.model_validate(read_form(SCHEMA, form)) == Parameters.model_validate(values)


@given(st.dictionaries(st.sampled_from(list(SCHEMA["properties"])), st.text(max_size=30)))
def test_whatever_is_typed_is_read_or_explained(typed: dict[str, str]) -> None:
    problems: dict[str, str] = {}
    try:
        Parameters.model_validate(read_form(SCHEMA, sent(**typed)))
    except ParametersError as error:
        problems = error.problems
    assert set(problems) <= set(typed)
    assert all(problems.values())


def test_references_to_definitions_are_followed() -> None:
    schema = {
        "$defs": {"Rule": {"enum": ["a", "b"], "type": "string"}},
        "properties": {"rule": {"$ref": "#/$defs/Rule", "default": "a", "description": "a rule"}},
    }
    assert [choice.text for choice in fields(schema)[0].choices] == ["a", "b"]
    assert read_form(schema, sent(rule="b")) == {"rule": "b"}


def test_what_no_control_is_made_for_is_said() -> None:
    schema = {"properties": {"sizes": TypeAdapter(list[int]).json_schema()}}
    with pytest.raises(ValueError, match="'array'"):
        fields(schema)


def test_a_form_keeps_what_was_typed_and_ties_each_problem_to_its_control(app: Flask) -> None:
    form = sent(steps='1"><script>', batch_size="100")
    with pytest.raises(ParametersError) as caught:
        read_form(SCHEMA, form)
    with app.test_request_context():
        shown = fields(SCHEMA, form=form, problems=caught.value.problems)
        template = '{% from "_parameters.html" import parameter_controls %}{{ parameter_controls(fields) }}'
        html = render_template_string(template, fields=shown)
    assert 'value="1&#34;&gt;&lt;script&gt;"' in html
    assert 'aria-describedby="parameter-steps-help parameter-steps-problem" aria-invalid="true"' in html
    assert 'id="parameter-steps-problem"' in html
    assert '<option value="100" selected>' in html
    assert 'aria-describedby="parameter-rate-help">' in html
    assert "Adam&#39;s learning rate. A number from 0.000001 to 100. Default: 0.01." in html
