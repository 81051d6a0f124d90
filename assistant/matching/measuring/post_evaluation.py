"""How well whole posts are answered: which of their questions found an entry, and what else was answered."""

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.matching.measuring.evaluation import Proportion
from assistant.matching.measuring.labelled import LabelledPost
from assistant.matching.posts.parts import Matched


@dataclass(frozen=True)
class FoundInPost:
    """What was answered of a post."""

    labelled: LabelledPost
    answers: frozenset[str]

    @property
    def found(self) -> int:
        """How many of its covered questions found an entry that answers them."""
        return sum(not each.isdisjoint(self.answers) for each in self.labelled.asks)

    @property
    def all_found(self) -> bool:
        """Whether all of its covered questions did."""
        return self.found == sum(map(bool, self.labelled.asks))

    @property
    def wrong(self) -> bool:
        """Whether an entry was given that answers none of its questions."""
        return not self.answers <= frozenset().union(*self.labelled.asks)


def answers_of(labelled: LabelledPost, matched: Matched) -> FoundInPost:
    """Return what was answered of a post, given what it was taken for."""
    entries = (part.match.entry for part in matched.parts)
    return FoundInPost(labelled, frozenset(each for each in entries if each is not None))


def report_on_posts(found: Sequence[FoundInPost]) -> list[str]:
    """Return shares with their intervals as lines of text, by what the posts ask."""
    kinds: dict[str, list[FoundInPost]] = {}
    for each in found:
        kinds.setdefault(each.labelled.kind, []).append(each)
    lines = []
    for kind, posts in kinds.items():
        rows = {
            "all of them found": sum(each.all_found for each in posts),
            "one at least found": sum(each.found > 0 for each in posts),
            "something else answered": sum(each.wrong for each in posts),
        }
        if kind == "nothing covered":
            rows = {"answered": sum(bool(each.answers) for each in posts)}
        elif not kind.startswith("several"):
            rows = {"found": rows["all of them found"], "something else answered": rows["something else answered"]}
        lines += [kind, *(f"  {name:<25}{Proportion(count, len(posts))}" for name, count in rows.items())]
    return lines
