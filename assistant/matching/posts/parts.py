"""Match a post: each thing that it asks by itself, and the post as a whole.

A request is matched by its own sentence; where that has no answer alone, also with its contexts, and the surest of
those that mean the same entry counts. Of a short one that points back or says little, what it means in context counts.
Neighbours that mean the same are one part; points of a list that one entry answers are one part with all their words.
The post as a whole is matched too: what it answers is an answer even where no sentence alone is sure enough. A post
that asks one thing is matched as a whole, and by what it asks where that leaves open which of two entries it means.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.matching import LONGEST, Match, Matcher
from assistant.matching.posts.asking import is_question, points
from assistant.matching.posts.post import Request, parse_post
from assistant.matching.text import one_line

MOST_REQUESTS = 8  # of a post are matched; of the others the learner is told
SAME = 0.9995  # A post with such a score stands in the library word for word.
LIKELY = 0.4  # the least probability that a post as a whole gives to what its question alone means
SAYS_LITTLE = 8  # words, or fewer
SURELY_NONE = 0.005  # One whose nearest entries have less together stands there as not covered.


@dataclass(frozen=True)
class Part:
    """Something that a post asks, and what it was taken for; a point of a list has its number, from 1.

    The language is None for English.
    """

    text: str
    match: Match
    point: int = 0
    language: str | None = None


@dataclass(frozen=True)
class Matched:
    """What a post asks, in the order of asking; at least one part. How many things it asks beyond those is counted."""

    parts: tuple[Part, ...]
    left_out: int = 0

    @property
    def main(self) -> Part:
        """The first part that has an answer, or the first one."""
        return next((each for each in self.parts if each.match.entry is not None), self.parts[0])


def match_post(text: str, using: Matcher) -> Matched:
    """Return what a post (`readable`) asks, and which entries that means."""
    post = parse_post(text)
    plain = one_line(text)
    whole = plain if len(plain) <= LONGEST and not post.code else post.prose or plain
    chosen = _most_asking(post.requests)
    left_out = len(post.requests) - len(chosen)
    if len(whole) > LONGEST and chosen:  # Only what it asks can be read.
        return Matched(tuple(_parts(chosen, using.match_all([_short(each.text) for each in chosen]), using)), left_out)
    if len(chosen) < 2:
        return Matched((_single(whole, chosen, using),))
    as_whole, *alone = using.match_all([whole, *(_short(each.text) for each in chosen)])
    near = sum(each.score for each in as_whole.candidates)
    if as_whole.score >= SAME or near < SURELY_NONE:
        return Matched((Part(whole, as_whole),), left_out)
    return Matched(tuple(_with_whole(_parts(chosen, alone, using), Part(whole, as_whole))), left_out)


def _single(whole: str, requests: Sequence[Request], using: Matcher) -> Part:
    """Return the only part of a post; what it asks decides where all of it leaves that open."""
    as_whole = using.match(whole)
    if as_whole.outcome == "suggest" and requests and requests[0].in_context:
        own = using.match(_short(requests[0].text))
        (part,) = _parts(requests, [own], using)
        if part.match.entry is not None and as_whole.score_of(part.match.entry) >= LIKELY:
            return Part(whole, part.match)
    return Part(whole, as_whole)


def _parts(requests: Sequence[Request], alone: Sequence[Match], using: Matcher) -> list[Part]:
    """Return the parts that requests make, given what each of them means ``alone``.

    Only those that have no answer alone, or point at what was said before, are matched with their context, which takes
    time.
    """
    wider = [
        [_short(each) for each in request.in_context] if own.entry is None or points(request.text) else []
        for request, own in zip(requests, alone, strict=True)
    ]
    found = iter(using.match_all([each for texts in wider for each in texts]))
    parts: list[Part] = []
    for request, own, texts in zip(requests, alone, wider, strict=True):
        match = read_in_context(request.text, own, [next(found) for _ in texts])
        _add(Part(_short(request.text), match, request.point), parts)
    # "I do not follow the lecture" asks only where it has an answer, beside what has the form of a question.
    asked = [each for each in parts if each.match.entry or each.point or "?" in each.text or is_question(each.text)]
    return asked or parts


def _add(part: Part, parts: list[Part]) -> None:
    """Add a part, or make it one with what means the same; no point of a list is lost in another one."""
    entry, last = part.match.entry, parts[-1] if parts else None
    if last is not None and last.match.nearest == part.match.nearest and last.point == part.point:
        parts[-1] = max(last, part, key=lambda each: each.match.score)
        return
    same = next((at for at, each in enumerate(parts) if entry is not None and each.match.entry == entry), None)
    if same is None:
        parts.append(part)
    elif part.point and all(each.point != part.point for each in parts):
        before = parts[same]
        match = max(before.match, part.match, key=lambda each: each.score)
        parts[same] = Part(f"{before.text} {part.text}", match, part.point)


def read_in_context(text: str, own: Match, in_context: Sequence[Match]) -> Match:
    """Return what a request means, given what it means alone and in its contexts.

    One that says little, or points at what was said before, means what it means with that; any other one what it means
    alone, and a context only makes it surer.
    """
    if not in_context:
        return own
    surest = max(in_context, key=lambda each: each.score)
    same = [each for each in (own, *in_context) if each.nearest == own.nearest]
    leans = points(text) or (own.entry is None and len(text.split()) <= SAYS_LITTLE)
    if leans and (surest.entry is not None or len(same) == 1):
        return surest
    return max(same, key=lambda each: each.score)


def _with_whole(parts: Sequence[Part], whole: Part) -> list[Part]:
    """Return the parts with what the post as a whole means, where none of them says so."""
    answers = [each.match.entry for each in parts if each.match.entry is not None]
    if whole.match.entry is None:
        return list(parts) if answers or sum(each.point > 0 for each in parts) > 1 else [whole]
    if whole.match.entry in answers:
        return list(parts)
    # The part that comes nearest to it has this answer; where all others are sure, it stands first.
    nearness = [each.match.score_of(whole.match.entry) if each.match.entry is None else -1.0 for each in parts]
    at = max(range(len(parts)), key=lambda each: nearness[each])
    if nearness[at] < 0:
        return [whole, *parts]
    return [replace(each, match=whole.match) if place == at else each for place, each in enumerate(parts)]


def _most_asking(requests: Sequence[Request]) -> list[Request]:
    """Return at most `MOST_REQUESTS` in their order; of more, those with a question mark first."""
    ranked = sorted(range(len(requests)), key=lambda at: ("?" not in requests[at].text, at))
    return [requests[at] for at in sorted(ranked[:MOST_REQUESTS])]


def _short(text: str) -> str:
    """Return a text as far as the encoder reads it, and not in the middle of a word."""
    return text if len(text) <= LONGEST else text[:LONGEST].rsplit(maxsplit=1)[0]
