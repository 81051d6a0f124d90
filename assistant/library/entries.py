"""Entries: strict, frozen types for what content files and teachers' forms hold, and checks against the experiments."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Annotated, Any, Protocol

from pydantic import Field, StringConstraints, field_validator

from assistant.library import beliefs as belief_checks
from assistant.library import claims as claim_checks
from assistant.library import predictions
from assistant.library.beliefs import Belief
from assistant.library.claims import Claim
from assistant.library.configurations import Configuration
from assistant.library.content.mistakes import Mistake
from assistant.library.phrasings import FOLDER, Phrasing, problem
from assistant.library.predictions import Prediction
from assistant.library.strict import OneLine, Strict
from assistant.library.texts import measured
from assistant.library.texts.markdown import measured_in, measured_in_line, without_figures, words_of
from assistant.library.texts.markdown_checks import Told, figures_in, links_in, placed_in, problems
from assistant.library.texts.measured import Measured
from assistant.matching import LONGEST, Topic

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
SHORT_LENGTH = 190  # characters as they are read: three lines beside the replay at a width of 1280
FEWEST_PHRASINGS = 20
MOST_MODELS = 15  # phrasings in the front matter, so that the explanation is soon reached

LONGEST_TEXT = 20_000  # characters

PhrasingText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST)]
LooseText = Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST_TEXT)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_TEXT)]


class Draft(Strict):
    """An entry that may still lack something: what is there is well-formed, and so can be kept."""

    slug: Annotated[str, StringConstraints(pattern=rf"^{SLUG.pattern}$", max_length=100)]
    title: OneLine
    theme: Annotated[str, StringConstraints(strip_whitespace=True, max_length=300, pattern=r"^[^\r\n]*$")] = ""
    order: Annotated[int, Field(ge=1, le=1_000_000)]
    short: LooseText = ""
    not_covered: tuple[PhrasingText, ...] = ()  # near questions that this entry does not answer, and no other either
    experiments: Annotated[tuple[Configuration, ...], Field(min_length=1)]  # the first is the main one
    claims: tuple[Claim, ...] = ()
    predict: Prediction | None = None  # what readers guess before they see the result
    beliefs: tuple[Belief, ...] = ()  # what learners hold to be so
    references: tuple[OneLine, ...] = ()
    explanation: LooseText = ""

    @field_validator("experiments")
    @classmethod
    def _each_experiment_once(cls, experiments: tuple[Configuration, ...]) -> tuple[Configuration, ...]:
        names = [each.experiment for each in experiments]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"the experiment {name!r} stands twice")
        return experiments

    @field_validator("not_covered")
    @classmethod
    def _questions_each_once(cls, questions: tuple[str, ...]) -> tuple[str, ...]:
        return each_once(questions)

    @field_validator("beliefs")
    @classmethod
    def _beliefs_each_once(cls, beliefs: tuple[Belief, ...]) -> tuple[Belief, ...]:
        for repeat in belief_checks.repeats([("", beliefs)]):
            raise ValueError(f"{repeat.text!r} stands twice")
        return beliefs

    @property
    def main(self) -> Configuration:
        """The main experiment, which an ask trains."""
        return self.experiments[0]


class Entry(Draft):
    """One entry of the library, complete, as its content files hold it."""

    theme: OneLine
    short: Text
    phrasings: tuple[PhrasingText, ...] = ()  # the model phrasings of the front matter
    more_phrasings: tuple[Phrasing, ...] = ()  # those of the file of its own
    claims: Annotated[tuple[Claim, ...], Field(min_length=1)]
    explanation: Text

    @field_validator("short")
    @classmethod
    def _fits_three_lines(cls, short: str) -> str:
        if (message := problem_of_short(short)) is not None:
            raise ValueError(message)
        return short

    @field_validator("phrasings")
    @classmethod
    def _few_and_each_once(cls, phrasings: tuple[str, ...]) -> tuple[str, ...]:
        if len(phrasings) > MOST_MODELS:
            raise ValueError(
                f"holds {len(phrasings)}, and at most {MOST_MODELS} stand here; the others go into {FOLDER}/SLUG.txt"
            )
        return each_once(phrasings)

    @property
    def all_phrasings(self) -> tuple[Phrasing, ...]:
        """The model phrasings and then the others."""
        return (*(Phrasing(text, model=at) for at, text in enumerate(self.phrasings)), *self.more_phrasings)


def problem_of_short(short: str) -> str | None:
    """Say that a short answer is too long, unless it is not; what was stored before there was this limit stays."""
    if (length := len(words_of(short))) <= SHORT_LENGTH:
        return None
    more = length - SHORT_LENGTH
    room = f"at most {SHORT_LENGTH} fit three lines beside the replay"
    return f"the short answer has {length} characters, and {room}: {more} too many"


def each_once(questions: tuple[str, ...]) -> tuple[str, ...]:
    """Return questions that can stand in a list.

    Raises:
        ValueError: one is no question, or stands there twice.
    """
    seen: set[str] = set()
    for text in questions:
        if (message := problem(text)) is not None:
            raise ValueError(f"{text[:60]!r} {message}")
        if text.casefold() in seen:
            raise ValueError(f"{text!r} stands twice")
        seen.add(text.casefold())
    return questions


class Answer(Protocol):
    """What a draft and a stored revision have in common of an answer."""

    @property
    def title(self) -> str:
        """The question."""
        ...

    @property
    def short(self) -> str:
        """The short answer."""
        ...

    @property
    def claims(self) -> Sequence[Claim]:
        """What every run tests."""
        ...

    @property
    def explanation(self) -> str:
        """The answer in Markdown."""
        ...


def topic_of(slug: str, answer: Answer, phrasings: Sequence[str]) -> Topic:
    """Return what matching reads of an entry."""
    texts = (words_of(answer.short), *(claim.text for claim in answer.claims), without_figures(answer.explanation))
    return Topic.of(slug, answer.title, phrasings, texts)


def measured_of(answer: Answer) -> list[Measured]:
    """Return the measured numbers of an answer, those of its short answer first."""
    return [*measured_in_line(answer.short), *measured_in(answer.explanation)]


def mistakes_in(
    entries: Sequence[Draft], experiments: Mapping[str, Mapping[str, Any]], others: Collection[str] = ()
) -> list[Mistake]:
    """Return what is wrong between entries and experiments, as `models.registry.describe` tells of each.

    Parameters are checked against the experiment's JSON schema, claims against the findings that it reports, and
    beliefs against the claims. Links may lead to these entries and to the slugs of ``others``.
    """
    mistakes = []
    slugs = {entry.slug for entry in entries} | set(others)
    for entry in entries:
        file = f"{entry.slug}.md"
        mistakes += [Mistake(file, 1, key, message) for key, message in _of_experiments(entry, experiments)]
        for told in (*_of_figures(entry, experiments), *problems(entry.explanation)):
            mistakes.append(Mistake(file, told.line, "explanation", told.what))
        for key, message in belief_checks.misfits(entry.beliefs, entry.claims, entry.main.experiment):
            mistakes.append(Mistake(belief_checks.file_of(entry.slug), 1, f"{belief_checks.KEY}.{key}", message))
        mistakes += _of_measured(entry, experiments)
        for line, target in links_in(entry.explanation):
            if target not in slugs:
                mistakes.append(
                    Mistake(file, line, "explanation", f"a link leads to {target!r}, and there is no such entry")
                )
    return mistakes


def _of_figures(entry: Draft, experiments: Mapping[str, Mapping[str, Any]]) -> Iterator[Told]:
    """Yield what is wrong with the figures that an explanation places; where nobody knows what is drawn, nothing is."""
    placed, asked = placed_in(entry.explanation), figures_in(entry.explanation)
    for line, name in {each.what: each for each in reversed(asked)}.values():  # the first of each name
        experiment, _, figure = name.rpartition("/")
        drawn = experiments.get(experiment or entry.main.experiment, {}).get("figures")
        if name not in placed:
            yield Told(line, f"the figure {name!r} must stand alone between empty lines: ![](figure:NAME)")
        elif [each.what for each in asked].count(name) > 1:
            yield Told(line, f"the figure {name!r} stands twice")
        elif experiment and experiment not in {each.experiment for each in entry.experiments}:
            yield Told(line, f"the figure {name!r} belongs to an experiment that this entry does not have")
        elif drawn and figure not in drawn:
            yield Told(line, f"no figure {figure!r} is drawn: choose one of {', '.join(drawn)}")


def _of_measured(entry: Draft, experiments: Mapping[str, Mapping[str, Any]]) -> Iterator[Mistake]:
    """Yield what is wrong with the measured numbers of an entry's texts; lines are those of the text."""
    own = {each.experiment for each in entry.experiments}
    for key, numbers in (("short", measured_in_line(entry.short)), ("explanation", measured_in(entry.explanation))):
        for number in numbers:
            name = number.experiment or entry.main.experiment
            problem = None
            if name not in own:
                problem = f"{name!r} is not one of this entry's experiments: {', '.join(sorted(own))}"
            elif name in experiments:
                problem = measured.misfit(number, experiments[name]["findings"])
            if problem is not None:
                yield Mistake(f"{entry.slug}.md", number.line, key, f"[{number.words}] cannot be checked: {problem}")


def _of_experiments(entry: Draft, experiments: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with an entry's experiments and claims: the key, and what would be right."""
    from jsonschema import Draft202012Validator  # noqa: PLC0415 - only checks need it

    own = {each.experiment for each in entry.experiments}
    for at, each in enumerate(entry.experiments):
        if each.experiment not in experiments:
            known = ", ".join(sorted(experiments))
            yield f"experiments.{at}.experiment", f"there is no experiment {each.experiment!r}: choose one of {known}"
            continue
        for error in Draft202012Validator(experiments[each.experiment]["parameters"]).iter_errors(each.hyperparameters):
            yield f"experiments.{at}.hyperparameters", error.message
    for at, claim in enumerate(entry.claims):
        name = claim.experiment or entry.main.experiment
        if name not in own:
            yield f"claims.{at}.experiment", f"{name!r} is not one of the entry's experiments: {', '.join(sorted(own))}"
        elif name in experiments:
            for key, message in claim_checks.misfits(claim, experiments[name]["findings"]):
                yield f"claims.{at}.{key}", message
    if entry.predict is not None and entry.main.experiment in experiments:
        own_claims = [claim for claim in entry.claims if claim.experiment in {None, entry.main.experiment}]
        declared = experiments[entry.main.experiment]["findings"]
        for key, message in predictions.misfits(entry.predict, declared, own_claims):
            yield f"predict.{key}", message
