"""What a class thinks: what was asked in a span of time, guessed and held to be so; small groups are left out."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from rapidfuzz import fuzz, process, utils

from assistant.admin.grouping import group_questions
from assistant.guesses import queries as guesses
from assistant.guesses.guesses import Spread
from assistant.library import queries as library
from assistant.library.tables import EntryRow
from assistant.questions import queries as questions
from assistant.questions.tables import QuestionRow
from assistant.runs.outcome import Outcome
from assistant.runs.queries import NETWORKS, latest_done

FEWEST = 5  # in a group that is shown: of fewer, one could be recognised
MOST = 2_000  # questions of a span that are looked at, the newest
GROUPED = 400  # of those without an answer that are grouped, the newest
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

    def rows(self) -> Iterator[tuple[str, str, str, str]]:
        """Yield the rows of the table for programs: kind, theme, what, how many."""
        for kind in ("asked", "unanswered", "missed", "voiced"):
            for each in getattr(self, kind):
                yield kind, each.theme, each.what, str(each.count)
        for guessed in self.guessed:
            title, prediction = _title(guessed.entry), guessed.outcome.prediction.question
            for low, high, count in guessed.bins:
                yield "guessed", title, f"{prediction} {low} to {high}", str(count)
            if guessed.outcome.counted is not None:
                yield "counted", title, prediction, str(guessed.outcome.counted.count)


def report(since: datetime, until: datetime) -> Report:
    """Return what a class thinks, from ``since`` until before ``until``."""
    rows = questions.asked_between(since, until, MOST)
    answered = [row for row in rows if row.answered_by is not None]
    missed = [row for row in rows if row.verdict == "missed" and row.entry is not None and row.entry.published]
    published = library.published_entries()
    return Report(
        total=len(rows),
        asked=_by_entry([row.answered_by for row in answered]),
        unanswered=_groups([row for row in rows if row.answered_by is None and row.redacted_at is None][:GROUPED]),
        missed=_by_entry([row.entry for row in missed]),
        guessed=_count_guesses(published, since, until),
        voiced=_count_beliefs(published, [row.text for row in rows if row.redacted_at is None]),
    )


def _title(entry: EntryRow) -> str:
    return entry.published.title if entry.published is not None else entry.slug


def _by_entry(entries: Sequence[EntryRow | None]) -> list[Counted]:
    counts = Counter((entry.published.theme, entry.published.title) for entry in entries if entry and entry.published)
    found = [Counted(theme, title, count) for (theme, title), count in counts.items() if count >= FEWEST]
    return sorted(found, key=lambda each: (-each.count, each.what))


def _groups(rows: Sequence[QuestionRow]) -> list[Counted]:
    """Return like questions, each group told by its shortest one, which says the least about who asked."""
    found = [group.rows for group in group_questions(rows) if len(group.rows) >= FEWEST]
    told = [Counted("", min((row.text for row in own), key=len), len(own)) for own in found]
    return sorted(told, key=lambda each: (-each.count, each.what))


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


def _count_beliefs(published: Sequence[EntryRow], texts: Sequence[str]) -> list[Counted]:
    """Return the beliefs that questions voice in nearly their words."""
    shown = [row.published for row in published if row.published is not None]
    known = [(shown.theme, each) for shown in shown for each in shown.beliefs]
    wordings = [(at, text) for at, (_, each) in enumerate(known) for text in (each.belief, *each.wordings)]
    if not texts or not wordings:
        return []
    own, others = ([utils.default_process(text) for text in part] for part in (texts, [text for _, text in wordings]))
    scores = process.cdist(own, others, scorer=fuzz.ratio, score_cutoff=VOICED)
    most, at_most = scores.max(axis=1), scores.argmax(axis=1)
    nearest = [wordings[at][0] for at, score in zip(at_most.tolist(), most.tolist(), strict=True) if score >= VOICED]
    found = [Counted(known[at][0], known[at][1].belief, count) for at, count in Counter(nearest).items()]
    return sorted((each for each in found if each.count >= FEWEST), key=lambda each: (-each.count, each.what))
