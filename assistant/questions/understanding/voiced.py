"""What a post says by itself of what its answer says: a belief, or the contrary of a phrasing; see docs/matching.md."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from assistant.library.beliefs import Answer, Belief
from assistant.library.phrasing_queries import texts_of
from assistant.matching import LONGEST
from assistant.matching.meaning.semantic import SemanticMatcher
from assistant.matching.polarity import Comparison, compare
from assistant.matching.posts.post import sentences_of
from assistant.matching.text import one_line, readable
from assistant.questions.tables import QuestionRow
from assistant.questions.understanding.matcher import matcher

MOST_SENTENCES = 40  # of a post are compared with beliefs
LONGEST_SENTENCE = 40  # words
NEAREST = 12  # phrasings are compared with a question


@dataclass(frozen=True)
class Voiced:
    """A belief, by its place among the entry's, that a sentence voices, or whose contrary; and the answer to that."""

    at: int
    belief: Belief
    sentence: str
    answer: Answer


def voiced_belief(row: QuestionRow) -> Voiced | None:
    """Return the belief of the answering entry that a post voices; None of none, or of several at odds."""
    entry = row.answered_by
    if entry is None or entry.published is None or row.language is not None:
        return None
    short = (each for each in sentences_of(readable(row.whole_post)) if len(each.split()) <= LONGEST_SENTENCE)
    sentences = [each for each, _ in zip(short, range(MOST_SENTENCES), strict=False)]
    found = [each for sentence in sentences for each in _voiced_by(sentence, entry.published.beliefs)]
    return found[0] if len({each.answer for each in found}) == 1 else None


def _voiced_by(sentence: str, beliefs: Iterable[Belief]) -> Iterable[Voiced]:
    for at, belief in enumerate(beliefs):
        for wording in (belief.belief, *belief.wordings):
            compared = compare(sentence, wording)
            answer = answer_to(belief.answer, compared) if compared is not None else None
            if answer is not None:
                yield Voiced(at, belief, sentence, answer)


def answer_to(answer: Answer, compared: Comparison) -> Answer | None:
    """Return the answer to a sentence, from that to another one and how they relate; None where none follows.

    What is partly so is that for the contrary too, where of both exactly one must be true, or of each thing of a kind.
    """
    if answer == "partly":
        return "partly" if compared.of_a_kind or None not in (compared.if_true, compared.if_false) else None
    follows = compared.if_true if answer == "yes" else compared.if_false
    return None if follows is None else "yes" if follows else "no"


def contrary_of(row: QuestionRow) -> str | None:
    """Return the phrasing that the answer answers and a question is the contrary of; None of none."""
    using, entry = matcher(), row.answered_by
    if entry is None or entry.published is None or row.language is not None or not isinstance(using, SemanticMatcher):
        return None
    question = one_line(readable(row.text))[:LONGEST]
    cosines = using.cosines(question, [entry.published.title, *texts_of(entry)])
    nearest = sorted(cosines, key=cosines.__getitem__, reverse=True)[:NEAREST]
    relations = {text: compared.relation for text in nearest if (compared := compare(question, text)) is not None}
    if "same" in relations.values():
        return None
    return next((text for text, relation in relations.items() if relation == "contrary"), None)


def voiced_json(found: Voiced | None) -> dict[str, Any] | None:
    """Return what a program is told of a belief."""
    if found is None:
        return None
    belief = found.belief
    return {
        "sentence": found.sentence,
        "answer": found.answer,
        "belief": belief.belief,
        "why": belief.why,
        "claim": belief.claim,
    }
