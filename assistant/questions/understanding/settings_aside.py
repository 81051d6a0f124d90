"""Matching without the settings that a question only mentions: "..., with learning rate 0.3 and he normal weights?".

Such words draw a question to the entries on learning rates and on starting weights, whatever it asks. So it is matched
once more without them, and what it means then counts, unless it means nothing clear. One setting at the end of a
sentence may be what is asked about ("what happens to the loss with batch size 1?"): where what is left has no answer,
the whole has one only if it is sure.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from assistant.library import queries as library
from assistant.library.parameters import properties
from assistant.library.phrasing_queries import state
from assistant.matching import Match, Matcher
from assistant.once import Once
from assistant.questions.own_numbers.mentions import Vocabulary, mentions
from assistant.questions.own_numbers.not_varied import settings_beside

# What a setting goes with, where it is no more than that.
LEAD = re.compile(
    r"""[,;]?\s*\b(?:(?:and|but)\s+)?
      (?:(?:i|we)\s+(?:use|used|am\s+using|have|train(?:ed)?\s+with)|when\s+using|if\s+i\s+use|with|using|at|(?P<for>for))
      \s+(?:(?:a|an|the|my)\s+)?$""",
    re.IGNORECASE | re.VERBOSE,
)
LEAD_WORD = re.compile(r"\b(?:use|used|using|have|trained|train|with|at|for)\s", re.IGNORECASE)
BETWEEN = re.compile(
    r"\s*(?:[,;+&]|and\b)?\s*(?:(?:and|with|for|at)\b)?\s*(?:(?:a|an|the)\b)?\s*(?:(?:optimi[sz]er|activation)\b)?\s*",
    re.IGNORECASE,
)
ENDS = re.compile(r"\s*(?:[.?!)]|$)")
WITHIN = 40  # characters before a setting that are looked at
FEWEST_WORDS = 5  # that are left; a shorter question asks about its settings
SURE = 0.9  # the score of a text whose one setting may be what it asks about, and which means nothing clear without it
STANDS_THERE = 0.9995  # A text with such a score is in the library word for word.


@dataclass(frozen=True)
class SettingsAside:
    """Matches English questions with a matcher, and those with settings also without them."""

    using: Matcher

    @property
    def name(self) -> str:
        """The matcher's."""
        return self.using.name

    def match(self, question: str) -> Match:
        """Return what a question means."""
        return self.match_all([question])[0]

    def match_all(self, questions: Sequence[str]) -> list[Match]:
        """Return what each of many questions means."""
        vocabulary = cache(lambda: _vocabulary(state()))  # looked at once for all, if at all
        bare = [without_settings(each, vocabulary) for each in questions]
        found = self.using.match_all([*questions, *(each.text for each in bare if each is not None)])
        left = iter(found[len(questions) :])
        return [
            whole if each is None else _chosen(whole, next(left), each)
            for whole, each in zip(found, bare, strict=False)
        ]


@dataclass(frozen=True)
class Bare:
    """A text without its settings; whether a setting may be what it asks about."""

    text: str
    in_doubt: bool


def _chosen(whole: Match, match: Match, bare: Bare) -> Match:
    """Return what a text means, given what it means as a whole and without its settings."""
    same = whole.entry is not None and match.entry is None and match.nearest == whole.entry
    if same or whole.score >= STANDS_THERE:
        return whole
    if not bare.in_doubt:
        return whole if match.outcome == "unknown" else match
    if match.entry is not None:
        return match
    return whole if whole.entry is None or whole.score >= SURE else Match("suggest", whole.candidates)


def without_settings(text: str, vocabulary: Callable[[], Vocabulary]) -> Bare | None:
    """Return a text in one line without the settings that stand beside what it asks; None where none do.

    One setting alone counts where it ends a sentence, several anywhere.
    """
    if not LEAD_WORD.search(text):
        return None
    kept, in_doubt = text, True
    for start, end, count in reversed(_groups(text, vocabulary())):
        lead = LEAD.search(text[max(start - WITHIN, 0) : start])
        alone = count < 2
        if lead is None or (alone and (lead["for"] or not ENDS.match(text, end))):
            continue
        begin = max(start - WITHIN, 0) + lead.start()
        if text.count("(", begin, end) == text.count(")", begin, end):
            kept = f"{kept[:begin]} {kept[end:]}"
            in_doubt = in_doubt and alone and not lead[0].startswith((",", ";"))
    bare = re.sub(r"\s+([,.?!])", r"\1", " ".join(kept.split())).strip(" ,;")
    return Bare(bare, in_doubt) if kept != text and len(bare.split()) >= FEWEST_WORDS else None


def _groups(text: str, vocabulary: Vocabulary) -> list[tuple[int, int, int]]:
    """Return where settings that follow each other begin and end, and how many they are."""
    groups: list[tuple[int, int, int]] = []
    for each in sorted(mentions(text, vocabulary), key=lambda mention: mention.start):
        if groups and (each.start <= groups[-1][1] or BETWEEN.fullmatch(text, groups[-1][1], each.start)):
            start, end, count = groups.pop()
            groups.append((start, max(end, each.end), count + 1))
        else:
            groups.append((each.start, each.end, 1))
    return groups


@Once
def _vocabulary(_state: str) -> Vocabulary:
    """Return the names of what any experiment can be trained with, and of what none can."""
    schemas = [*library.schemas().values(), settings_beside("")]
    return Vocabulary(
        {f"{at}/{name}": rule for at, schema in enumerate(schemas) for name, rule in properties(schema).items()}
    )
