"""Which matcher reads a question: that of English, or that of the languages which the multilingual encoder knows.

The latter's fit to the library is a file of the project, made by ``flask matching languages``; what teachers wrote
since is encoded when the first question in another language comes, and after each change. Nobody answers by a guess:
where the question's language is not known, or its vectors are not to be had, the question is unread, which is "unknown"
without candidates.
"""

import logging
from collections.abc import Sequence
from pathlib import Path

from flask import current_app

from assistant.languages import FIT
from assistant.languages.detection import ENGLISH, UNDETERMINED, is_nobodys, language_of
from assistant.languages.encoder import LanguagesUnavailableError, MultilingualEncoder, is_installed
from assistant.languages.sentences import SENTENCES, Note, note_of
from assistant.library import phrasing_queries
from assistant.matching import Candidate, Match, Matcher
from assistant.matching.meaning.remembering import RememberingEncoder
from assistant.matching.meaning.semantic import SemanticMatcher
from assistant.matching.meaning.stored_fit import Fit, UnusableFitError
from assistant.once import Once
from assistant.questions.tables import QuestionRow
from assistant.questions.understanding.matcher import matcher
from assistant.questions.understanding.settings_aside import SettingsAside

UNREAD = Match("unknown", ())
MOST_VECTORS = 200  # of questions are kept

log = logging.getLogger(__name__)


def matcher_for(question: str) -> tuple[str | None, Matcher]:
    """Return the language of a question, None for English, and what matches it."""
    english = matcher()
    language = language_told(question, english)
    return language, english if language is None else matcher_of(language)


def language_told(text: str, english: Matcher) -> str | None:
    """Return the language of a text; None for English, whose matcher knows words."""
    language = language_of(text)
    if language != ENGLISH:
        return language
    strange = isinstance(english, SemanticMatcher) and is_nobodys(text, english.unknown_words)
    return UNDETERMINED if strange else None


def matcher_of(language: str | None) -> Matcher:
    """Return what matches questions in a language, None for English."""
    if language is None:
        return matcher()
    return OtherLanguages() if language in SENTENCES and is_installed() else NoMatcher()


def candidates_while_typing(question: str) -> tuple[str | None, tuple[Candidate, ...]]:
    """Return the language of a question, None for English, and the nearest entries, as far as is known at once.

    The process that reads other languages is started here, and not waited for.
    """
    language, using = matcher_for(question)
    if isinstance(using, OtherLanguages) and not encoder().is_there():
        return language, ()
    return language, (SettingsAside(using) if language is None else using).match(question).candidates


class NoMatcher:
    """Matches nothing: questions in a language that is not read."""

    name = "unread"

    def match(self, question: str) -> Match:  # noqa: ARG002 - whatever it says
        """Return that nothing is known of it."""
        return UNREAD

    def match_all(self, questions: Sequence[str]) -> list[Match]:
        """Return that nothing is known of any."""
        return [UNREAD] * len(questions)


class OtherLanguages:
    """Matches questions in the languages that the multilingual encoder knows."""

    name = "languages-1"

    def match(self, question: str) -> Match:
        """Return what a question means; nothing of it is known where its vector is not to be had."""
        return self.match_all([question])[0]

    def match_all(self, questions: Sequence[str]) -> list[Match]:
        """Return what each of ``questions`` means; nothing of any is known where their vectors are not to be had."""
        try:
            return _matcher(phrasing_queries.state(), encoder()).match_all(questions)
        except (LanguagesUnavailableError, UnusableFitError) as error:
            log.warning("a question in another language than English was not read: %s", error)
            return [UNREAD] * len(questions)


def encoder() -> MultilingualEncoder:
    """Return the encoder of the service's data folder."""
    return _encoder(current_app.config["SETTINGS"].data_dir)


@Once
def _encoder(folder: Path) -> MultilingualEncoder:
    return MultilingualEncoder(folder)


@Once
def _matcher(_state: str, using: MultilingualEncoder) -> SemanticMatcher:
    """Return the matcher of one state of the library, made once for each process and state."""
    texts = phrasing_queries.corpus()
    if not texts.topics:
        raise UnusableFitError("the library is empty")
    return SemanticMatcher(shipped_fit().with_texts(texts, using), RememberingEncoder(using, MOST_VECTORS))


def shipped_fit() -> Fit:
    """Return the fit to the library which is part of the project.

    Raises:
        UnusableFitError: its file is missing, damaged, or made with another encoder.
    """
    try:
        fit = Fit.from_bytes(FIT.read_bytes())
    except OSError as error:
        raise UnusableFitError(f"cannot read languages/{FIT.name}: {error.strerror}") from None
    except UnusableFitError as error:
        raise UnusableFitError(f"languages/{FIT.name} cannot be used: {error}") from None
    if fit.encoder != MultilingualEncoder.name:
        raise UnusableFitError(f"languages/{FIT.name} was made with another encoder: {fit.encoder}")
    return fit


def note_for(language: str | None, *, read: bool) -> Note | None:
    """Return what is told to who asked in a language; None in English."""
    return note_of(language, read=read, installed=is_installed()) if language else None


def language_note(question: QuestionRow) -> Note | None:
    """Return what a question's page says of its language; a question that was read has suggestions."""
    return note_for(question.language, read=bool(question.suggestions))
