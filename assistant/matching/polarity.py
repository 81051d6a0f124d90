"""Whether one sentence says the same as another one, or the contrary of it.

Sentence vectors hardly tell "the neurons become different" from "the neurons do not become different". Here two
sentences are compared that are about the same in the same words: content words are equal up to inflection and synonyms,
and stand in the same order. Then what turns a sentence round is counted: a negation, or a word of opposite meaning.
Nothing is said where that leaves a doubt: of several such places, of a condition ("neurons that do not start equal"),
of "not all".
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from assistant.matching import words as english
from assistant.matching.words import plain_words, stem

Relation = Literal["same", "contrary"]

FEWEST = 2  # content words that make a sentence
CLAUSE = 2  # content words after "that", which belong to its clause


@dataclass(frozen=True)
class Comparison:
    """How two sentences relate; of contraries, whether at most one can be true, and whether one must be."""

    relation: Relation
    exclusive: bool = False
    exhaustive: bool = False


@dataclass(frozen=True)
class Word:
    """A content word: what it is about, which of two opposite ways it points, and what was said of it.

    Where it is a complement, what is not the one is the other, as with "same" and "different". It is aside where it
    sets a condition, or goes with "without".
    """

    concept: str
    pole: int = 0
    complement: bool = False
    negated: bool = False
    aside: bool = False


@dataclass(frozen=True)
class Sentence:
    """A sentence's content words, and those that say of how many things it holds."""

    words: tuple[Word, ...]
    quantifiers: tuple[str, ...]

    @property
    def about(self) -> tuple[str, ...]:
        """What two sentences share that can be compared."""
        return (*(each.concept for each in self.words), *self.quantifiers)


@lru_cache(maxsize=4_096)
def parse(text: str) -> Sentence:
    """Return what is compared of a sentence."""
    words = plain_words(text)
    quantifiers = tuple(english.QUANTIFIERS[word] or word for word in words if word in english.QUANTIFIERS)
    return Sentence(tuple(_content(words)), quantifiers)


def compare(one: str, other: str) -> Comparison | None:
    """Return how two sentences relate; None where they differ in more than which way they go, or in doubt."""
    left, right = parse(one), parse(other)
    if left.about != right.about or len(left.words) < FEWEST:
        return None
    pairs = zip(left.words, right.words, strict=True)
    turned = [pair for pair in pairs if (pair[0].negated, pair[0].pole) != (pair[1].negated, pair[1].pole)]
    if not turned:
        return Comparison("same")
    if len(turned) > 1 or turned[0][0].aside or turned[0][1].aside:
        return None
    ((word, its_word),) = turned
    if word.negated == its_word.negated:
        return Comparison("contrary", exclusive=True, exhaustive=word.complement and not left.quantifiers)
    if word.pole == its_word.pole:
        return Comparison("contrary", exclusive=True, exhaustive=not left.quantifiers)
    return Comparison("same") if word.complement else None  # "not different" and "same"; "not larger" and "smaller"


def _content(words: Sequence[str]) -> Iterator[Word]:
    """Yield the content words; a negation belongs to the next one."""
    negated, without, clause = False, False, 0
    for word in words:
        if word in english.NEGATIONS:
            negated, without = not negated, word == english.WITHOUT
        elif word == ",":
            clause = 0
        elif word in english.SUBORDINATE:
            clause = len(words)
        elif word in english.RELATIVE:
            clause = CLAUSE
        elif word not in english.GRAMMAR and word not in english.QUANTIFIERS:
            key = stem(word)
            concept, pole = english.OPPOSITES.get(key, (english.SYNONYMS.get(key, key), 0))
            aside = clause > 0 or without
            yield Word(concept, pole, concept in english.COMPLEMENTS, negated, aside)
            negated, without, clause = False, False, max(clause - 1, 0)
    if negated:  # of a word that is none of the content
        yield Word("", negated=True)
