"""Keeping what the matcher learned in step with the library.

Two things follow from the library: vectors of all texts, and the layer with its threshold, which take a full fit. After
a change, `refresh` brings the vectors up to date at once, so that every web process finds them stored, and `refit`
learns the rest anew when the worker has nothing else to do.
"""

import logging
from functools import lru_cache

from assistant.database import reading, writing
from assistant.library import queries
from assistant.matching import Topic
from assistant.matching.encoder import Encoder, EncoderUnavailableError, installed
from assistant.matching.semantic import Fitted, SemanticMatcher, UnusableFitError

log = logging.getLogger(__name__)


@lru_cache(maxsize=1)
def encoder() -> Encoder | None:
    """Return what turns texts into vectors; None where its weights are not installed, which is logged once."""
    try:
        return installed()
    except EncoderUnavailableError as error:
        log.warning("questions are matched by words: %s", error)
        return None


def stored_fit() -> Fitted | None:
    """Return what the matcher learned; None where that is nothing, or of no use to this version and its encoder."""
    row, using = queries.fit(), encoder()
    if row is None or using is None:
        return None
    try:
        found = Fitted.from_bytes(row.stored)
    except UnusableFitError:
        return None
    return found if found.encoder == using.name else None


def texts() -> tuple[list[Topic], list[str]]:
    """Return all that the matcher learns from: the entries, and the questions that none of them answers."""
    return queries.topics(), queries.texts_not_covered()


def refresh() -> None:
    """Store the vectors of new texts with the layer as it is; call it after something was published.

    Every web process takes the change up with the next question. Only new texts are encoded, some 20 ms each.
    """
    if (using := encoder()) is None:
        return
    with reading():
        before, (topics, not_covered) = stored_fit(), texts()
    if before is None or not topics:
        return  # The first fit is a full one.
    after = before.updated(topics, not_covered, using)
    if after.digests != before.digests:
        with writing():
            queries.store_fit(after.to_bytes())


def stale() -> bool:
    """Say whether the library changed since everything was learned, and it can be learned anew."""
    if (using := encoder()) is None:
        return False
    with reading():
        return queries.learned_of() != _learned_of(using)


def _learned_of(using: Encoder) -> str:
    return f"{SemanticMatcher.name} {using.name} {queries.state()}"


def refit(threads: int = 1) -> bool:
    """Learn everything anew when the library changed since that was done last, and say whether it had.

    This is a maintenance task of the worker, for when no run waits. To look takes a millisecond; to learn takes two
    seconds, and 10 ms for each text that is new.
    """
    if not stale() or (using := encoder()) is None:
        return False
    with reading():
        learned_of, before, (topics, not_covered) = _learned_of(using), stored_fit(), texts()
    if not topics or not not_covered:
        return False
    from assistant.matching.learning import fit  # noqa: PLC0415 - loads scikit-learn, which no web process does

    after = fit(topics, not_covered, using, before=before, threads=threads)
    with writing():
        queries.store_fit(after.to_bytes(), learned_of=learned_of)
    return True
