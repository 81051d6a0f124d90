"""The editor's form: an entry as a teacher types it, read into a draft, with every mistake at its field."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError
from werkzeug.datastructures import MultiDict
from wtforms import FieldList

from assistant.admin import rows
from assistant.admin.explaining import LINES, by_field, explain, sentence_of, too_few
from assistant.admin.rows import FurtherRow
from assistant.library import parameters, queries
from assistant.library.content.mistakes import Mistake
from assistant.library.entries import FEWEST_PHRASINGS, Draft, Entry, mistakes_in, problem_of_short
from assistant.library.findings import Finding, declaration_of
from assistant.library.phrasing_queries import count_of
from assistant.library.predictions import Prediction
from assistant.library.tables import ExperimentRow
from assistant.runs.evidence.proposals import found_lately, proposal
from assistant.runs.figure_queries import figure_names
from assistant.runs.queries import latest_findings

PREDICT = ("predict.question", "predict.finding", "predict.complement")
TEXTS = ("title", "theme", "order", "short", "explanation", *LINES, "experiment", "phrasings", *PREDICT)
LONGEST_MADE = 50  # characters of an address that is made of a title
NOT_IN_DRAFT = ("experiment", "phrasings", *PREDICT)


@dataclass
class Form:
    """What stands in the editor."""

    slug: str
    base: int  # the revision that was the newest when the editor was opened; 0 for a new entry
    texts: dict[str, str]
    claims: list[dict[str, Any]]
    beliefs: list[dict[str, str]] = field(default_factory=list)
    further: list[FurtherRow] = field(default_factory=list)
    typed_parameters: Mapping[str, str] = field(default_factory=dict)
    hyperparameters: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""
    mistakes: dict[str, str] = field(default_factory=dict)  # by field: with one of these, nothing is saved
    gaps: dict[str, str] = field(default_factory=dict)  # by field: with one of these, it is saved, and not published

    @property
    def typed_slug(self) -> str:
        """The slug that was typed; empty where it is made of the title, and changes with it."""
        return "" if self.slug == slug_from(self.texts["title"]) else self.slug

    @property
    def known(self) -> ExperimentRow | None:
        """What is known of the chosen experiment."""
        return queries.experiment(self.texts.get("experiment", ""))

    @property
    def rows(self) -> "FieldList[Any]":
        """The claims, and some rows for more."""
        return rows.with_spare(claims=self.claims).claims

    @property
    def proposals(self) -> list[str]:
        """Where the threshold of each claim could stand; empty where no run tells, and of what is certain."""
        named = [row["experiment"] or self.texts.get("experiment", "") for row in self.claims]
        lately = {name: found_lately(name) for name in set(named)}
        return [
            "" if row["theorem"] else proposal(lately[name], row["finding"].strip(), row["complement"])
            for name, row in zip(named, self.claims, strict=True)
        ]

    @property
    def belief_rows(self) -> "FieldList[Any]":
        """The beliefs, and some rows for more."""
        return rows.with_spare(beliefs=self.beliefs).beliefs

    @property
    def claim_references(self) -> list[tuple[str, str]]:
        """The claims that can settle a belief: by what it names them, and their sentences."""
        known = rows.references(self.claims)
        others = {row["claim"] for row in self.beliefs if row["claim"]} - dict(known).keys()
        return [*known, *((name, "is no claim of this entry") for name in sorted(others))]

    @property
    def others(self) -> list[tuple[str, list[parameters.Field]]]:
        """The further experiments, each with the controls for its parameters."""
        return list(rows.controls(self.further, self.mistakes))

    def experiments_for(self, chosen: str) -> dict[str, str]:
        """Return the titles of the further experiments, which a claim can be about, and of the ``chosen`` one."""
        own = {self.texts["experiment"]: self.known} | {each.experiment: each.known for each in self.further}
        offered = [*(row.experiment for row in self.further), *([chosen] if chosen else [])]
        missing = "is not one of this entry’s experiments"
        return {name: row.title if (row := own.get(name)) is not None else missing for name in offered}

    @property
    def parameters(self) -> list[parameters.Field]:
        """The controls for the experiment's parameters."""
        if (known := self.known) is None:
            return []
        problems = {
            key.removeprefix(parameters.PREFIX): message
            for key, message in self.mistakes.items()
            if key.startswith(parameters.PREFIX)
        }
        return parameters.fields(known.parameters, self.hyperparameters, form=self.typed_parameters, problems=problems)

    @property
    def findings(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """What the experiments report, as (kind, (name, label)): what a claim can be about."""
        kinds: dict[str, list[tuple[str, str]]] = {"share": [], "quantity": [], "label": []}
        names: set[str] = set()
        for known in filter(None, [self.known, *(row.known for row in self.further)]):
            labels = {name: each["label"] for name, each in known.findings.items() if "<" not in name}
            labels |= {name: _with_value(each) for name, each in latest_findings(known.name).items()}
            for name in (each for each in labels if each not in names):
                if (declared := declaration_of(name, known.findings)) is not None:
                    kinds[declared["kind"]].append((name, labels[name]))
            names |= labels.keys()
        named = [*(row["finding"] for row in self.claims), self.texts["predict.finding"]]
        chosen = {each for each in named if each} - names
        kinds["not reported yet"] = [(name, name) for name in sorted(chosen)]
        return [(kind, found) for kind, found in kinds.items() if found]

    def problem(self, key: str) -> str:
        """Return what is wrong with a field, or what it lacks before it can be published."""
        return self.mistakes.get(key) or self.gaps.get(key, "")


def _with_value(finding: Mapping[str, Any]) -> str:
    """Return a finding's label with what the newest run found."""
    return f"{finding['label']} – lately {Finding.model_validate(finding).words}"


def blank(slug: str = "", phrasings: Sequence[str] = ()) -> Form:
    """Return the form for a new entry."""
    first = next(iter(queries.experiments()), None)
    last = max((row.published.order for row in queries.published_entries() if row.published), default=0)
    texts = dict.fromkeys(TEXTS, "") | {"order": str(last + 1), "experiment": first.name if first else ""}
    texts |= {"title": phrasings[0] if phrasings else "", "phrasings": "\n".join(phrasings)}
    slug = slug or slug_from(texts["title"])
    return Form(slug, 0, texts, [])


def slug_from(title: str) -> str:
    """Return the address that a title makes, of its first words; empty where it has no Latin letters."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().casefold().replace("'", "")
    slug = ""
    for word in re.findall("[a-z0-9]+", plain):
        if len(slug) + len(word) >= LONGEST_MADE:
            break
        slug += f"-{word}" if slug else word
    return slug


def of_draft(draft: Draft, base: int) -> Form:
    """Return the form that holds a draft."""
    texts = {key: str(getattr(draft, key)) for key in TEXTS if key not in (*LINES, *NOT_IN_DRAFT)} | {"phrasings": ""}
    texts |= {key: "\n".join(getattr(draft, key)) for key in LINES}
    texts |= _of_prediction(draft.predict)
    main, *others = draft.experiments
    texts["experiment"] = main.experiment
    further = [FurtherRow(each.experiment, hyperparameters=each.hyperparameters) for each in others]
    claims, beliefs = rows.of_claims(draft.claims), rows.of_beliefs(draft.beliefs)
    return Form(draft.slug, base, texts, claims, beliefs, further, hyperparameters=main.hyperparameters)


def of_request(slug: str | None, typed: MultiDict[str, str]) -> Form:
    """Return the form as it was sent."""
    texts = {key: typed.get(key, "").replace("\r\n", "\n").replace("\r", "\n") for key in TEXTS}
    own = {key: value for key, value in typed.items() if key.startswith(parameters.PREFIX)}
    base = typed.get("base", "0")
    number = int(base) if re.fullmatch(r"\d{1,9}", base) else 0
    if taken := typed.getlist("near"):
        texts["phrasings"] = "\n".join([*lines_of(texts["phrasings"]), *taken])
    return Form(
        slug if slug is not None else typed.get("slug", "").strip() or slug_from(texts["title"]),
        number,
        texts,
        rows.typed_claims(typed),
        rows.typed_beliefs(typed),
        rows.typed_further(typed),
        own,
        reason=typed.get("reason", ""),
    )


def examine(form: Form) -> Draft | None:
    """Return the draft that a form holds; None where it has mistakes, which are then noted in the form."""
    known = form.known
    if known is None:
        form.mistakes["experiment"] = "Choose one of the experiments."
        return None
    try:
        hyperparameters = parameters.read_form(known.parameters, form.typed_parameters)
    except parameters.ParametersError as error:
        form.mistakes |= {parameters.PREFIX + name: message for name, message in error.problems.items()}
        hyperparameters = {}
    values: dict[str, Any] = {key: form.texts[key].strip() for key in TEXTS if key not in LINES}
    values |= {key: lines_of(form.texts[key]) for key in LINES}
    del values["phrasings"]
    values["predict"] = _prediction(*(values.pop(key) for key in PREDICT))
    main = {"experiment": values.pop("experiment"), "hyperparameters": hyperparameters}
    others, mistakes = rows.configurations_of(form.further)
    form.mistakes |= mistakes
    values |= {"slug": form.slug, "experiments": [main, *others], "claims": [], "beliefs": []}
    for at, row in enumerate(form.claims):
        claim, mistakes = rows.claim_of(row, known.name)
        values["claims"].append(claim)
        form.mistakes |= {f"claims.{at}.{key}": problem for key, problem in mistakes.items()}
    for at, each in enumerate(form.beliefs):
        belief, mistakes = rows.belief_of(each)
        values["beliefs"].append(belief)
        form.mistakes |= {f"beliefs.{at}.{key}": problem for key, problem in mistakes.items()}
    if (message := problem_of_short(values["short"])) is not None:
        form.mistakes["short"] = sentence_of(Mistake(f"{form.slug}.md", 1, "short", message))
    draft = None
    try:
        draft = Draft.model_validate(values)
    except ValidationError as error:
        for key, message in _explained(error):
            form.mistakes.setdefault(key, message)
    typed = len(lines_of(form.texts["phrasings"]))
    form.gaps = {key: told for key, told in _missing(values, typed).items() if key not in form.mistakes}
    if draft is None:
        return None
    told = by_field(mistakes_in([draft], _descriptions(draft), [row.slug for row in queries.entries()]))
    for key, message in told.items():
        where = form.gaps if key in {"short", "explanation"} else form.mistakes
        where.setdefault(key, message)
    for key, message in rows.taken_beliefs(draft):
        form.mistakes.setdefault(key, message)
    if form.mistakes:
        return None
    form.gaps |= gaps(draft, typed)
    return draft


def _of_prediction(predict: Prediction | None) -> dict[str, str]:
    """Return the texts of the fields that hold a prediction; a mark that is set has the value "y"."""
    if predict is None:
        return dict.fromkeys(PREDICT, "")
    return dict(zip(PREDICT, (predict.question, predict.finding, "y" if predict.complement else ""), strict=True))


def _prediction(question: str, finding: str, complement: str) -> dict[str, Any] | None:
    """Return a prediction as the content files have it; None where none is typed."""
    typed = {"question": question, "finding": finding, "complement": complement == "y"}
    return typed if question or finding else None


def lines_of(text: str) -> list[str]:
    """Return what stands in a field that has one thing a line."""
    return [line.strip() for line in text.split("\n") if line.strip()]


def gaps(draft: Draft, typed: int = 0) -> dict[str, str]:
    """Return by field what a well-formed draft lacks before it can be published.

    Args:
        draft: the draft.
        typed: how many phrasings are typed beside it, of a new entry.
    """
    found = _missing(draft.model_dump(), typed)
    slugs = queries.published_slugs() - {draft.slug}
    return by_field(mistakes_in([draft], _descriptions(draft), slugs)) | found


def _missing(values: Mapping[str, Any], typed: int) -> dict[str, str]:
    """Return by field what is not there of what a published entry has; ``typed`` phrasings stand beside a new one."""
    row = queries.entry(str(values["slug"]))
    there = count_of(row) if row is not None else typed
    found = {"phrasings": too_few("Phrasings", there, FEWEST_PHRASINGS)} if there < FEWEST_PHRASINGS else {}
    try:
        Entry.model_validate(values)
    except ValidationError as error:
        for key, message in _explained(error):
            found.setdefault(key, message)
    return found


def _explained(error: ValidationError) -> list[tuple[str, str]]:
    return [explain(detail) for detail in error.errors()]


def _descriptions(draft: Draft) -> dict[str, dict[str, Any]]:
    """Return what is known of all experiments, and of the draft's own what their newest runs drew."""
    own = {each.experiment for each in draft.experiments}
    return {
        row.name: {
            "parameters": row.parameters,
            "findings": row.findings,
            "figures": figure_names(row.name) if row.name in own else [],
        }
        for row in queries.experiments()
    }
