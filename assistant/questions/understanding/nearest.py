"""The paragraph of an answer that is nearest to its question."""

from assistant.library.texts.markdown import paragraphs_of
from assistant.matching import LONGEST, passages_of
from assistant.matching.meaning.semantic import SemanticMatcher
from assistant.matching.text import one_line, readable
from assistant.questions.tables import QuestionRow
from assistant.questions.understanding.matcher import matcher

LEAST = 0.4  # the cosine of a paragraph that is near at all
LEAD = 0.1  # by which it must be nearer than every other one


def nearest_paragraph(row: QuestionRow) -> int | None:
    """Return the number of the explanation's paragraph, from 0, that is clearly nearest to a question; None of none."""
    using, entry = matcher(), row.answered_by
    if entry is None or entry.published is None or row.language is not None or not isinstance(using, SemanticMatcher):
        return None
    paragraphs = [passages_of(each) for each in paragraphs_of(entry.published.explanation)]
    texts = {passages[0]: at for at, passages in enumerate(paragraphs) if passages}
    cosines = using.cosines(one_line(readable(row.text))[:LONGEST], list(texts))
    ranked = sorted(cosines, key=cosines.__getitem__, reverse=True)
    if len(ranked) < 2 or cosines[ranked[0]] < LEAST or cosines[ranked[0]] - cosines[ranked[1]] < LEAD:
        return None
    return texts[ranked[0]]
