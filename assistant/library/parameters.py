"""Forms for an experiment's parameters, made from its JSON schema alone and read back through it.

Web processes know of an experiment what its row holds: the schema as pydantic writes it. A control that is left empty,
or holds the default, means the default, and is left out of what is read: ``{}`` is the experiment as it comes.
"""

import json
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from assistant.errors import InvalidInputError

Kind = Literal["choice", "integer", "number", "text", "boolean"]
Schema = Mapping[str, Any]

PREFIX = "parameter-"  # of the controls' names, so that no parameter meets another field of the same form
LONGEST = 200  # characters that are read of one control
FEW, MANY = 1e-6, 1e15  # what lies between them is written without an exponent
WHOLE = re.compile(r"[+-]?\d{1,18}(\.0*)?", re.ASCII)
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?", re.ASCII | re.IGNORECASE)
KINDS: dict[str, Kind] = {"integer": "integer", "number": "number", "string": "text", "boolean": "boolean"}


class ParametersError(InvalidInputError):
    """Values that an experiment does not take; ``problems`` holds one sentence for each parameter."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(" ".join(problems.values()))
        self.problems = dict(problems)


@dataclass(frozen=True)
class Choice:
    """One of several values: what a form sends for it, and what a reader sees of it."""

    value: str
    text: str


@dataclass(frozen=True)
class Field:
    """A control for one parameter."""

    name: str
    label: str
    description: str
    kind: Kind
    default: Any
    minimum: float | None
    maximum: float | None
    step: float | None  # None where any number in the range will do
    choices: tuple[Choice, ...]
    allowed: str  # what it takes, in words: "a whole number from 1 to 20,000"
    value: str  # what stands in the control
    problem: str | None  # what was wrong with it
    prefix: str = ""  # where the same form has the parameters of several experiments

    @property
    def control(self) -> str:
        """The name and id of the control."""
        return self.prefix + PREFIX + self.name

    @property
    def default_text(self) -> str:
        """The default, for a reader."""
        return value_text(self.default)


def fields(
    schema: Schema,
    values: Mapping[str, Any] | None = None,
    *,
    form: Mapping[str, str] | None = None,
    problems: Mapping[str, str] | None = None,
    prefix: str = "",
) -> list[Field]:
    """Return a control for each parameter of a schema.

    Args:
        schema: the experiment's parameters.
        values: the parameters as they are now; the default where one is missing.
        form: a form that was sent, whose typed values are kept as they were typed.
        problems: what was wrong with it, by parameter.
        prefix: of the controls' names, but not of the names in ``form``.
    """
    values, form, problems = values or {}, form or {}, problems or {}
    found = []
    for name, own in properties(schema).items():
        now = form_value(values.get(name, own.get("default")))
        found.append(
            Field(
                name=name,
                label=label(name, own),
                description=own.get("description", ""),
                kind=kind(own),
                default=own.get("default"),
                minimum=own.get("minimum", own.get("exclusiveMinimum")),
                maximum=own.get("maximum", own.get("exclusiveMaximum")),
                step=own.get("multipleOf", 1 if kind(own) == "integer" else None),
                choices=tuple(Choice(form_value(value), value_text(value)) for value in _choices(own)),
                allowed=constraint_text(own),
                value=form.get(PREFIX + name, now)[:LONGEST],
                problem=problems.get(name),
                prefix=prefix,
            )
        )
    return found


def read_form(schema: Schema, form: Mapping[str, str]) -> dict[str, Any]:
    """Return the parameters that a form asks for, without those that are left out or stand at their default.

    Raises:
        ParametersError: values that the schema does not allow.
    """
    from jsonschema import Draft202012Validator  # noqa: PLC0415 - takes longer to load than all else of this module

    values: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for name, own in properties(schema).items():
        typed = form.get(PREFIX + name, "").strip()
        if not typed:
            continue
        value = _value(own, typed)
        if value is None or not Draft202012Validator(own).is_valid(value):
            problems[name] = _problem(name, own, typed)
        elif value != own.get("default"):
            values[name] = value
    if problems:
        raise ParametersError(problems)
    return values


def properties(schema: Schema) -> dict[str, Schema]:
    """Return the schema of each parameter, with what it refers to filled in."""
    definitions = schema.get("$defs", {})

    def whole(own: Schema) -> Schema:
        reference = own.get("$ref")
        if reference is None:
            return own
        rest = {key: value for key, value in own.items() if key != "$ref"}
        return {**definitions[reference.removeprefix("#/$defs/")], **rest}

    return {name: whole(own) for name, own in schema.get("properties", {}).items()}


def label(name: str, own: Schema) -> str:
    """Return what a parameter is called for readers: "learning rate" for ``rate``."""
    return str(own.get("title", name))


def kind(own: Schema) -> Kind:
    """Return the kind of control that a parameter needs.

    Raises:
        ValueError: its schema is of a kind that no control is made for, such as a list.
    """
    if "enum" in own or "const" in own:
        return "choice"
    if own.get("type") not in KINDS:
        raise ValueError(f"no control is made for a parameter of type {own.get('type')!r}")
    return KINDS[own["type"]]


def constraint_text(own: Schema) -> str:
    """Say in words what a parameter takes."""
    if "enum" in own or "const" in own:
        return "one of " + ", ".join(value_text(value) for value in _choices(own))
    words = {"integer": "a whole number", "number": "a number", "text": "a text", "boolean": "yes or no"}[kind(own)]
    keys = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
    limits = {key: value_text(own[key]) for key in keys if key in own}
    bounds = {
        "minimum": "from {}",
        "exclusiveMinimum": "above {}",
        "maximum": "to {}" if "minimum" in limits else "up to {}",
        "exclusiveMaximum": "below {}",
    }
    parts = [phrase.format(limits[key]) for key, phrase in bounds.items() if key in limits]
    if "multipleOf" in own:
        parts.append(f"in steps of {value_text(own['multipleOf'])}")
    if kind(own) == "text" and "maxLength" in own:
        parts.append(f"of at most {own['maxLength']:,} characters")
    return " ".join([words, *parts])


def value_text(value: Any) -> str:  # noqa: ANN401
    """Write a parameter's value as a reader would: 20,000 and 0.000001, and no exponents where digits will do."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{int(value):,}" if value.is_integer() and abs(value) < MANY else _digits(value)
    return "" if value is None else str(value)


def _choices(own: Schema) -> Iterable[Any]:
    return own["enum"] if "enum" in own else [own["const"]] if "const" in own else []


def form_value(value: Any) -> str:  # noqa: ANN401
    """Return what stands in a control for a value, to its last digit."""
    if isinstance(value, float):
        return _digits(value)
    return "" if value is None else value if isinstance(value, str) else json.dumps(value)


def _digits(value: float) -> str:
    """Write a number exactly, and with an exponent only where it would be long without."""
    if not FEW <= abs(value) < MANY:
        return f"{value!r}" if value else "0"
    return f"{Decimal(repr(value)).normalize():f}"


def _value(own: Schema, typed: str) -> Any:  # noqa: ANN401
    """Return what was typed as a value of the parameter's type; None where it is none."""
    match kind(own):
        case "choice":
            return next((value for value in _choices(own) if form_value(value) == typed), None)
        case "boolean":
            return {"true": True, "false": False}.get(typed)
        case "integer":
            return int(typed.partition(".")[0]) if WHOLE.fullmatch(typed) else None
        case "number":
            value = float(typed) if len(typed) <= LONGEST and NUMBER.fullmatch(typed) else math.inf
            return value if math.isfinite(value) else None
    return typed


def _problem(name: str, own: Schema, typed: str) -> str:
    """Say what was wrong with what was typed, and what would be right."""
    shown = typed if len(typed) <= 40 else f"{typed[:40]}…"
    hint = " Write it without commas, with a point before decimals." if "," in typed and "enum" not in own else ""
    return f"The {label(name, own)} must be {constraint_text(own)}, not “{shown}”.{hint}"
