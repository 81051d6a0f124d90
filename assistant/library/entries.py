"""Entries as authors write them: Markdown with front matter, parsed once into strict, frozen types.

Every mistake names the file, the key and the line.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Self

import yaml
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    FiniteFloat,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)

from assistant.matching import LONGEST

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
PREDICATES = ("at_least", "at_most", "between", "equals")
SHORT_WORDS = 60
FEWEST_PHRASINGS = 20

LONGEST_TEXT = 20_000  # characters
LOADER = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader  # The first is ten times as fast.

Phrasing = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST, pattern=r"^[^\r\n]+$")
]
LooseText = Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST_TEXT)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_TEXT)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300, pattern=r"^[^\r\n]+$")]


@dataclass(frozen=True)
class Mistake:
    """What is wrong in a content file, and where."""

    file: str
    line: int
    key: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.key}: {self.message}"


class ContentError(Exception):
    """Content files with mistakes."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        super().__init__("\n".join(str(mistake) for mistake in mistakes))
        self.mistakes = mistakes


class Strict(BaseModel):
    """Frozen, and without room for keys that nobody reads."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Claim(Strict):
    """A sentence of an entry, tied to a finding by exactly one predicate."""

    text: Line
    finding: Line
    at_least: FiniteFloat | None = None
    at_most: FiniteFloat | None = None
    between: tuple[FiniteFloat, FiniteFloat] | None = None
    equals: str | FiniteFloat | None = None

    @model_validator(mode="after")
    def _one_predicate(self) -> Self:
        given = [name for name in PREDICATES if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"needs exactly one of {', '.join(PREDICATES)}, not {len(given)}")
        if self.between is not None and self.between[0] > self.between[1]:
            raise ValueError("between needs the smaller number first")
        return self


class Draft(Strict):
    """An entry that may still lack something: what is there is well-formed, and so can be kept."""

    slug: Annotated[str, StringConstraints(pattern=rf"^{SLUG.pattern}$", max_length=100)]
    title: Line
    theme: Annotated[str, StringConstraints(strip_whitespace=True, max_length=300, pattern=r"^[^\r\n]*$")] = ""
    order: Annotated[int, Field(ge=1, le=1_000_000)]
    short: LooseText = ""
    phrasings: tuple[Phrasing, ...] = ()
    not_covered: tuple[Phrasing, ...] = ()  # near questions that this entry does not answer, and no other either
    experiment: Line
    hyperparameters: dict[str, Any]
    claims: tuple[Claim, ...] = ()
    references: tuple[Line, ...] = ()
    explanation: LooseText = ""

    @field_validator("short")
    @classmethod
    def _fits_a_card(cls, short: str) -> str:
        if (words := len(short.split())) > SHORT_WORDS:
            raise ValueError(f"has {words} words, and at most {SHORT_WORDS} fit a card")
        return short

    @field_validator("phrasings", "not_covered")
    @classmethod
    def _each_once(cls, phrasings: tuple[str, ...]) -> tuple[str, ...]:
        seen: set[str] = set()
        for phrasing in phrasings:
            if phrasing.casefold() in seen:
                raise ValueError(f"holds {phrasing!r} twice")
            seen.add(phrasing.casefold())
        return phrasings


class Entry(Draft):
    """One entry of the library, complete."""

    theme: Line
    short: Text
    phrasings: Annotated[tuple[Phrasing, ...], Field(min_length=FEWEST_PHRASINGS)]
    claims: Annotated[tuple[Claim, ...], Field(min_length=1)]
    explanation: Text


def read(folder: Path) -> list[Entry]:
    """Read every entry of a folder, in reading order; README.md is for authors and no entry.

    Raises:
        ContentError: a file has a mistake, or two entries share a phrasing.
    """
    entries: list[Entry] = []
    mistakes: list[Mistake] = []
    for path in sorted(folder.glob("*.md")):
        if path.name == "README.md":
            continue
        try:
            entries.append(parse(path.name, path.read_text(encoding="utf-8")))
        except ContentError as error:
            mistakes += error.mistakes
        except UnicodeDecodeError as error:
            mistakes.append(Mistake(path.name, 1, "file", f"is not UTF-8 text: {error.reason}"))
    owner: dict[str, str] = {}
    for entry in entries:
        for phrasing in entry.phrasings:
            other = owner.setdefault(phrasing.casefold(), entry.slug)
            if other != entry.slug:
                mistakes.append(Mistake(f"{entry.slug}.md", 1, "phrasings", f"{phrasing!r} also stands in {other}.md"))
    if mistakes:
        raise ContentError(mistakes)
    return sorted(entries, key=lambda entry: (entry.order, entry.slug))


def parse(name: str, text: str) -> Entry:
    """Parse the text of the file ``name``.

    Raises:
        ContentError: it has mistakes; each names its key and line.
    """
    match = re.match(r"---\n(.*?\n)---\n(.*)", text, re.DOTALL)
    if match is None:
        raise ContentError([Mistake(name, 1, "file", "must begin with front matter between two lines of ---")])
    front, explanation = match.groups()
    try:
        values = yaml.load(front, Loader=LOADER)  # noqa: S506 - a safe one
        lines = _lines(front)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 2 if mark else 2
        raise ContentError([Mistake(name, line, "front matter", str(getattr(error, "problem", error)))]) from None
    if not isinstance(values, Mapping):
        raise ContentError([Mistake(name, 2, "front matter", "must hold keys and values")])
    slug = name.removesuffix(".md")
    if not SLUG.fullmatch(slug):
        raise ContentError([Mistake(name, 1, "file", "must be named by a slug, such as why-neurons-differ.md")])
    body = explanation.strip()
    try:
        return Entry.model_validate({**values, "slug": slug, "explanation": body})
    except ValidationError as error:
        raise ContentError([_mistake(name, lines, detail) for detail in error.errors()]) from None


def located(mistake: Mistake, folder: Path) -> Mistake:
    """Return a mistake with the line at which its key stands in its file."""
    match = re.match(r"---\n(.*?\n)---\n", (folder / mistake.file).read_text(encoding="utf-8"), re.DOTALL)
    if match is None:
        return mistake
    lines = _lines(match[1])
    place: tuple[str | int, ...] = tuple(int(part) if part.isdigit() else part for part in mistake.key.split("."))
    while place and place not in lines:
        place = place[:-1]
    body = match[0].count("\n") + 1  # the explanation stands below the front matter
    return replace(mistake, line=lines[place] if place else body)


def _mistake(name: str, lines: Mapping[tuple[str | int, ...], int], detail: Any) -> Mistake:  # noqa: ANN401
    place = tuple(detail["loc"])
    while place and place not in lines:
        place = place[:-1]
    key = ".".join(str(part) for part in detail["loc"]) or "entry"
    return Mistake(name, lines.get(place, 1), key, detail["msg"].removeprefix("Value error, "))


def _lines(front: str) -> dict[tuple[str | int, ...], int]:
    """Return the line in the file, from 1, of every key and item of the front matter."""
    found: dict[tuple[str | int, ...], int] = {}

    def walk(node: yaml.Node | None, place: tuple[str | int, ...]) -> None:
        if node is None:
            return
        found[place] = node.start_mark.line + 2  # one for the line of ---, one because marks count from 0
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                walk(value, (*place, key.value))
                found[(*place, key.value)] = key.start_mark.line + 2
        elif isinstance(node, yaml.SequenceNode):
            for at, item in enumerate(node.value):
                walk(item, (*place, at))

    walk(yaml.compose(front, Loader=LOADER), ())
    return found


def check(
    entries: Sequence[Draft], experiments: Mapping[str, Mapping[str, Any]], others: Collection[str] = ()
) -> list[Mistake]:
    """Return what is wrong between entries and experiments, as `models.registry.describe` tells of each.

    Parameters are checked against the experiment's JSON schema, and claims against the findings that it reports. Links
    may lead to these entries and to the slugs of ``others``.
    """
    from jsonschema import Draft202012Validator  # noqa: PLC0415 - only checks need it

    mistakes = []
    slugs = {entry.slug for entry in entries} | set(others)
    for entry in entries:
        file = f"{entry.slug}.md"
        experiment = experiments.get(entry.experiment)
        if experiment is None:
            known = ", ".join(sorted(experiments))
            mistakes.append(Mistake(file, 1, "experiment", f"there is no {entry.experiment!r}: one of {known}"))
            continue
        for error in Draft202012Validator(experiment["parameters"]).iter_errors(entry.hyperparameters):
            mistakes.append(Mistake(file, 1, "hyperparameters", error.message))
        for at, claim in enumerate(entry.claims):
            declared = finding_of(claim.finding, experiment["findings"])
            if declared is None:
                names = ", ".join(experiment["findings"])
                message = f"{entry.experiment} reports no {claim.finding!r}: one of {names}"
                mistakes.append(Mistake(file, 1, f"claims.{at}.finding", message))
            elif declared["kind"] == "label" and claim.equals is None:
                mistakes.append(Mistake(file, 1, f"claims.{at}", "a label takes only equals"))
        for target in re.findall(r"\]\(([a-z0-9-]+)\)", entry.explanation):
            if target not in slugs:
                mistakes.append(Mistake(file, 1, "explanation", f"links to {target!r}, and there is no such entry"))
    return mistakes


def finding_of(name: str, declared: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """Return the declared finding, or family such as ``gap.<rung>``, that ``name`` belongs to."""
    if name in declared:
        return declared[name]
    for family, finding in declared.items():
        parts = re.split(r"<\w+>", family)
        if len(parts) > 1 and re.fullmatch("[^|]*".join(re.escape(part) for part in parts), name):
            return finding
    return None
