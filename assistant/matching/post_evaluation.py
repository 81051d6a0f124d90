"""How well whole posts are answered: which of their questions found an entry, and what else was answered."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from assistant.matching.evaluation import BadQuestionsError, Proportion
from assistant.matching.parts import Matched


@dataclass(frozen=True)
class LabelledPost:
    """A post, and for each question in it the slugs of the entries that answer it; none where nothing does."""

    post: str
    asks: tuple[frozenset[str], ...]

    @property
    def kind(self) -> str:
        """What the post asks, for the report."""
        covered = sum(map(bool, self.asks))
        if covered > 1:
            return "several covered questions"
        if not covered:
            return "nothing covered"
        return "one covered question" if len(self.asks) == 1 else "one covered question of several"


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


def read_posts(lines: Iterable[str]) -> list[LabelledPost]:
    """Return labelled posts of JSON lines with question (the post) and entries (a list of slugs for each question).

    Raises:
        BadQuestionsError: a line is something else.
    """
    posts = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
            post, entries = record["question"], record["entries"]
            good = isinstance(post, str) and all(
                isinstance(each, list) and all(isinstance(slug, str) for slug in each) for each in entries
            )
        except (ValueError, KeyError, TypeError) as error:
            raise BadQuestionsError(f"line {number}: {type(error).__name__}: {error}") from None
        if not good or not entries:
            raise BadQuestionsError(f"line {number}: question must be a text, entries a list of lists of slugs")
        posts.append(LabelledPost(post, tuple(map(frozenset, entries))))
    return posts


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
