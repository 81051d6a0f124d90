"""How well a matcher answers labelled questions, as shares with intervals.

A question is *covered* when the library has an entry that answers it, and *off topic* otherwise. A covered question is
answered right when its answer is one of those entries. Where abstaining is right too, not to answer it counts as right.
"""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from assistant.intervals import wilson
from assistant.matching import Match
from assistant.matching.measuring.labelled import LabelledQuestion


@dataclass(frozen=True)
class Proportion:
    """``count`` of ``of``, with its Wilson interval of 95 %."""

    count: int
    of: int

    @property
    def value(self) -> float | None:
        """The share, or None of nothing."""
        return self.count / self.of if self.of else None

    @property
    def interval(self) -> tuple[float, float]:
        """The lower and upper end, 0..1."""
        if not self.of:
            return 0.0, 1.0
        return wilson(self.count, self.of)

    def __str__(self) -> str:
        if self.value is None:
            return "none to count"
        low, high = self.interval
        return f"{self.count} of {self.of}: {self.value:.1%} ({low:.1%} to {high:.1%})"


@dataclass(frozen=True)
class Report:
    """What a matcher did with labelled questions."""

    coverage: Proportion  # of all questions, those that were answered
    answered: Proportion  # of the covered, those that were answered
    right: Proportion  # of the covered
    among_three: Proportion  # of the covered: the right entry is among the nearest three, whatever the outcome
    wrong: Proportion  # of all, the off-topic ones that were answered included
    off_topic_answered: Proportion  # of the off-topic
    off_topic_unknown: Proportion  # of the off-topic: "I don't know", without suggestions
    confused: tuple[tuple[str, str, int], ...]  # meant, taken for, how often the nearest entry was the wrong one

    def lines(self) -> list[str]:
        """Return the report as lines of text, one share a line."""
        rows = {
            "answered, of all": self.coverage,
            "answered, of covered": self.answered,
            "right, of covered": self.right,
            "right among three, of covered": self.among_three,
            "wrong answers, of all": self.wrong,
            "off topic, answered": self.off_topic_answered,
            "off topic, unknown": self.off_topic_unknown,
        }
        lines = [f"{name:<31}{share}" for name, share in rows.items()]
        return [*lines, *(f"confused {count:>3} times: {meant} -> {taken}" for meant, taken, count in self.confused)]


def evaluate(
    questions: Sequence[LabelledQuestion], match: Callable[[str], Match], slugs: Collection[str], *, pairs: int = 10
) -> Report:
    """Ask ``match`` all questions and report; only entries among ``slugs`` count as the library's."""
    known = frozenset(slugs)
    return report([(each.entries & known, each.may_abstain, match(each.question)) for each in questions], pairs=pairs)


def report(found: Sequence[tuple[Collection[str], bool, Match]], *, pairs: int = 10) -> Report:
    """Report on (entries that are right, whether abstaining is right too, what the question was taken for)."""
    covered = [each for each in found if each[0]]
    off_topic = [match for right, _, match in found if not right]
    confused = Counter(
        (min(right), match.candidates[0].slug)
        for right, _, match in covered
        if match.candidates and match.candidates[0].slug not in right
    )
    return Report(
        coverage=Proportion(sum(match.entry is not None for _, _, match in found), len(found)),
        answered=Proportion(sum(match.entry is not None for _, _, match in covered), len(covered)),
        right=Proportion(
            sum(match.entry in right or (may_abstain and match.entry is None) for right, may_abstain, match in covered),
            len(covered),
        ),
        among_three=Proportion(
            sum(any(each.slug in right for each in match.candidates) for right, _, match in covered), len(covered)
        ),
        wrong=Proportion(
            sum(match.entry is not None and match.entry not in right for right, _, match in found), len(found)
        ),
        off_topic_answered=Proportion(sum(match.entry is not None for match in off_topic), len(off_topic)),
        off_topic_unknown=Proportion(sum(match.outcome == "unknown" for match in off_topic), len(off_topic)),
        confused=tuple((*pair, count) for pair, count in confused.most_common(pairs)),
    )
