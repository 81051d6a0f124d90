"""What a class thinks: what was asked in a span of time, guessed and held to be so; small groups are left out."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rapidfuzz import fuzz, process, utils

from assistant.admin.grouping import group_questions
from assistant.guesses import queries as guesses
from assistant.guesses.guesses import Spread
from assistant.library import queries as library
from assistant.library.tables import EntryRow
from assistant.questions.span_queries import Asked, count_answers, count_missed, texts_asked
from assistant.runs.outcome import Outcome
from assistant.runs.queries import NETWORKS, latest_done

FEWEST = 5  # in a group that is shown: of fewer, one could be recognised
GROUPED = 400  # different questions without an answer that are grouped: those asked most often, and then last
COMPARED = 2_000  # different questions that are compared with beliefs, chosen likewise
VOICED = 80  # the least similarity of words, of 100, of a question that voices a belief


@dataclass(frozen=True)
class Counted:
    """Something with how often it came up."""

    theme: str
    what: str
    count: int


@dataclass(frozen=True)
class Guessed:
    """The guesses at an entry's question beside what its latest run counted."""

    entry: EntryRow
    outcome: Outcome

    @property
    def bins(self) -> list[tuple[int, int, int]]:
        """The guesses in eight equal ranges: first and last number of networks, and how many guessed so."""
        width = NETWORKS // 8
        edges = [(at * width, NETWORKS if at == 7 else (at + 1) * width - 1) for at in range(8)]
        counts = self.outcome.guesses.counts
        return [(low, high, sum(times for k, times in counts.items() if low <= k <= high)) for low, high in edges]


@dataclass(frozen=True)
class Report:
    """All that is told of a span of time."""

    total: int
    asked: list[Counted]
    unanswered: list[Counted]
    missed: list[Counted]
    guessed: list[Guessed]
    voiced: list[Counted]
    not_grouped: int  # questions without an answer
    not_compared: int  # questions, with beliefs

    def rows(self) -> Iterator[tuple[str, str, str, str]]:
        """Yield the rows of the table for programs: kind, theme, what, how many.

        Where not all questions were looked at, it says how many were not.
        """
        for kind in ("asked", "unanswered", "missed", "voiced"):
            for each in getattr(self, kind):
                yield kind, each.theme, each.what, str(each.count)
        for guessed in self.guessed:
            title, prediction = _title(guessed.entry), guessed.outcome.prediction.question
            for low, high, count in guessed.bins:
                yield "guessed", title, f"{prediction} {low} to {high}", str(count)
            if guessed.outcome.counted is not None:
                yield "counted", title, prediction, str(guessed.outcome.counted.count)
        left_out = {
            "questions without an answer that were not grouped": self.not_grouped,
            "questions that were not compared with beliefs": self.not_compared,
        }
        yield from (("left out", "", what, str(count)) for what, count in left_out.items() if count)


def report(since: datetime, until: datetime) -> Report:
    """Return what a class thinks, from ``since`` until before ``until``."""
    published = library.published_entries()
    answers, missed = count_answers(since, until), count_missed(since, until)
    unanswered, asked = texts_asked(since, until, GROUPED, unanswered=True), texts_asked(since, until, COMPARED)
    return Report(
        total=sum(answers.values()),
        asked=_by_entry(published, answers),
        unanswered=_groups(unanswered.texts),
        missed=_by_entry(published, missed),
        guessed=_count_guesses(published, since, until),
        voiced=_count_beliefs(published, asked.texts),
        not_grouped=unanswered.left_out,
        not_compared=asked.left_out,
    )


def _title(entry: EntryRow) -> str:
    return entry.published.title if entry.published is not None else entry.slug


def _by_entry(published: Sequence[EntryRow], counts: Mapping[Any, int]) -> list[Counted]:
    """Return how often each entry came up, from ``counts`` by the entry's id."""
    shown = [(row.published, counts.get(row.id, 0)) for row in published if row.published is not None]
    return _often(Counted(each.theme, each.title, count) for each, count in shown)


def _groups(asked: Sequence[Asked]) -> list[Counted]:
    """Return like questions, each group told by its shortest one, which says the least about who asked."""
    times = {each.row.id: each.times for each in asked}
    groups = [group.rows for group in group_questions([each.row for each in asked])]
    return _often(
        Counted("", min((row.text for row in own), key=len), sum(times[row.id] for row in own)) for own in groups
    )


def _often(found: Iterable[Counted]) -> list[Counted]:
    """Return what came up often enough that nobody can be recognised, the most frequent first."""
    return sorted((each for each in found if each.count >= FEWEST), key=lambda each: (-each.count, each.what))


def _count_guesses(published: Sequence[EntryRow], since: datetime, until: datetime) -> list[Guessed]:
    found, guessed = [], guesses.entries_guessed(since, until)
    for entry in published:
        if entry.id not in guessed or entry.published is None or entry.published.predict is None:
            continue
        spread = Spread(guesses.counts(entry.published, NETWORKS, since, until), NETWORKS)
        if spread.total >= FEWEST:
            run, predict = latest_done(entry), entry.published.predict
            finding = predict.answered_by(run.measured) if run is not None else None
            found.append(Guessed(entry, Outcome(predict, run, finding, spread)))
    return found


def _count_beliefs(published: Sequence[EntryRow], asked: Sequence[Asked]) -> list[Counted]:
    """Return the beliefs that questions voice in nearly their words."""
    shown = [row.published for row in published if row.published is not None]
    known = [(shown.theme, each) for shown in shown for each in shown.beliefs]
    wordings = [(at, text) for at, (_, each) in enumerate(known) for text in (each.belief, *each.wordings)]
    if not asked or not wordings:
        return []
    texts = [each.row.text for each in asked], [text for _, text in wordings]
    own, others = ([utils.default_process(text) for text in part] for part in texts)
    scores = process.cdist(own, others, scorer=fuzz.ratio, score_cutoff=VOICED)
    most, at_most = scores.max(axis=1), scores.argmax(axis=1)
    counts = Counter[int]()
    for each, at, score in zip(asked, at_most.tolist(), most.tolist(), strict=True):
        if score >= VOICED:
            counts[wordings[at][0]] += each.times
    return _often(Counted(known[at][0], known[at][1].belief, count) for at, count in counts.items())
