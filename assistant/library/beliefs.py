"""Beliefs: what learners hold to be so, whether it is, and the claim of the entry that settles it.

content/beliefs/SLUG.yaml lists those of the entry of this name. A claim is named by its finding, and one about a
further experiment by EXPERIMENT/FINDING.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated, Literal, NamedTuple, get_args

from pydantic import Field, TypeAdapter, ValidationError, field_validator

from assistant.library.claims import Claim
from assistant.library.content import yaml_text
from assistant.library.content.mistakes import ContentError, Mistake, mistake_of
from assistant.library.content.yaml_text import Document, Place, YAMLTextError
from assistant.library.strict import OneLine, Strict

FOLDER = "beliefs"
KEY = "beliefs"
MOST_WORDS = 30  # of the sentence why

Answer = Literal["yes", "no", "partly"]
ANSWERS: tuple[Answer, ...] = get_args(Answer)


class Belief(Strict):
    """What learners believe, in one sentence and in other wordings, with the answer to it."""

    belief: OneLine
    wordings: Annotated[tuple[OneLine, ...], Field(min_length=1)]
    answer: Answer
    why: OneLine
    claim: OneLine  # the reference of the claim that settles it

    @field_validator("why")
    @classmethod
    def _is_one_short_sentence(cls, why: str) -> str:
        if (words := len(why.split())) > MOST_WORDS:
            raise ValueError(f"{words} words are too many: this sentence may have at most {MOST_WORDS}")
        return why


class Repeat(NamedTuple):
    """A text that stands a second time: where, and where it stood first."""

    name: str
    place: Place
    text: str
    first: str


def reference_of(claim: Claim) -> str:
    """Return by what a belief names a claim."""
    return f"{claim.experiment}/{claim.finding}" if claim.experiment else claim.finding


def settling(belief: Belief, claims: Sequence[Claim], main: str) -> Claim | None:
    """Return the claim that settles a belief; None where there is no such claim.

    Args:
        belief: the belief.
        claims: those of its entry.
        main: the entry's main experiment, which claims are about unless they say otherwise.
    """
    experiment, _, finding = belief.claim.rpartition("/")
    about = experiment or main
    return next((claim for claim in claims if claim.finding == finding and (claim.experiment or main) == about), None)


def misfits(beliefs: Sequence[Belief], claims: Sequence[Claim], main: str) -> Iterator[tuple[str, str]]:
    """Yield the fields of beliefs that their entry's claims do not allow, each with what would be right."""
    known = f": one of {', '.join(map(reference_of, claims))}" if claims else ", which has none"
    for at, belief in enumerate(beliefs):
        if settling(belief, claims, main) is None:
            yield f"{at}.claim", f"a belief names a claim of its entry{known}; none is about {belief.claim!r}"


def repeats(named: Iterable[tuple[str, Sequence[Belief]]]) -> Iterator[Repeat]:
    """Yield the sentences and wordings that stand twice, without regard to case.

    Args:
        named: beliefs, and by which name those are told of.
    """
    seen: dict[str, str] = {}
    for name, beliefs in named:
        for place, text in _texts(beliefs):
            first = seen.setdefault(text.casefold(), where := f"{name} {_key(place)}")
            if first != where:
                yield Repeat(name, place, text, first)


def file_of(slug: str) -> str:
    """Return the path of an entry's beliefs in the content folder."""
    return f"{FOLDER}/{slug}.yaml"


def read(name: str, text: str) -> tuple[Belief, ...]:
    """Read the text of the file ``name``.

    Raises:
        ContentError: it has mistakes; each names its key and line.
    """
    document = _document(name, text)
    if document.values is None:
        return ()
    if not isinstance(document.values, list):
        keys = ", ".join(Belief.model_fields)
        raise ContentError([Mistake(name, 1, KEY, f"must be a list, each with {keys}")])
    try:
        beliefs = TypeAdapter(tuple[Belief, ...]).validate_python(document.values)
    except ValidationError as error:
        raise ContentError([mistake_of(name, document, each, KEY) for each in error.errors()]) from None
    if mistakes := [mistake_of_repeat(each, text) for each in repeats([(name, beliefs)])]:
        raise ContentError(mistakes)
    return beliefs


def mistake_of_repeat(repeat: Repeat, text: str) -> Mistake:
    """Return the mistake that a repeated text is, in the file of this text."""
    line = _document(repeat.name, text).line_of(repeat.place)
    return Mistake(repeat.name, line, _key(repeat.place), f"{repeat.text!r} stands twice, first at {repeat.first}")


def to_text(beliefs: Sequence[Belief], before: str = "") -> str:
    """Return a file's text, with the remarks of the text ``before``."""
    remarks = yaml_text.read(before).remarks if before else []
    if not beliefs:
        return "".join(f"{remark.text}\n" for remark in remarks)
    return yaml_text.to_text([belief.to_json() for belief in beliefs], remarks)


def _document(name: str, text: str) -> Document:
    try:
        return yaml_text.read(text, name=KEY)
    except YAMLTextError as error:
        raise ContentError([Mistake(name, error.line, error.key, error.message)]) from None


def _texts(beliefs: Sequence[Belief]) -> Iterator[tuple[Place, str]]:
    for at, belief in enumerate(beliefs):
        yield (at, "belief"), belief.belief
        for number, wording in enumerate(belief.wordings):
            yield (at, "wordings", number), wording


def _key(place: Place) -> str:
    return ".".join(map(str, (KEY, *place)))
