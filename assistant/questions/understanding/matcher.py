"""The current matcher: the library's texts and the stored fit, brought together, and the fit kept in step with them.

Two things follow from the library: vectors of all texts, and the regressions with the layer and its threshold, which
take a full fit. After a change, `refresh` brings the vectors up to date at once, so that every web process finds them
stored, and `refit` does the rest when the worker has nothing else to do. Until the first fit is there, questions are
matched by words.
"""

import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

import numpy as np

from assistant.database import reading, writing
from assistant.library import phrasing_queries
from assistant.library.phrasing_queries import corpus
from assistant.matching import Corpus, Matcher, digest_of
from assistant.matching.lexical import LexicalMatcher
from assistant.matching.meaning import vectors
from assistant.matching.meaning.encoder import Encoder, EncoderUnavailableError, installed_encoder
from assistant.matching.meaning.examples import Vectors, as_stored
from assistant.matching.meaning.remembering import RememberingEncoder
from assistant.matching.meaning.semantic import SemanticMatcher
from assistant.matching.meaning.spelling import Spelling
from assistant.matching.meaning.stored_fit import Fit, UnusableFitError
from assistant.once import Once
from assistant.questions.understanding import fit_queries

log = logging.getLogger(__name__)

MOST_VECTORS = 5_000  # of questions are kept, some 8 MB in each web process
MOST_NEW = 100  # texts of the library are encoded while somebody waits; with more, the fit waits for the worker
ENCODED_AT_ONCE = 256  # texts, between two looks at how far a fit is


@Once
def available_encoder() -> Encoder | None:
    """Return what turns texts into vectors; None where its weights are not installed, which is logged once."""
    try:
        return installed_encoder()
    except EncoderUnavailableError as error:
        log.warning("questions are matched by words: %s", error)
        return None


def matcher() -> Matcher:
    """Return the matcher of the library as it is now."""
    return current()[1]


def current() -> tuple[Corpus, Matcher]:
    """Return what matching reads of the library as it is now, and the matcher of it."""
    return _current(phrasing_queries.state(), fit_queries.time_of_fit())


@Once
def _current(_state: str, _time_of_fit: datetime | None) -> tuple[Corpus, Matcher]:
    """Return the texts and the matcher of one state of the library, made once for each process and state."""
    texts = corpus()
    return texts, matcher_with(texts)


def matcher_with(texts: Corpus) -> Matcher:
    """Return the matcher that there would be with these texts.

    Where the sentence vectors are not installed, or nothing has been fitted to them, questions are matched by words.
    """
    using, fit = available_encoder(), stored_fit()
    if using is None or fit is None:
        return LexicalMatcher({topic.slug: topic.phrasings for topic in texts.topics})
    if len(_without_vectors(texts, fit.vectors(using))) <= MOST_NEW:
        fit = fit.with_texts(texts, using)
    return SemanticMatcher(fit, _remembering(using), Spelling(texts.texts, using.has_word))


def matcher_with_others(texts: Corpus, today: Matcher) -> Matcher:
    """Return the matcher that there would be with nearly the same texts; what is alike comes from today's."""
    if not isinstance(today, SemanticMatcher) or today.lacking(texts.texts) > MOST_NEW:
        return matcher_with(texts)
    return today.with_texts(texts)


def remember(vectors: Mapping[str, Vectors]) -> None:
    """Keep vectors of questions that are stored, by their texts, so that they need not be computed."""
    if (using := available_encoder()) is not None:
        _remembering(using).remember(vectors)


def fitted_matcher() -> Matcher:
    """Return the current matcher, and first make a full fit where there is none of use: for commands."""
    first_fit(threads=os.cpu_count() or 1)
    with reading():
        return matcher()


def waits_for_fit() -> bool:
    """Say whether questions are matched by words only until the worker has fitted the matcher.

    While there is no fit, no matcher is made for this: that takes seconds, which the first page of all waited for.
    """
    if available_encoder() is None:
        return False
    return fit_queries.kept_fit() is None or not isinstance(matcher(), SemanticMatcher)


def vectors_of(questions: Sequence[str], known: Mapping[str, Vectors] | None = None) -> Vectors | None:
    """Return (questions, width), each of length 1; None of no questions, or where there are no sentence vectors.

    Args:
        questions: the questions.
        known: vectors that need not be computed, by their texts.
    """
    using = available_encoder()
    if using is None or not questions:
        return None
    by_text = dict(known or {})
    if new := [question for question in dict.fromkeys(questions) if question not in by_text]:
        by_text |= zip(new, _remembering(using).encode(new), strict=True)
    return np.stack([by_text[question] for question in questions])


@Once
def _remembering(using: Encoder) -> RememberingEncoder:
    """Return the encoder of questions, one for all states of the library."""
    return RememberingEncoder(using, MOST_VECTORS)


def stored_fit() -> Fit | None:
    """Return the stored fit; None where there is none, or none of use to this version and its encoder."""
    stored, using = fit_queries.fit_bytes(), available_encoder()
    if stored is None or using is None:
        return None
    try:
        found = Fit.from_bytes(stored)
    except UnusableFitError:
        return None
    return found if found.encoder == using.name else None


def refresh() -> None:
    """Store the vectors of new texts with the layer as it is; call it after something was published.

    Every web process takes the change up with the next question. Only new texts are encoded, some 10 ms each.
    """
    if (using := available_encoder()) is None:
        return
    with reading():  # Encoding takes time in which others may write.
        before, texts = stored_fit(), corpus()
    if before is None or not texts.topics or len(_without_vectors(texts, before.vectors(using))) > MOST_NEW:
        return  # This is for the worker.
    after = before.with_texts(texts, using)
    if after.digests != before.digests:
        with writing():
            fit_queries.store_fit(after.to_bytes())


def is_stale() -> bool:
    """Say whether the library changed since the last full fit, or that is damaged, and another can be made."""
    with reading():
        return is_behind() or (available_encoder() is not None and is_damaged())


def is_behind() -> bool:
    """Say whether the library changed since the last full fit, and another can be made."""
    using = available_encoder()
    if using is None:
        return False
    with reading():
        return fit_queries.fitted_to() != _fitted_to(using)


def is_damaged() -> bool:
    """Say whether the last full fit can no longer be read; call it within `reading`."""
    kept = fit_queries.kept_fit()
    return kept is not None and not _is_readable(*kept)


@Once
def _is_readable(_time_of_fit: datetime, size: int) -> bool:
    """Say whether the stored fit can be read, which is tried once for each that is stored."""
    try:
        Fit.from_bytes(fit_queries.fit_bytes() or b"")
    except UnusableFitError as error:
        log.error("%s (%s bytes); it is made anew", error, f"{size:,}")
        return False
    return True


def _fitted_to(using: Encoder) -> str:
    return f"{SemanticMatcher.name} {using.name} {phrasing_queries.state()}"


def refit(threads: int = 1) -> bool:
    """Make a full fit when the library changed since the last one, and say whether it had.

    To look takes a millisecond; to fit takes six seconds, and 10 ms for each text whose vector neither the last fit nor
    the project holds. The log and the stored progress tell how far it is.
    """
    using = available_encoder()
    if using is None or not is_stale():
        return False
    with reading():
        fitted_to, before, texts = _fitted_to(using), stored_fit(), corpus()
    if not texts.can_be_fitted:
        return False
    from assistant.matching.meaning.fitting import fit  # noqa: PLC0415 - loads scikit-learn, which no web process does

    known = _known_vectors(using, before)
    for done, of in _encode_missing(texts, known, using, threads):
        log.info("learning the phrasings: %s of %s new texts have their vectors", f"{done:,}", f"{of:,}")
        with writing():
            fit_queries.store_progress(done / of)
    after = fit(texts, using, known)
    with writing():
        fit_queries.store_fit(after.to_bytes(), fitted_to=fitted_to)
    log.info("the phrasings are learned: questions are matched by meaning")
    return True


def first_fit(threads: int = 1) -> bool:
    """Make a full fit where questions are matched by words for want of one, and say whether that was so."""
    with reading():
        fit = stored_fit()
    return fit is None and refit(threads)


def vectors_of_library(texts: Corpus, using: Encoder, threads: int) -> dict[str, Vectors]:
    """Return the vectors of all texts by their digests."""
    known = _known_vectors(using, stored_fit())
    for _ in _encode_missing(texts, known, using, threads):
        pass
    return {digest_of(text): known[digest_of(text)] for text in texts.texts}


def _known_vectors(using: Encoder, fit: Fit | None) -> dict[str, Vectors]:
    """Return the vectors that need not be computed: those that the project ships, and those of the last fit."""
    return vectors.read(vectors.FILE, using.name) | (fit.vectors(using) if fit is not None else {})


def _without_vectors(texts: Corpus, known: Mapping[str, Vectors]) -> list[str]:
    return [text for text in dict.fromkeys(texts.texts) if digest_of(text) not in known]


def _encode_missing(
    texts: Corpus, known: dict[str, Vectors], using: Encoder, threads: int
) -> Iterator[tuple[int, int]]:
    """Add the vectors that are not ``known``, and yield how many of how many are there after each part."""
    new = sorted(_without_vectors(texts, known), key=len)  # Texts of like length go together.
    for start in range(0, len(new), ENCODED_AT_ONCE):
        part = new[start : start + ENCODED_AT_ONCE]
        computed = as_stored(using.encode(part, threads=threads))
        known |= {digest_of(text): vector for text, vector in zip(part, computed, strict=True)}
        yield start + len(part), len(new)
