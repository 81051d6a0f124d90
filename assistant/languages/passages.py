"""Passages of a post in several languages: English with a question in German, or the other way round.

A piece of a line is in another language than the rest where its own words clearly say so; a piece that says little goes
on in the language of the unfinished one before it, or else is in that of the whole. English posts need no classifier.
"""

import re
from collections.abc import Container
from dataclasses import dataclass

from assistant.languages.detection import (
    ENGLISH,
    FUNCTION_WORDS,
    WORD,
    english_words,
    is_in_other_letters,
    language_of,
    typed_words,
)
from assistant.languages.function_words import ALL, speaks_for

CUT = re.compile(r"(?<=[.!?…:;؟।])[\"')]*\s+|(?<=。)|(?<=[!?])(?=[^\W\d_a-zA-Z])|(?<=[^\W\da-zA-Z][!?])(?=\w)")
CLOSED = re.compile(r"[.!?…。؟।][\"')\s]*$")
LEAST = 2  # words that speak for English
ASKS = re.compile(
    r"[?？؟]|;\s*$|\b(?:warum|wieso|weshalb|wie|wozu|welche[rs]?|por qué|cómo|cuánt[oa]s|pourquoi|quel(?:le)?s?|perché"
    r"|waarom|hoeveel|welke|dlaczego|jak|czy|por que|quant[oa]s|neden|niçin|nasıl|почему|зачем|как|сколько|чем"
    r"|kyun?|kyon|kaise|kya|kial|ĉu|kwa nini|varför|hvorfor|miksi|proč|miért)\b"
    r"|为什么|為什麼|为何|為何|怎么|怎麼|如何|什么|什麼|吗|嗎|なぜ|どうして|どう|何|ですか|ますか|왜|어떻게|무엇|나요|까요|ทำไม|อย่างไร|ไหม"
    r"|لماذا|كيف|هل|क्यों|कैसे|क्या",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Passage:
    """Pieces of a text that stand together, in one language by its tag."""

    text: str
    language: str

    @property
    def asks(self) -> bool:
        """Whether it seems to ask; of English, other parts of the project know more."""
        return ASKS.search(self.text) is not None


def passages_by_language(text: str, whole: str, code: Container[str]) -> list[Passage]:
    """Return the passages of a text, which together are all of it.

    Args:
        text: of several lines, made readable.
        whole: the language of the text as a whole.
        code: its lines that are code; they are in the language of the whole.
    """
    if not _may_be_mixed(text, whole):
        return [Passage(text, whole)]
    passages: list[Passage] = []
    unfinished: str | None = None  # the language of a sentence that goes on in the next line
    for line in text.splitlines(keepends=True):
        for piece in _pieces(line) if line.rstrip("\n") not in code else (line,):
            told = _told(piece) if line.rstrip("\n") not in code else None
            language = told or unfinished or whole
            unfinished = language if piece.strip() and not CLOSED.search(piece) else None
            if passages and passages[-1].language == language:
                passages[-1] = Passage(passages[-1].text + piece, language)
            else:
                passages.append(Passage(piece, language))
    return passages


def _may_be_mixed(text: str, whole: str) -> bool:
    words = WORD.findall(text)
    if whole != ENGLISH:
        return english_words(words) > 0
    return any(not word.isascii() for word in words) or sum(map(_is_foreign, words)) >= LEAST


def _pieces(line: str) -> list[str]:
    ends = [each.end() for each in CUT.finditer(line)]
    return [line[begin:end] for begin, end in zip([0, *ends], [*ends, len(line)], strict=True) if line[begin:end]]


def _is_foreign(word: str) -> bool:
    """Say whether a word speaks for another language; names such as Schrödinger do not."""
    return word.lower() in ALL or (not word.isascii() and word[0].islower())


def _told(piece: str) -> str | None:
    """Return the language that a piece's own words clearly tell; None where they do not."""
    if is_in_other_letters(piece):
        return language_of(piece)
    words = typed_words(piece)
    foreign, english = len({each.lower() for each in words if _is_foreign(each)}), english_words(words)
    if speaks_for(words, foreign) and foreign > english:
        found = language_of(piece)
        return found if found != ENGLISH else None
    clearly = any(each.lower() in FUNCTION_WORDS for each in words) and not foreign and len(words) > LEAST
    return ENGLISH if clearly or (english >= LEAST and english > foreign) else None
