"""The paragraph of an answer that is nearest to its question."""

import re
from itertools import islice

from assistant.library.texts.markdown import paragraphs_of
from assistant.library.texts.markdown_checks import links_in
from assistant.matching import LONGEST, passages_of
from assistant.matching.meaning.semantic import SemanticMatcher
from assistant.matching.text import one_line, readable
from assistant.questions.tables import QuestionRow
from assistant.questions.understanding.matcher import matcher

LEAST = 0.4  # the cosine of a paragraph that is near at all
LEAD = 0.1  # by which it must be nearer than every other one
SENTENCE_ENDS = re.compile(r"[.?!](?=\s|$)")


def nearest_paragraph(row: QuestionRow) -> int | None:
    """Return the number of the explanation's paragraph, from 0, that is clearly nearest to a question; None of none."""
    using, entry = matcher(), row.answered_by
    if entry is None or entry.published is None or row.language is not None or not isinstance(using, SemanticMatcher):
        return None
    paragraphs = paragraphs_of(entry.published.explanation)
    texts = {passages[0]: at for at, each in enumerate(paragraphs) if (passages := passages_of(each))}
    cosines = using.cosines(one_line(readable(row.text))[:LONGEST], list(texts))
    ranked = sorted(cosines, key=cosines.__getitem__, reverse=True)
    nearest = list(islice((each for each in ranked if not leads_elsewhere(paragraphs[texts[each]])), 2))
    if len(nearest) < 2 or cosines[nearest[0]] < LEAST or cosines[nearest[0]] - cosines[nearest[1]] < LEAD:
        return None
    return texts[nearest[0]]


def leads_elsewhere(paragraph: str) -> bool:
    """Say whether a paragraph, in Markdown, only leads to other entries: it has a link to one for each sentence."""
    return 0 < len(SENTENCE_ENDS.findall(paragraph)) <= len(links_in(paragraph))
