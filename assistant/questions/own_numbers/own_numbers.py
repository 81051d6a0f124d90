"""A question's own numbers: what of a learner's text an entry's experiment can be trained with."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from assistant.library.parameters import (
    PREFIX,
    Schema,
    constraint_text,
    form_value,
    kind,
    label,
    properties,
    value_text,
)
from assistant.questions.own_numbers.mentions import Mention, Vocabulary, mentions
from assistant.questions.own_numbers.optimizers import other_optimizer, said_with


@dataclass(frozen=True)
class OwnNumber:
    """A value that a learner gave for a parameter, as the experiment takes it; ``said`` is what they wrote.

    Of what the experiment does not take, ``problem`` says what it does take, and the value is the nearest to it.
    """

    parameter: str
    label: str  # the parameter, for a reader
    value: Any
    said: str
    problem: str = ""

    @property
    def control(self) -> str:
        """The name of the control that holds it in a form."""
        return PREFIX + self.parameter

    @property
    def sent(self) -> str:
        """The value as a form sends it."""
        return form_value(self.value)

    @property
    def words(self) -> str:
        """The parameter and the value, for a reader."""
        return f"{self.label} {value_text(self.value)}"


@dataclass(frozen=True)
class OwnNumbers:
    """What was understood of a text."""

    taken: tuple[OwnNumber, ...] = ()
    same: tuple[OwnNumber, ...] = ()  # as the entry's own networks are trained anyway
    beyond: tuple[OwnNumber, ...] = ()  # what the experiment does not take, with the nearest that it does
    several: tuple[OwnNumber, ...] = ()  # one parameter in several values, of which the learner may choose
    elsewhere: tuple[str, ...] = ()  # what was named, and is no parameter of this experiment

    def __bool__(self) -> bool:
        return bool(self.taken or self.same or self.beyond or self.several or self.elsewhere)


def read(text: str, schema: Schema, others: Iterable[Schema] = ()) -> OwnNumbers:
    """Return the values that stand next to a parameter's name in a text with code, and nothing else.

    Args:
        text: the whole post.
        schema: what the entry's experiment can be trained with, its defaults being the entry's own values.
        others: the schemas of other experiments, whose parameters this one may not have.
    """
    own = properties(schema)
    strange = {
        f"{number}/{name}": rule for number, other in enumerate(others) for name, rule in properties(other).items()
    }
    found = mentions(text, _vocabulary(json.dumps({**own, **strange})))
    of_others = [other_optimizer(text, each) for each in found]  # whose rates they are
    here = [
        each
        for each, optimizer in zip(found, of_others, strict=True)
        if each.term.parameter in own and optimizer is None
    ]
    values = [_own_number(each, _steps_an_epoch(each, here, own)) for each in here]
    taken, same, beyond, several = [], [], [], []
    for parameter in dict.fromkeys(each.parameter for each in values):
        given = {each.sent + each.problem: each for each in reversed(values) if each.parameter == parameter}
        first, *rest = reversed(given.values())
        if rest:
            several += [each for each in (first, *rest) if not each.problem]
        elif first.problem:
            beyond.append(first)
        elif first.value == own[parameter].get("default"):
            same.append(first)
        else:
            taken.append(first)
    elsewhere = dict.fromkeys(
        said_with(optimizer, each, text) if optimizer is not None else each.said
        for each, optimizer in zip(found, of_others, strict=True)
        if optimizer is not None or each.term.parameter not in own
    )
    return OwnNumbers(tuple(taken), tuple(same), tuple(beyond), tuple(several), tuple(elsewhere))


@lru_cache(maxsize=64)  # more than there are entries
def _vocabulary(schemas: str) -> Vocabulary:
    """Return the vocabulary of parameters' schemas, in JSON: to make one takes longer than to read a text with it."""
    return Vocabulary(json.loads(schemas))


def _own_number(mention: Mention, factor: int) -> OwnNumber:
    """Return what a mention comes to, its epochs being ``factor`` steps each."""
    parameter, rule, value = mention.term.parameter, mention.term.rule, mention.value
    name = label(parameter, rule)
    if isinstance(value, str):
        chosen = next(each for each in (rule.get("enum") or [value]) if form_value(each) == value)
        return OwnNumber(parameter, name, chosen, mention.said)
    nearest = _nearest(value * factor, rule)
    said = mention.said if factor == 1 else f"{mention.said} ({value_text(nearest)} steps here)"
    if nearest == value * factor:
        return OwnNumber(parameter, name, nearest, said)
    problem = f"The {name} must be {constraint_text(rule)}."
    return OwnNumber(parameter, name, nearest, mention.said, problem)


def _nearest(value: float, rule: Schema) -> Any:  # noqa: ANN401
    """Return what a parameter takes that is nearest to a number."""
    if kind(rule) == "choice":
        return min(rule["enum"], key=lambda each: abs(each - value))
    within = min(max(value, rule.get("minimum", value)), rule.get("maximum", value))
    return round(within) if kind(rule) == "integer" else within


def _steps_an_epoch(mention: Mention, found: Iterable[Mention], own: Schema) -> int:
    """Return how many steps one epoch is, with the batch size of the text, else the entry's own; 1 for other counts."""
    if not mention.term.epochs:
        return 1
    epoch = mention.term.rule["epochs"]
    batch = own.get("batch_size", {}).get("default", epoch["batch"])
    asked = [_own_number(each, 1).value for each in found if each.term.parameter == "batch_size"]
    size = int(asked[0] if asked else batch)
    return -(-int(epoch["examples"]) // size)
