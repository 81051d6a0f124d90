"""Mistakes as sentences, each with the field of the editor that it belongs to."""

from collections.abc import Iterable, Sequence
from typing import Any

from assistant.library.claims import PREDICATES
from assistant.library.content.mistakes import Mistake
from assistant.library.field_names import inside, names_of

LINES = ("not_covered", "references")  # fields that hold one item a line
LONGEST_SENTENCE = 400  # characters of what is told at a field
MOST_TOLD = 5  # sentences at one field
SLUG_OF = "A slug is made of small letters, digits and hyphens: why-neurons-differ."
NO_SLUG = "The slug is missing, and the title has no Latin letters to make it of: type one, such as why-neurons-differ."


def explain(detail: Any) -> tuple[str, str]:  # noqa: ANN401
    """Return the field of a mistake that the types found, and what is wrong with it, as a sentence."""
    place = list(detail["loc"])
    where = ""
    if len(place) == 2 and place[0] in LINES:
        where = f"Line {place[1] + 1}: "
        place = place[:1]
    key = field_of([str(part) for part in place])
    kind, limits = detail["type"], detail.get("ctx", {})
    given = detail.get("input")
    subject = "This line" if where else _subject(key)
    if kind in {"string_too_long", "string_too_short"} and isinstance(given, str):
        if kind == "string_too_short" or not given:
            message = f"{subject} is missing."
        else:
            message = f"{subject} has {len(given):,} characters, and at most {limits['max_length']:,} are allowed."
    elif kind == "string_pattern_mismatch":
        if key == "slug":
            message = NO_SLUG if not given else SLUG_OF
        else:
            message = f"{subject} is missing." if not given else f"{subject} has to be one line."
    elif kind == "too_short":
        message = too_few(names_of(key)[1], limits["actual_length"], limits["min_length"])
    elif key == "order":
        message = "The place in the reading order is a whole number from 1."
    else:
        message = _sentence(detail["msg"].removeprefix("Value error, "))
    return key, where + message


def beside_others(key: str, message: str) -> str:
    """Return what is wrong with a field as it reads in a list: where the sentence does not name its field, it is named.

    One of a row always names its row: "Claim 2: The sentence is missing."
    """
    row, part = names_of(key)
    if message.startswith((_subject(key), "There ")):
        part = ""
    where = f"{row}, {inside(part)}" if row and part else row or part
    if message.startswith("Line "):
        return f"{where}, {inside(message)}"
    return f"{where}: {message}" if where else message


def too_few(name: str, count: int, least: int) -> str:
    """Say that there are fewer than needed of what a field holds, such as "Claims"."""
    things = inside(name)
    there = {0: f"There are no {things}", 1: f"There is one {things.removesuffix('s')}"}
    needed = f"at least {'one is' if least == 1 else f'{least} are'} needed"
    return f"{there.get(count, f'There are {count} {things}')}, and {needed}."


def field_of(place: Sequence[str]) -> str:
    """Return the field of the form that a key of the content file is typed into."""
    if place[0] == "claims" and len(place) > 2 and place[2] in PREDICATES:
        return f"claims.{place[1]}.{'upper' if place[3:4] == ['1'] else 'value'}"
    if place[0] == "experiments":
        at, key = (int(place[1]), place[2]) if len(place) > 2 else (1, "experiment")
        return key if at == 0 else f"further.{at - 1}.{key}"
    return ".".join(place[:3])


def by_field(mistakes: Iterable[Mistake]) -> dict[str, str]:
    """Return what is wrong with each field, in sentences; of very many, how many more there are."""
    told: dict[str, list[str]] = {}
    for mistake in mistakes:
        told.setdefault(field_of(mistake.key.split(".")), []).append(sentence_of(mistake))
    return {key: _some(sentences) for key, sentences in told.items()}


def _some(sentences: Sequence[str]) -> str:
    more = len(sentences) - MOST_TOLD
    return " ".join([*sentences[:MOST_TOLD], *([f"And {more} more."] if more > 0 else [])])


def sentence_of(mistake: Mistake) -> str:
    """Return a mistake as a sentence; one in the explanation names its line."""
    if mistake.key == "explanation":
        return f"Line {mistake.line}: {_sentence(mistake.message, capital=False)}"
    return _sentence(mistake.message)


def _sentence(message: str, *, capital: bool = True) -> str:
    text = message if len(message) <= LONGEST_SENTENCE else f"{message[:LONGEST_SENTENCE].rpartition(' ')[0]} …"
    first = text[:1].upper() if capital else text[:1]
    return f"{first}{text[1:]}" + ("" if text.endswith((".", "!", "?", "…")) else ".")


def _subject(key: str) -> str:
    return f"The {inside(names_of(key)[1])}"
