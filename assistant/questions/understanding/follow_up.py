"""Follow-ups: a short question that says little by itself is read in the light of the answer that it follows.

"And with tanh?", "why is that?", "what if I use only one neuron": alone, nothing answers them. The entry before answers
them where they name one of its experiment's parameters, or nothing at all; an entry that it links to, where that is
nearest; and either, where the question before and this one together mean it.
"""

import re
from collections.abc import Sequence

from assistant.library.tables import EntryRow
from assistant.library.texts.markdown_checks import links_in
from assistant.matching import Candidate, Match, Matcher
from assistant.matching.polarity import parse
from assistant.matching.posts.courtesy import asks_nothing, without_courtesy
from assistant.matching.posts.parts import Matched, Part
from assistant.matching.text import one_line, readable
from assistant.matching.words import stem
from assistant.questions.own_numbers.own_runs import numbers_in
from assistant.questions.tables import QuestionRow

MOST_WORDS = 12  # of a follow-up; a longer question speaks for itself
# What goes on from another question begins so, or points back at it.
OPENING = re.compile(r"\W*(?:and|but|so|or|then|also|with|what\s+if|what\s+about|how\s+about)\b", re.IGNORECASE)
POINTER = re.compile(r"\b(?:it|that|this|they|these|those)\b", re.IGNORECASE)
LEAST = 0.15  # the probability of an entry that is linked to
# What is left of "what does that mean?", "can you explain more?", "why is that so?"
POINTING = frozenset(map(stem, ("what", "mean", "more", "again", "give", "example", "reason", "happen", "succeed")))


def in_light_of(before: QuestionRow, question: str, found: Matched, using: Matcher) -> Matched | None:
    """Return what a question means that follows another one; None where it is read by itself.

    Args:
        before: the question that it follows.
        question: the question, in English.
        found: what it means by itself.
        using: what matched it.
    """
    entry, question = before.answered_by, without_courtesy(question)
    if entry is None or before.redacted_at is not None or len(question.split()) > MOST_WORDS:
        return None
    if len(found.parts) > 1 or asks_nothing(question):
        return None
    slug = _meant(before, entry, question, found.main.match, using)
    if slug is None or slug == found.main.match.entry:
        return None
    others = tuple(each for each in found.main.match.candidates if each.slug != slug)
    meant = Match("answer", (Candidate(slug, found.main.match.score_of(slug)), *others))
    return Matched((Part(found.main.text, meant),))


def _meant(before: QuestionRow, entry: EntryRow, question: str, alone: Match, using: Matcher) -> str | None:
    """Return the slug of the entry that a follow-up means; None where it is not known."""
    opens = OPENING.match(question) is not None
    numbers = numbers_in(question, entry)
    named = bool(numbers.taken or numbers.same or numbers.beyond or numbers.several)
    if alone.entry is not None:
        return entry.slug if opens and named else None
    if named or {each.concept for each in parse(question).words} <= POINTING:
        return entry.slug
    if not (opens or POINTER.search(question)) or alone.outcome == "unknown":
        return None
    near = (entry.slug, *_links(entry))
    likely = [each for each in (entry.slug, alone.nearest) if each in near and alone.score_of(each) >= LEAST]
    return likely[0] if likely else _together(before, question, using, near)


def _together(before: QuestionRow, question: str, using: Matcher, near: Sequence[str]) -> str | None:
    """Return what the question before and this one mean, read as one, where that is among the entries ``near``."""
    found = using.match(one_line(readable(f"{before.text} {question}"))).entry
    return found if found in near else None


def _links(entry: EntryRow) -> Sequence[str]:
    """Return the slugs of the entries that an entry's explanation links to."""
    return [each.what for each in links_in(entry.published.explanation)] if entry.published is not None else []
