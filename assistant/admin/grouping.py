"""Questions that are alike: together in a list, and near to what an entry is about."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process, utils

from assistant.matching.meaning.examples import Vectors
from assistant.questions import queries as questions
from assistant.questions.tables import QuestionRow
from assistant.questions.understanding.matcher import vectors_of
from assistant.questions.vector_queries import vectors_by_text

MOST_ASKED = 50  # questions from which an entry is begun
ALIKE = 0.9  # the least cosine of two questions that stand together
NEAR, NEAR_WORDS = 0.6, 60  # the least cosine, or of 100 the similarity of words, of a question that is proposed
OPEN, PROPOSED = 200, 12  # questions without an answer that are looked at, and that are proposed


@dataclass(frozen=True)
class Group:
    """Questions that are alike; the first is the newest."""

    rows: list[QuestionRow]

    @property
    def first(self) -> QuestionRow:
        """The question that stands for all."""
        return self.rows[0]

    @property
    def ids(self) -> list[str]:
        """The questions from which an entry can be begun, the newest first."""
        return [row.id for row in self.rows if row.redacted_at is None][:MOST_ASKED]


def group_questions(rows: Sequence[QuestionRow]) -> list[Group]:
    """Return questions that are alike together: each joins the first group whose newest question is near enough."""
    readable = [row for row in rows if row.redacted_at is None]
    alike = _alike([row.text for row in readable], vectors_by_text(readable))
    place = {row.id: at for at, row in enumerate(readable)}
    groups: list[Group] = []
    heads: list[tuple[int, Group]] = []  # of each readable group, the place of its first question
    for row in rows:
        at = place.get(row.id)
        near = None if at is None else next((group for head, group in heads if alike[at][head]), None)
        if near is not None:
            near.rows.append(row)
            continue
        groups.append(Group([row]))
        if at is not None:
            heads.append((at, groups[-1]))
    return groups


def _alike(texts: Sequence[str], known: Mapping[str, Vectors]) -> list[list[bool]]:
    """Say of each pair of questions (questions, questions) whether they are alike; some vectors are ``known``."""
    vectors = vectors_of(texts, known)
    if vectors is not None:
        near: list[list[bool]] = (vectors @ vectors.T >= ALIKE).tolist()
        return near
    words = [set(text.casefold().split()) for text in texts]
    return [[len(one & other) >= 0.6 * len(one | other) for other in words] for one in words]


def near_questions(texts: Sequence[str]) -> list[str]:
    """Return questions without an answer that are near to any of an entry's texts, the nearest first."""
    own = [text for text in texts if text.strip()]
    there = {text.casefold() for text in own}
    rows = questions.list_questions("open", OPEN) if own else []
    texts_asked = dict.fromkeys(row.text for row in rows if row.redacted_at is None)
    asked = [text for text in texts_asked if text.casefold() not in there]
    if not asked:
        return []
    vectors = vectors_of([*asked, *own], vectors_by_text(rows))
    if vectors is not None:
        scores, least = (vectors[: len(asked)] @ vectors[len(asked) :].T).max(axis=1), NEAR
    else:
        scored = process.cdist(asked, own, scorer=fuzz.token_sort_ratio, processor=utils.default_process)
        scores, least = scored.max(axis=1), float(NEAR_WORDS)
    order = sorted(range(len(asked)), key=lambda at: -scores[at])
    return [asked[at] for at in order[:PROPOSED] if scores[at] >= least]
