"""Parse a post: its prose, its code, and what it asks.

A post is taken apart into lines of code and sentences. Each sentence that asks becomes a `Request`, with the sentences
before it as its context. Greetings, thanks and a plain "can anyone help?" are left out.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import sentencex  # type: ignore[import-untyped]

from assistant.matching.posts.asking import asks, clauses, goes_on, is_courtesy
from assistant.matching.posts.listing import Passage, only_leads, passages_of
from assistant.matching.text import one_line

CONTEXTS = (1, 3)  # sentences before a request are read with it
FENCE = re.compile(r"^\s*(```|'''|~~~)")  # Of a readable text, the signs of a fence are straight quotes.
QUERY = re.compile(r"(https?://[^\s?]+)\?\S*?(?=[.,;:!?)]*(?:\s|$))")  # of an address, whose question mark asks nothing
NEXT = re.compile(r"(?<=[?!])\s*(?=[A-Za-z])")  # sentences that begin in small letters, too
# A point of a list.
LISTED = re.compile(r"^\s*(?:[-*•]\s|\(?\d{1,2}(?:[.):]|\s-)\s|\(?[a-h][.)]\s)")
CODE = re.compile(
    r"""(
        (import|from)\s+[\w.]+(\s+(import|as)\s|\s*$)
      | (def|class|for|while|if|elif|else|with|try|return)\b[^?]*:\s*(\#.*)?$
      | [\w.\[\],\s]+[-+*/@]?=\s*[^=\s][^?]*$
      | [\w.]+\(.*\)?[,;)]*\s*$ | [)\]}]+[,;)]*\s*$ | @\w+ | >>>\s | \.\.\.\s | \#\s
      | ["']?\w+["']?\s*:\s*\S+,\s*$
      | Traceback\ \( | File\ ".*",\ line\ \d+ | \w*(Error|Exception|Warning):\s
      | Epoch\ \d+/\d+ | \d+/\d+\ .*\[=*[>.]*\] | \d+/\d+\ ━
    )""",
    re.VERBOSE,
)
PROSE = re.compile(r"(?<![\w.])[a-z]{2,}(?:\s+[a-z']+){4,}", re.IGNORECASE)  # five words in a row are no code


@dataclass(frozen=True)
class Request:
    """Something that a post asks: the sentence, and the same with what was said before it, from less to more.

    A point of a list has its number, from 1.
    """

    text: str
    in_context: tuple[str, ...]
    point: int = 0


@dataclass(frozen=True)
class Sentence:
    """A sentence of a post, or a point of a list that has no sentence which asks."""

    text: str
    asks: bool
    point: int = 0


@dataclass(frozen=True)
class ParsedPost:
    """A post, taken apart."""

    prose: str  # without its code, greeting and thanks
    code: tuple[str, ...]  # its lines
    requests: tuple[Request, ...]  # in the order of asking; at least one, unless there is no prose


def parse_post(text: str) -> ParsedPost:
    """Parse a post; its line breaks tell code from prose."""
    paragraphs, code = _without_code(text)
    sentences = [each for passage in passages_of(paragraphs) for each in _sentences_of(passage)]
    told = [each for each in sentences if not is_courtesy(each.text)] or sentences
    return ParsedPost(" ".join(each.text for each in told), tuple(code), tuple(_requests(told)))


def _sentences_of(passage: Passage) -> Iterator[Sentence]:
    sentences = list(_sentences(passage.text))
    asking = [asks(each) for each in sentences]
    if passage.leads and sentences and only_leads(sentences[-1]):
        asking[-1] = False
    if passage.point and not any(asking):
        told = [each for each in sentences if not is_courtesy(each)] or sentences
        yield Sentence(" ".join(told), True, passage.point)
    else:
        yield from (Sentence(*each, passage.point) for each in zip(sentences, asking, strict=True))


def sentences_of(text: str) -> list[str]:
    """Return the sentences of a post (`readable`), without its code."""
    return [each for paragraph in _without_code(text)[0] for each in sentencex.segment("en", paragraph)]


def code_of(text: str) -> frozenset[str]:
    """Return the lines of a post that are code."""
    return frozenset(_without_code(text)[1])


def _without_code(text: str) -> tuple[list[str], list[str]]:
    """Return the paragraphs of prose, each as one line, and the lines of code."""
    paragraphs: list[list[str]] = [[]]
    code, fenced = [], False
    lines = text.splitlines()
    fences = sum(FENCE.match(line) is not None for line in lines)
    for line in lines:
        if FENCE.match(line):
            fences -= 1
            fenced = not fenced and fences > 0  # What follows one that nothing closes may be prose.
        elif fenced or (CODE.match(line.lstrip()) and not PROSE.search(line.partition("#")[0])):
            code.append(line)
        elif line.strip():
            # "2. ...", "also ..." ask something else, whatever the line before ends with.
            if goes_on(line) or LISTED.match(line):
                paragraphs.append([])
            paragraphs[-1].append(one_line(line))
        else:
            paragraphs.append([])
    if not any(paragraphs) and len(code) == 1:
        return code, []  # A single line that looks like code is what is asked.
    return [" ".join(lines) for lines in paragraphs if lines], code


def _sentences(paragraph: str) -> Iterator[str]:
    for segment in sentencex.segment("en", QUERY.sub(r"\1", paragraph)):
        for sentence in NEXT.split(segment):
            yield from (each for each in clauses(sentence.strip()) if any(sign.isalnum() for sign in each))


def _requests(sentences: Sequence[Sentence]) -> Iterator[Request]:
    """Yield what is asked; all of it where no sentence is seen to ask."""
    texts = [each.text for each in sentences]
    asking = [at for at, sentence in enumerate(sentences) if sentence.asks]
    if not asking and sentences:
        yield Request(" ".join(texts), ())
    for at in asking:
        # What goes on within a point means what was said in it.
        same = [sentence.point for sentence in sentences[: at + 1]].index(sentences[at].point)
        least = same if sentences[at].point and same < at else 0
        begins = dict.fromkeys(max(at - back, least) for back in CONTEXTS if at)
        yield Request(texts[at], tuple(" ".join(texts[begin : at + 1]) for begin in begins), sentences[at].point)
