"""What a question asks, part by part, each in its own language."""

from collections.abc import Iterable, Sequence

from assistant.languages.detection import ENGLISH
from assistant.languages.passages import Passage, passages_by_language
from assistant.matching import LONGEST, Match, Matcher
from assistant.matching.posts.asking import asks
from assistant.matching.posts.courtesy import asks_nothing
from assistant.matching.posts.parts import MOST_REQUESTS, Matched, Part, match_post, read_in_context
from assistant.matching.posts.post import CONTEXTS, code_of, parse_post, sentences_of
from assistant.matching.text import one_line, readable
from assistant.questions.understanding.matcher import matcher
from assistant.questions.understanding.other_languages import language_told, matcher_of
from assistant.questions.understanding.settings_aside import SettingsAside

FOUND_BY = 40  # signs, with which a part begins, tell its place in the post


def understand(question: str) -> Matched:
    """Return what a cleaned question asks, part by part; what it asks in another language than English is one part.

    Of a post in several languages, each passage is read in its own. What only greets, thanks or agrees is unknown,
    whatever it resembles.
    """
    english = matcher()
    text, language = readable(question), language_told(question, english)
    whole = one_line(text)[:LONGEST]
    if asks_nothing(text):
        near = english.match(whole).candidates if language is None else ()
        return Matched((Part(whole, Match("unknown", near), language=language),))
    passages = passages_by_language(text, language or ENGLISH, code_of(text))
    if len(passages) > 1 and (found := _understand_each(passages, SettingsAside(english))) is not None:
        return found
    if language is None:
        return match_post(text, SettingsAside(english))
    return Matched((Part(whole, matcher_of(language).match(whole), language=language),))


def _understand_each(passages: Sequence[Passage], using: Matcher) -> Matched | None:
    """Return what a post in several languages asks, in the order of asking; None where no passage seems to ask.

    A passage that does not seem to ask counts where it has an answer, and what one entry answers counts once.
    English is matched with ``using``.
    """
    others = [at for at, each in enumerate(passages) if each.language != ENGLISH]
    english = "".join(each.text if each.language == ENGLISH else "\n" for each in passages)
    requests = [each.text for each in parse_post(english).requests if asks(each.text)]
    if not requests and not any(passages[at].asks for at in others):
        return None
    found = [(at, part) for at in others[:MOST_REQUESTS] if (part := _part_at(passages, at)) is not None]
    left_out = max(len(others) - MOST_REQUESTS, 0)
    if requests:
        matched = match_post(english, using)
        texts = requests if len(matched.parts) == 1 else [each.text for each in matched.parts]
        found += [(_place_of(text, passages), part) for text, part in zip(texts, matched.parts, strict=False)]
        left_out += matched.left_out
    return Matched(tuple(_without_repeats(part for _, part in sorted(found, key=lambda each: each[0]))), left_out)


def _part_at(passages: Sequence[Passage], at: int) -> Part | None:
    """Return what a passage in another language asks; None where it asks nothing.

    What was said before it may tell what it means, but not what else was asked.
    """
    passage = passages[at]
    text, using = one_line(passage.text)[:LONGEST], matcher_of(passage.language)
    match = using.match(text)
    if match.entry is None and match.candidates:
        before = [each for each in sentences_of("".join(each.text for each in passages[:at])) if not asks(each)]
        contexts = dict.fromkeys(" ".join([*before[-back:], text])[-LONGEST:] for back in CONTEXTS if before)
        match = read_in_context(text, match, using.match_all(list(contexts)))
    return Part(text, match, language=passage.language) if passage.asks or match.entry is not None else None


def _place_of(text: str, passages: Sequence[Passage]) -> int:
    """Return the place of the passage in which an English part begins."""
    begins = text[:FOUND_BY]
    return next((at for at, each in enumerate(passages) if begins in one_line(each.text)), 0)


def _without_repeats(parts: Iterable[Part]) -> list[Part]:
    """Return the parts without those that repeat their neighbour, as translations do, or have another's answer."""
    kept: list[Part] = []
    for part in parts:
        if kept and part.match.nearest is not None and part.match.nearest == kept[-1].match.nearest:
            kept[-1] = max(kept[-1], part, key=lambda each: each.match.score)
        elif part.match.entry is None or part.match.entry not in [each.match.entry for each in kept]:
            kept.append(part)
    return kept
