"""The run that is trained with a question's own numbers, beside the entry's own, and what is said of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from assistant.library import queries as library
from assistant.library.tables import EntryRow
from assistant.questions.own_numbers.not_varied import settings_beside, weights_alike
from assistant.questions.own_numbers.own_numbers import OwnNumber, OwnNumbers, read
from assistant.questions.tables import QuestionRow
from assistant.runs.tables import Change, RunRow
from assistant.runs.vary import form_of, schema_of


@dataclass(frozen=True)
class Chip:
    """A number that was understood, and what a form sends to take it, or to take it back."""

    number: OwnNumber
    form: Mapping[str, str]


@dataclass(frozen=True)
class Understood:
    """What a question's page says of its numbers: all that were understood, and by what they can be changed."""

    numbers: OwnNumbers
    used: tuple[Chip, ...]  # networks are trained with it
    removed: tuple[Chip, ...]
    nearest: tuple[Chip, ...]  # in the place of what is out of bounds
    choices: tuple[Chip, ...]  # one parameter in several values


def numbers_in(post: str, entry: EntryRow) -> OwnNumbers:
    """Return what a whole post says of the parameters of an entry's experiment."""
    schema = schema_of(entry)
    own = library.experiment(entry.published.experiment) if entry.published is not None else None
    if schema is None or own is None or entry.published is None:
        return OwnNumbers()
    answer = " ".join((own.summary, json.dumps(own.findings), entry.published.short, entry.published.explanation))
    others = [*library.schemas().values(), settings_beside(answer)]
    found = read(post, schema, others)
    elsewhere = dict.fromkeys((*found.elsewhere, *weights_alike(post, answer)))
    whole = [each for each in elsewhere if not any(each != other and each in other for other in elsewhere)]
    return replace(found, elsewhere=tuple(whole))


def form_in(post: str, entry: EntryRow) -> dict[str, str]:
    """Return what a form holds that asks for a post's own numbers.

    A long post takes a while to read: call it before `writing`, where nobody waits for it.
    """
    return {each.control: each.sent for each in numbers_in(post, entry).taken}


def own_run(row: QuestionRow) -> RunRow | None:
    """Return the run with the question's own numbers, if it is one of the entry that answers it now."""
    run, entry = row.varied_run, row.answered_by
    return run if run is not None and entry is not None and run.entry_id == entry.id else None


def understood(row: QuestionRow) -> Understood | None:
    """Return what was understood of a question's numbers; None where there are none, or no answer."""
    entry, run = row.answered_by, own_run(row)
    numbers = numbers_in(row.whole_post, entry) if entry is not None else OwnNumbers()
    if run is None and not numbers:
        return None
    form = form_of(run) if run is not None else {}
    used = [_own_number(numbers, each) for each in (run.changes if run is not None else ())]
    named = [each.parameter for each in (*numbers.taken, *numbers.beyond, *numbers.several)]
    used.sort(key=lambda each: [*named, each.parameter].index(each.parameter))  # as the learner wrote them

    def addable(each: OwnNumber) -> Chip:
        return Chip(each, {**form, each.control: each.sent})

    return Understood(
        numbers,
        tuple(Chip(each, {name: sent for name, sent in form.items() if name != each.control}) for each in used),
        *(
            tuple(addable(each) for each in group if each.control not in form)
            for group in (numbers.taken, numbers.beyond, numbers.several)
        ),
    )


def _own_number(numbers: OwnNumbers, change: Change) -> OwnNumber:
    """Return a changed value with the learner's words for it, or else in those of the page."""
    plain = OwnNumber(change.parameter, change.label, change.value, "")
    given = (*numbers.taken, *numbers.beyond, *numbers.several)
    known = (each for each in given if (each.parameter, each.value) == (change.parameter, change.value))
    return next(known, replace(plain, said=plain.words))


def to_json(row: QuestionRow) -> dict[str, Any] | None:
    """Return what was understood of a question's numbers, for a program; None unless it is answered."""
    entry = row.answered_by
    if entry is None:
        return None
    numbers = numbers_in(row.whole_post, entry)
    return {
        "taken": {each.parameter: each.value for each in numbers.taken},
        "same": {each.parameter: each.value for each in numbers.same},
        "beyond": [
            {"parameter": each.parameter, "said": each.said, "problem": each.problem, "nearest": each.value}
            for each in numbers.beyond
        ],
        "several": [{"parameter": each.parameter, "value": each.value} for each in numbers.several],
        "elsewhere": list(numbers.elsewhere),
    }
