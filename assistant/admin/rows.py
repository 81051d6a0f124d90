"""The editor's repeated rows: claims, beliefs, and further experiments."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, FieldList, Form, FormField, StringField

from assistant.library import parameters, queries
from assistant.library.beliefs import ANSWERS, Belief, repeats
from assistant.library.claims import PREDICATES, Claim
from assistant.library.configurations import Configuration
from assistant.library.entries import Draft
from assistant.library.findings import declaration_of
from assistant.library.tables import ExperimentRow

MOST = 100  # rows of a kind
SPARE = 2  # rows of a kind that are not there yet


def _text(default: str = "") -> StringField:
    """Return a field whose text is empty where nothing was sent of it."""
    return StringField(default=default, filters=[lambda text: text or ""])


class ClaimFields(Form):
    """One claim as it is typed."""

    text = _text()
    finding = _text()
    experiment = _text()
    predicate = _text("at_least")
    value = _text()
    upper = _text()
    complement = BooleanField()
    control = _text()
    theorem = BooleanField()

    @property
    def empty(self) -> bool:
        """Whether nothing is typed into it."""
        return not any((each.data or "").strip() for each in (self.text, self.finding, self.value, self.upper))


class BeliefFields(Form):
    """One belief as it is typed, its other wordings one a line."""

    belief = _text()
    wordings = _text()
    answer = _text()
    why = _text()
    claim = _text()

    @property
    def empty(self) -> bool:
        """Whether nothing is typed into it."""
        return not any((each.data or "").strip() for each in (self.belief, self.wordings, self.why))


class FurtherFields(Form):
    """One further experiment as it is chosen; its parameters have names of their own."""

    experiment = _text()


class Rows(Form):
    """All repeated rows of an entry."""

    claims = FieldList(FormField(ClaimFields), max_entries=MOST)
    beliefs = FieldList(FormField(BeliefFields), max_entries=MOST)
    further = FieldList(FormField(FurtherFields), max_entries=MOST)


@dataclass
class FurtherRow:
    """A further experiment: its parameters as they were typed, or else as they are."""

    experiment: str
    typed: Mapping[str, str] = field(default_factory=dict)
    hyperparameters: Mapping[str, Any] = field(default_factory=dict)

    @property
    def known(self) -> ExperimentRow | None:
        """What is known of the experiment."""
        return queries.experiment(self.experiment)


def of_claims(claims: Sequence[Claim]) -> list[dict[str, Any]]:
    """Return the rows that hold these claims."""
    return [_row(claim) for claim in claims]


def typed_claims(typed: MultiDict[str, str]) -> list[dict[str, Any]]:
    """Return the rows that were sent, without those that were left empty."""
    return [each.form.data for each in Rows(typed).claims if not each.form.empty]


def of_beliefs(beliefs: Sequence[Belief]) -> list[dict[str, str]]:
    """Return the rows that hold these beliefs."""
    return [{**each.model_dump(), "wordings": "\n".join(each.wordings)} for each in beliefs]


def typed_beliefs(typed: MultiDict[str, str]) -> list[dict[str, str]]:
    """Return the rows that were sent, without those that were left empty."""
    return [each.form.data for each in Rows(typed).beliefs if not each.form.empty]


def belief_of(row: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """Return a belief as the content files have it, and what is wrong with what was typed, by field."""
    found = {key: row[key].strip() for key in ("belief", "answer", "why", "claim")}
    wordings = [line.strip() for line in row["wordings"].splitlines() if line.strip()]
    mistakes = {} if wordings else {"wordings": "At least one other wording is needed."}
    if found["answer"] not in ANSWERS:
        mistakes["answer"] = "Choose yes, no or partly."
    if not found["claim"]:
        mistakes["claim"] = "Choose the claim that decides it."
    return {**found, "wordings": wordings}, mistakes


def taken_beliefs(draft: Draft) -> Iterator[tuple[str, str]]:
    """Yield the fields of a draft's beliefs with a text that stands with another published entry, and what is wrong."""
    others = [(row.slug, row.published.beliefs) for row in queries.published_entries() if row.published]
    named = [*((slug, beliefs) for slug, beliefs in others if slug != draft.slug), ("", draft.beliefs)]
    for repeat in repeats(named):
        if not repeat.name:
            at, key, *_ = repeat.place
            yield f"beliefs.{at}.{key}", f"“{repeat.text}” stands with the entry {repeat.first.split()[0]} already."


def references(claims: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Return by what beliefs name the claims that are typed, each with its sentence."""
    named = [(f"{row['experiment']}/{row['finding']}" if row["experiment"] else row["finding"], row) for row in claims]
    return [(name, row["text"]) for name, row in named if row["finding"]]


def typed_further(typed: MultiDict[str, str]) -> list[FurtherRow]:
    """Return the further experiments that were sent, without those that were taken away."""
    found = []
    for each in Rows(typed).further:
        own = {key.removeprefix(f"{each.name}-"): value for key, value in typed.items() if key.startswith(each.name)}
        if each.form.experiment.data:
            found.append(FurtherRow(each.form.experiment.data, own))
    return found


def with_spare(**kinds: Sequence[Mapping[str, Any]]) -> Rows:
    """Return the rows of each kind, as a page shows them, and some for more."""
    return Rows(data={kind: [*each, *({} for _ in range(SPARE))] for kind, each in kinds.items()})


def claim_of(row: Mapping[str, Any], experiment: str) -> tuple[dict[str, Any], dict[str, str]]:
    """Return a claim as the content files have it, and what is wrong with what was typed, by field."""
    known = queries.experiment(row["experiment"] or experiment)
    declared = declaration_of(row["finding"].strip(), known.findings) if known is not None else None
    label = declared is not None and declared["kind"] == "label"
    found: dict[str, Any] = {key: row[key].strip() for key in ("text", "finding")}
    found |= {key: row[key].strip() or None for key in ("experiment", "control")}
    found |= {key: row[key] for key in ("complement", "theorem")}
    mistakes: dict[str, str] = {}

    def number(key: str) -> float | str:
        typed: str = row[key].strip()
        if label:
            return typed
        try:
            return float(typed)
        except ValueError:
            said = f"not “{typed[:40]}”" if typed else "and is missing"
            mistakes[key] = f"This must be a number such as 0.95, {said}."
            return 0.0

    if row["predicate"] not in PREDICATES:
        mistakes["predicate"] = "Choose one of the four comparisons."
        return found | {"at_least": 0.0}, mistakes
    if row["predicate"] == "between":
        return found | {"between": [number("value"), number("upper")]}, mistakes
    return found | {row["predicate"]: number("value")}, mistakes


def configurations_of(further: Sequence[FurtherRow]) -> tuple[list[Configuration], dict[str, str]]:
    """Return the further experiments with their parameters, and what is wrong with them, by field."""
    found, mistakes = [], {}
    for at, row in enumerate(further):
        known = row.known
        values: dict[str, Any] = {}
        if known is None:
            mistakes[f"further.{at}.experiment"] = "Choose one of the experiments."
            continue
        try:
            values = parameters.read_form(known.parameters, row.typed)
        except parameters.ParametersError as error:
            mistakes |= {f"{prefix(at)}{parameters.PREFIX}{name}": said for name, said in error.problems.items()}
        found.append(Configuration(experiment=row.experiment, hyperparameters=values))
    return found, mistakes


def prefix(at: int) -> str:
    """Return what the names of a further experiment's fields begin with."""
    return f"further-{at}-"


def controls(
    further: Sequence[FurtherRow], mistakes: Mapping[str, str]
) -> Iterator[tuple[str, list[parameters.Field]]]:
    """Yield each further experiment with the controls for its parameters."""
    for at, row in enumerate(further):
        start = f"{prefix(at)}{parameters.PREFIX}"
        problems = {key.removeprefix(start): said for key, said in mistakes.items() if key.startswith(start)}
        known = row.known
        own = known.parameters if known is not None else {}
        yield (
            row.experiment,
            parameters.fields(own, row.hyperparameters, form=row.typed, problems=problems, prefix=prefix(at)),
        )


def _row(claim: Claim) -> dict[str, Any]:
    value = getattr(claim, claim.predicate)
    low, high = value if isinstance(value, tuple) else (value, None)
    texts = {key: getattr(claim, key) or "" for key in ("text", "finding", "experiment", "control")}
    marks = {key: getattr(claim, key) for key in ("complement", "theorem")}
    return {**texts, **marks, "predicate": claim.predicate, "value": _number(low), "upper": _number(high)}


def _number(value: float | str | None) -> str:
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return "" if value is None else str(value)
