"""What publishing a draft would do to matching: which questions would go elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.library import queries as library
from assistant.library.entries import Draft
from assistant.matching import Match, Topic
from assistant.questions.ask import match_all, matcher, matcher_with
from assistant.questions.queries import recent_texts

ASKED = 200  # of the questions that were asked last are looked at


@dataclass(frozen=True)
class Move:
    """A question that would be taken for something else."""

    question: str
    asked: bool  # by a learner, and else a phrasing of the library
    before: str  # the slug of its answer, or "suggestions", or "I don't know"
    after: str
    stolen: bool  # another entry's, and no longer answered by it


def moves(draft: Draft) -> list[Move]:
    """Return what would move if a draft were published: of the questions asked last, and of all entries' phrasings.

    Stolen ones come first: those that another entry answers today, and would not any more.
    """
    topics, not_covered = library.topics(), library.texts_not_covered()
    own = Topic.of(
        draft.slug,
        draft.title,
        draft.phrasings,
        (draft.short, *(claim.text for claim in draft.claims), draft.explanation),
    )
    others = [topic for topic in topics if topic.slug != draft.slug]
    row = library.by_slug(draft.slug)
    gone = set(row.published.not_covered) if row is not None and row.published is not None else set()
    left = [text for text in not_covered if text not in gone]
    # A phrasing that the draft brings is no longer a question that nothing answers.
    after_all = [text for text in dict.fromkeys([*left, *draft.not_covered]) if text not in own.phrasings]
    phrasings = [text for topic in others for text in topic.phrasings]
    known = set(phrasings)
    asked = [text for text in recent_texts(ASKED) if text not in known]
    questions = [*asked, *phrasings]
    before = match_all(matcher(), questions)
    after = match_all(matcher_with([*others, own], after_all), questions)
    found = [
        Move(question, at < len(asked), _told(old), _told(new), _stolen(draft.slug, old, new))
        for at, (question, old, new) in enumerate(zip(questions, before, after, strict=True))
        if _told(old) != _told(new)
    ]
    return sorted(found, key=lambda move: (not move.stolen, not move.asked))


def stolen(found: Sequence[Move]) -> list[Move]:
    """Return the questions that another entry would lose."""
    return [move for move in found if move.stolen]


def _told(match: Match) -> str:
    return match.entry or {"suggest": "suggestions", "unknown": "I don’t know"}[match.outcome]


def _stolen(slug: str, before: Match, after: Match) -> bool:
    return before.entry not in {None, slug, after.entry}
