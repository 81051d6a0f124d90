"""Entries as authors write them: Markdown with front matter, parsed once into strict, frozen types.

Every mistake names the file, the key and the line.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import Field, StringConstraints, ValidationError, field_validator

from assistant.library.claims import Claim, misfits
from assistant.library.configurations import Configuration
from assistant.library.strict import Line, Strict
from assistant.matching import LONGEST

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
SHORT_WORDS = 60
FEWEST_PHRASINGS = 20

LONGEST_TEXT = 20_000  # characters
LOADER = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader  # The first is ten times as fast.

Phrasing = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST, pattern=r"^[^\r\n]+$")
]
LooseText = Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST_TEXT)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_TEXT)]


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


class Draft(Strict):
    """An entry that may still lack something: what is there is well-formed, and so can be kept."""

    slug: Annotated[str, StringConstraints(pattern=rf"^{SLUG.pattern}$", max_length=100)]
    title: Line
    theme: Annotated[str, StringConstraints(strip_whitespace=True, max_length=300, pattern=r"^[^\r\n]*$")] = ""
    order: Annotated[int, Field(ge=1, le=1_000_000)]
    short: LooseText = ""
    phrasings: tuple[Phrasing, ...] = ()
    not_covered: tuple[Phrasing, ...] = ()  # near questions that this entry does not answer, and no other either
    experiments: Annotated[tuple[Configuration, ...], Field(min_length=1)]  # the first is the main one
    claims: tuple[Claim, ...] = ()
    references: tuple[Line, ...] = ()
    explanation: LooseText = ""

    @field_validator("short")
    @classmethod
    def _fits_a_card(cls, short: str) -> str:
        if (words := len(short.split())) > SHORT_WORDS:
            raise ValueError(f"has {words} words, and at most {SHORT_WORDS} fit a card")
        return short

    @field_validator("experiments")
    @classmethod
    def _each_experiment_once(cls, experiments: tuple[Configuration, ...]) -> tuple[Configuration, ...]:
        names = [each.experiment for each in experiments]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"holds {name!r} twice")
        return experiments

    @field_validator("phrasings", "not_covered")
    @classmethod
    def _each_once(cls, phrasings: tuple[str, ...]) -> tuple[str, ...]:
        seen: set[str] = set()
        for phrasing in phrasings:
            if phrasing.casefold() in seen:
                raise ValueError(f"holds {phrasing!r} twice")
            seen.add(phrasing.casefold())
        return phrasings

    @property
    def main(self) -> Configuration:
        """The main experiment, which an ask trains."""
        return self.experiments[0]


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
    mistakes = []
    slugs = {entry.slug for entry in entries} | set(others)
    for entry in entries:
        file = f"{entry.slug}.md"
        mistakes += [Mistake(file, 1, key, message) for key, message in _of_experiments(entry, experiments)]
        for target in re.findall(r"\]\(([a-z0-9-]+)\)", entry.explanation):
            if target not in slugs:
                mistakes.append(Mistake(file, 1, "explanation", f"links to {target!r}, and there is no such entry"))
    return mistakes


def _of_experiments(entry: Draft, experiments: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with an entry's experiments and claims: the key, and what would be right."""
    from jsonschema import Draft202012Validator  # noqa: PLC0415 - only checks need it

    own = {each.experiment for each in entry.experiments}
    for at, each in enumerate(entry.experiments):
        if each.experiment not in experiments:
            known = ", ".join(sorted(experiments))
            yield f"experiments.{at}.experiment", f"there is no {each.experiment!r}: one of {known}"
            continue
        for error in Draft202012Validator(experiments[each.experiment]["parameters"]).iter_errors(each.hyperparameters):
            yield f"experiments.{at}.hyperparameters", error.message
    for at, claim in enumerate(entry.claims):
        name = claim.experiment or entry.main.experiment
        if name not in own:
            yield f"claims.{at}.experiment", f"is none of this entry's: {', '.join(sorted(own))}"
        elif name in experiments:
            for key, message in misfits(claim, experiments[name]["findings"]):
                yield f"claims.{at}.{key}", message
