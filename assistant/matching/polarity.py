"""Whether one sentence says the same as another one, or the contrary of it.

Sentence vectors hardly tell "the neurons become different" from "the neurons do not become different". Here two
sentences are compared that are about the same in the same words: content words are equal up to inflection and synonyms,
and stand in the same order. Then what turns a sentence round is counted: a negation, or a word of opposite meaning.
Nothing is said where that leaves a doubt: of several such places, of a condition ("neurons that do not start equal"),
of "not all".

Contraries need not exclude each other: large networks learn, and small ones may learn too. So it is told apart whether
the word that turns stands where it says something ("the weights are large"), and whether one sentence only says that
something can be so.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from assistant.matching import words as english
from assistant.matching.words import plain_words, stem

Relation = Literal["same", "contrary"]

FEWEST = 2  # content words that make a sentence
CLAUSE = 2  # content words after "that", which belong to its clause


@dataclass(frozen=True)
class Comparison:
    """How one sentence relates to another: whether it is true if that one is, and if it is not; None is unknown.

    One may be denied of things of a kind: what is not so of all of them may be so of some, and the other way round.
    """

    relation: Relation
    if_true: bool | None
    if_false: bool | None
    of_a_kind: bool = False


@dataclass(frozen=True)
class Word:
    """A content word: what it is about, which of two opposite ways it points, and what was said of it.

    Where it is a complement, what is not the one is the other, as with "same" and "different". It is aside where it
    sets a condition, or goes with "without"; and it tells something where it is not a part of what is spoken of.
    """

    concept: str
    pole: int = 0
    complement: bool = False
    negated: bool = False
    aside: bool = False
    tells: bool = True


@dataclass(frozen=True)
class Sentence:
    """A sentence's content words, and those that say of how many things it holds.

    It is weaker (below 0) than "is" where it says that something can be so, and stronger (1) than "is not" where it
    says never, or cannot. It is bound where it holds under a condition, or reasons, or says two things of which
    only one may be denied. It is generic where it speaks of things of a kind, and may hold of some: "large networks".
    """

    words: tuple[Word, ...]
    quantifiers: tuple[str, ...]
    strength: int = 0
    bound: bool = False
    generic: bool = False

    @property
    def about(self) -> tuple[str, ...]:
        """What two sentences share that can be compared."""
        return (*(each.concept for each in self.words), *self.quantifiers)


@lru_cache(maxsize=4_096)
def parse(text: str) -> Sentence:
    """Return what is compared of a sentence."""
    words = plain_words(text)
    quantifiers = tuple(english.QUANTIFIERS[word] or word for word in words if word in english.QUANTIFIERS)
    content = tuple(_content(words))
    denies = any(each.negated and not each.aside for each in content)
    possible = sum(word in english.POSSIBLE for word in words)
    strength = 1 if denies and (possible or not english.NEVER.isdisjoint(words)) else -possible
    bound = not english.BINDING.isdisjoint(words) or _says_two_things(words)
    return Sentence(content, quantifiers, strength, bound, _is_generic(words))


def compare(one: str, other: str) -> Comparison | None:
    """Return how two sentences relate; None where they differ in more than which way they go, or in doubt."""
    left, right = parse(one), parse(other)
    if left.about != right.about or len(left.words) < FEWEST:
        return None
    pairs = zip(left.words, right.words, strict=True)
    turned = [pair for pair in pairs if (pair[0].negated, pair[0].pole) != (pair[1].negated, pair[1].pole)]
    if not turned:
        return _same(left, right)
    if len(turned) > 1 or turned[0][0].aside or turned[0][1].aside:
        return None
    ((word, its_word),) = turned
    if word.negated == its_word.negated:
        return _opposite(left, right, word, its_word)
    if word.pole == its_word.pole:
        return _denied(left, right) if its_word.negated else _denied(right, left)
    return _same(left, right) if word.complement else None  # "not different" and "same"; "not larger" and "smaller"


def _same(left: Sentence, right: Sentence) -> Comparison:
    """Return how sentences relate that say the same, one of them perhaps more of it."""
    return Comparison(
        "same",
        if_true=True if left.strength <= right.strength else None,
        if_false=False if left.strength >= right.strength else None,
    )


def _denied(says: Sentence, denies: Sentence) -> Comparison:
    """Return how a sentence and its negation relate: what can be so need not be, what is not so may be sometimes."""
    exclusive = says.strength == denies.strength or denies.strength > 0
    exhaustive = says.strength < 0 or denies.strength <= 0
    # "Large networks do not overfit" may deny it of all; "a high accuracy does not mean that ..." does not.
    follows = any(each.negated and each.concept in english.FOLLOWS for each in denies.words)
    generic = exhaustive and denies.generic and says.strength == 0 and not follows
    found = _contrary(says, exclusive=exclusive, exhaustive=exhaustive and not denies.bound)
    return replace(found, if_false=None, of_a_kind=found.if_false is not None) if generic else found


def _opposite(left: Sentence, right: Sentence, word: Word, its_word: Word) -> Comparison:
    """Return how sentences relate that differ in a word of opposite meaning: what can be large can also be small."""
    exclusive = word.tells and its_word.tells and left.strength == right.strength == 0
    return _contrary(left, exclusive=exclusive, exhaustive=exclusive and word.complement)


def _contrary(sentence: Sentence, *, exclusive: bool, exhaustive: bool) -> Comparison:
    exclusive = exclusive and english.SOME.isdisjoint(sentence.quantifiers)
    exhaustive = exhaustive and not (sentence.quantifiers or sentence.bound)
    return Comparison("contrary", False if exclusive else None, True if exhaustive else None)


def _content(words: Sequence[str]) -> Iterator[Word]:
    """Yield the content words; a negation belongs to the next one."""
    negated, apart, clause = False, False, 0
    for at, word in enumerate(words):
        if word in english.NEGATIONS:
            negated, apart = not negated, not _negates_sentence(words, at)
        elif word == ",":
            clause = 0
        elif word in english.SUBORDINATE:
            clause = len(words)
            yield Word(english.SUBORDINATE[word], aside=True)
        elif word in english.RELATIVE:
            said = at and stem(words[at - 1]) in english.SAYS
            asked = word == "which" and not english.ARTICLES.isdisjoint(words[at + 2 : at + 3])  # "which part the ..."
            clause = len(words) if said or asked else CLAUSE
        elif word in english.NAMES_ITSELF and _is_relative(words, at):
            clause = CLAUSE
        elif word not in english.GRAMMAR and word not in english.QUANTIFIERS:
            concept, pole = english.OPPOSITES.get(stem(word), (english.concept(word), 0))
            complement = concept in english.COMPLEMENTS and english.CHANGES.isdisjoint(words)
            tells = concept not in english.BOTH_MAY_BE and _tells(words, at)
            yield Word(concept, pole, complement, negated, clause > 0 or apart, tells)
            negated, apart, clause = False, False, max(clause - 1, 0)
            if word in english.INDIRECT and (at or english.VERBS.isdisjoint(words[1:2])):
                clause = len(words) if at else CLAUSE
    if negated:  # of a word that is none of the content
        yield Word("", negated=True)


def _negates_sentence(words: Sequence[str], at: int) -> bool:
    """Say whether a negation is that of its sentence, and not of a thing in it: "no dropout helps", "not shuffling"."""
    before, after = words[at - 1] if at else "", words[at + 1] if at + 1 < len(words) else ""
    if words[at] == "no":
        return before not in english.PREPOSITIONS | {"", ","}
    if words[at] in {"not", "never"} and after.endswith("ing"):
        return before in english.BEING and at > 1
    if after == "to":
        return False
    if words[at] == "not":
        return not english.VERBS.isdisjoint(words[:at])
    return words[at] != english.WITHOUT


def _tells(words: Sequence[str], at: int) -> bool:
    """Say whether an adjective or verb tells something: not "large weights", "with a larger", "increasing the rate"."""
    before, after = words[at - 1] if at else "", words[at + 1] if at + 1 < len(words) else ","
    if words[at].endswith("ing") and before not in english.BEING:
        return False
    if before == "the" and words[at] == "same":
        before = words[at - 2] if at > 1 else ""
    named = before in english.PREPOSITIONS | english.ARTICLES | english.DEGREES
    return not named and (after in english.GOES_ON or after in english.SUBORDINATE)


def _is_relative(words: Sequence[str], at: int) -> bool:
    """Say whether a pronoun begins what is said of the word before it: "the wave it has not learned"."""
    before, after = words[at - 1] if at else ",", words[at + 1] if at + 1 < len(words) else ""
    if words[0] in english.LEADING or before.endswith("ly"):
        return False
    return after in english.VERBS and before not in english.GRAMMAR | english.VERBS | english.RELATIVE | {","}


def _says_two_things(words: Sequence[str]) -> bool:
    """Say whether a sentence may say two things and deny one of them: "it compares many and does not keep one"."""
    denied = [at for at, word in enumerate(words) if word in english.NEGATIONS]
    for at, word in enumerate(words):
        after = words[at + 1] if at + 1 < len(words) else ""
        if word in english.JOINING and words[at - 1] != after and any(each < at for each in denied):
            return True  # "more and more" is one thing
        if word in english.JOINING and after in english.VERBS | english.NEGATIONS | english.NAMES_ITSELF:
            return True
        if word == "," and words[0] not in english.LEADING and any(each > at for each in denied):
            return True
    return False


def _is_generic(words: Sequence[str]) -> bool:
    """Say whether a sentence is about things of a kind: "a large network", "two neurons", "large networks"."""
    begin = next((at for at, word in enumerate(words) if word not in english.ASKING), len(words))
    subject = []
    for word in words[begin:]:
        if word in english.VERBS | english.NEGATIONS | english.RELATIVE | english.PREPOSITIONS:
            break
        subject.append(word)
    if not subject or subject[0] in english.ARTICLES - english.COUNTING or subject[0].endswith("ing"):
        return False
    plural = subject[-1].endswith("s") and not subject[-1].endswith("ss") and subject[-1] not in english.NO_PLURALS
    return subject[0] in english.COUNTING or plural
