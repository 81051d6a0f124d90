"""What publishing a draft would do to matching: which questions would go elsewhere."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from weakref import ref

from assistant.library import queries as library
from assistant.library import revisions
from assistant.library.entries import Draft, topic_of
from assistant.library.phrasing_queries import texts_of
from assistant.library.tables import EntryRow
from assistant.matching import Corpus, Match, Matcher
from assistant.matching.lexical import LexicalMatcher
from assistant.matching.meaning.semantic import SemanticMatcher
from assistant.questions.queries import asked_last
from assistant.questions.understanding.matcher import current, matcher_with_others, remember, vectors_of
from assistant.questions.vector_queries import vectors_by_text

ASKED = 200  # of the questions that were asked last are looked at


@dataclass(frozen=True)
class Move:
    """A question that would be taken for something else."""

    question: str
    asked: bool  # by a learner, and else a phrasing of the library
    before: str  # the slug of its answer, or "suggestions", or "I don't know"
    after: str
    stolen: bool  # another entry's, and no longer answered by it


def moves(draft: Draft, more: Sequence[str] = ()) -> list[Move]:
    """Return what would move if a draft were published: of the questions asked last, and of all entries' phrasings.

    Stolen ones come first: those that another entry answers today, and would not any more.

    Args:
        draft: what would be published.
        more: phrasings that would be added to its entry.
    """
    (today, using), row = current(), library.entry(draft.slug)
    own = topic_of(draft.slug, draft, [*(texts_of(row) if row is not None else ()), *more])
    others = tuple(topic for topic in today.topics if topic.slug != draft.slug)
    gone = set(row.published.not_covered) if row is not None and row.published is not None else set()
    left = [text for text in today.not_covered if text not in gone]
    # A phrasing of the entry is no longer a question that nothing answers.
    not_covered = tuple(text for text in dict.fromkeys([*left, *draft.not_covered]) if text not in own.phrasings)
    then = Corpus((*others, own), not_covered, today.held_out)
    phrasings = [text for topic in others for text in topic.phrasings]
    known = set(phrasings)
    rows = [row for row in asked_last(ASKED) if row.text not in known]
    remember(vectors_by_text(rows))
    asked = [row.text for row in rows]
    had = {text for topic in today.topics if topic.slug == draft.slug for text in topic.phrasings}
    new = {*own.phrasings} - had | {*draft.not_covered} - {*left}
    questions = [*asked, *_that_may_move(using, phrasings, sorted(new))]
    before, after = _matches_before_and_after(ref(using), then, tuple(questions))
    found = [
        Move(question, at < len(asked), _outcome_text(old), _outcome_text(new), _is_lost(draft.slug, old, new))
        for at, (question, old, new) in enumerate(zip(questions, before, after, strict=True))
        if _outcome_text(old) != _outcome_text(new)
    ]
    return sorted(found, key=lambda move: (not move.stolen, not move.asked))


def _that_may_move(today: Matcher, phrasings: Sequence[str], new: Sequence[str]) -> Sequence[str]:
    """Return those of the library's phrasings that may be taken for something else once it has new texts."""
    if isinstance(today, LexicalMatcher):
        return today.nearly_same(phrasings, new)
    if not isinstance(today, SemanticMatcher):
        return phrasings
    vectors = vectors_of(new)
    return today.nearly_same(phrasings, vectors) if vectors is not None else ()


@lru_cache(maxsize=1)
def _matches_before_and_after(
    today: "ref[Matcher]", then: Corpus, questions: tuple[str, ...]
) -> tuple[list[Match], ...]:
    """Return what the questions match today, and with other texts; kept from a page to the confirmation on it.

    The matcher itself, of some 25 MB, is not kept: it may be the current one no longer.
    """
    if (using := today()) is None:
        raise ReferenceError("the caller has to hold the matcher")
    return using.match_all(questions), matcher_with_others(then, using).match_all(questions)


def concerns(found: Sequence[Move]) -> list[str]:
    """Return what speaks against a change that moves questions, as sentences."""
    return [
        f"“{move.question}” is answered by {move.before} today, and would go to {move.after}."
        for move in lost_questions(found)
    ]


def digest(sentences: Sequence[str]) -> str:
    """Return what stands for these very concerns, so that a confirmation of others is none; nothing for none."""
    return hashlib.sha256("\n".join(sentences).encode()).hexdigest()[:16] if sentences else ""


def of_adding(entry: EntryRow, *texts: str) -> list[str]:
    """Return what speaks against adding phrasings to an entry; nothing before the entry is published."""
    if entry.published is None or not texts:
        return []
    return concerns(moves(revisions.draft_of(entry.slug, entry.published), texts))


def lost_questions(found: Sequence[Move]) -> list[Move]:
    """Return the questions that another entry would lose."""
    return [move for move in found if move.stolen]


def _outcome_text(match: Match) -> str:
    return match.entry or {"suggest": "suggestions", "unknown": "I don’t know"}[match.outcome]


def _is_lost(slug: str, before: Match, after: Match) -> bool:
    return before.entry not in {None, slug, after.entry}
