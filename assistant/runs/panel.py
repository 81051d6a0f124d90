"""What the experiment panel shows: the fresh run, or until it is there, the latest one that is stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from assistant.database import now
from assistant.library import queries as library
from assistant.library.claims import Claim
from assistant.library.findings import Finding
from assistant.library.parameters import value_text
from assistant.library.tables import EntryRow
from assistant.library.texts.markdown import parts_of
from assistant.runs import queries
from assistant.runs.evidence import evidence_queries
from assistant.runs.evidence.verdicts import Evidence, Verdict
from assistant.runs.outcome import Outcome, outcome_of
from assistant.runs.tables import DONE, FAILED, WAITING, FigureRow, RunRow

FRESH = 600.0  # seconds for which a run is called fresh
# Waited at least so many seconds: milliseconds until the next look. A run takes a fifth of a second or so.
PAUSES = ((60, 5_000), (10, 1_500), (1, 350), (0.08, 100), (0, 80))
NARROWEST = 0.015  # of the whole width of a strip


@dataclass(frozen=True)
class Strip:
    """A share as a row of ticks, with the claimed range and the interval to date, in percent of its width."""

    count: int
    of: int
    claimed: tuple[float, float]
    interval: tuple[float, float] | None

    @property
    def x(self) -> float:
        """Where the counted ticks end."""
        return round(100 * self.count / self.of, 2)

    @property
    def dashes(self) -> str:
        """Ticks with gaps between them, or one bar where there are too many to tell apart."""
        return "0.7 0.3" if self.of <= 100 else "none"


@dataclass(frozen=True)
class ClaimLine:
    """One claim with its verdict in the shown run and its evidence to date."""

    claim: Claim
    finding: Finding | None
    held: bool | None
    evidence: Evidence | None
    strip: Strip | None

    @property
    def claimed(self) -> str:
        """What is claimed, in words."""
        return self.claim.words(self.finding.kind, self.finding.unit, self.finding.of) if self.finding else ""

    @property
    def number(self) -> str:
        """What this run measured."""
        return finding_text(self.finding)


@dataclass(frozen=True)
class Side:
    """One of two runs that stand side by side: what it is called, and its result where it has one."""

    name: str
    run: RunRow | None


@dataclass(frozen=True)
class Pair:
    """One claim with its verdict on each side."""

    claim: Claim
    claimed: str
    lines: tuple[ClaimLine | None, ...]


@dataclass(frozen=True)
class Panel:
    """A panel; ``fresh`` is the run that was asked for, ``shown`` the finished run whose result stands below.

    Of a run in which something was varied, ``sides`` are the two runs to compare, the entry's own first. What has to
    be looked up is looked up when it is read: a page that asks how far a run is needs little of it.
    """

    entry: EntryRow | None
    fresh: RunRow | None
    shown: RunRow | None
    sides: Sequence[Side] = ()
    predicts: bool = False  # whether readers guess first, where the entry asks them

    @cached_property
    def ahead(self) -> int:
        """How many runs wait before the fresh one."""
        return queries.count_ahead(self.fresh) if self.fresh is not None and self.fresh.state == WAITING else 0

    @cached_property
    def lines(self) -> Sequence[ClaimLine]:
        """The claims with their verdicts in the shown run; beside another run, without evidence to date."""
        return _lines(None if self.sides else self.entry, self.shown) if self.shown is not None else ()

    @cached_property
    def pairs(self) -> Sequence[Pair]:
        """The claims with their verdicts in both of the ``sides``."""
        if not self.sides or self.fresh is None:
            return ()
        sides = [{line.claim: line for line in _lines(None, side.run)} if side.run else {} for side in self.sides]
        pairs = []
        for claim in self.fresh.claims:
            both = tuple(side.get(claim) for side in sides)
            known = next((line for line in both if line is not None), None)
            pairs.append(Pair(claim, known.claimed if known else "", both))
        return pairs

    @cached_property
    def watchable(self) -> bool:
        """Whether what there is of the shown run, or of both sides, can be watched."""
        there = [side.run for side in self.sides if side.run is not None] if self.sides else [self.shown]
        return bool(there) and all(run is not None and queries.watchable(run.id) for run in there)

    @cached_property
    def outcome(self) -> Outcome | None:
        """What readers guess first, and what came of it."""
        return outcome_of(self.entry, self.shown) if self.predicts else None

    @property
    def changed(self) -> str:
        """What a learner changed for the fresh run, in words."""
        return "; ".join(each.words for each in self.fresh.changes) if self.fresh is not None else ""

    @property
    def watched(self) -> RunRow | None:
        """The run that is watched: the shown one, or the entry's own, beside which a varied one stands."""
        return (self.sides[0].run if self.sides else None) or self.shown

    @property
    def pending(self) -> bool:
        """Whether the fresh run is still under way, or the one beside which it is to stand."""
        if self.fresh is None:
            return False
        under_way = self.fresh.state not in {DONE, FAILED}
        return under_way or (self.together is not None and self.together.state not in {DONE, FAILED})

    @property
    def together(self) -> RunRow | None:
        """The entry's own run that was asked for together with the fresh one, beside which it stands."""
        if self.fresh is None or self.fresh.varied is None or not self.fresh.varied.get("beside"):
            return None
        own = queries.find(self.fresh.varied["beside"])
        done_before = own is not None and own.finished_at is not None and own.finished_at < self.fresh.created_at
        return None if done_before else own

    @property
    def drawing(self) -> bool:
        """Whether the fresh run's numbers are there, and its figures still to come."""
        return self.fresh is not None and self.fresh.drawing == WAITING

    @property
    def wanted(self) -> bool:
        """Whether nothing was ever trained, and nobody has asked for it so far: who opens the page does."""
        return self.shown is None and (self.fresh is None or (self.fresh.state == WAITING and self.fresh.asker is None))

    @property
    def state(self) -> str:
        """What the status tells: ``waiting``, ``running``, ``failed``, ``fresh``, ``stored``, or ``none`` at all."""
        if self.fresh is not None and (self.pending or self.fresh.state == FAILED):
            return self.fresh.state
        if self.shown is None:
            return "none"
        return "fresh" if self.shown is self.fresh and _age(self.shown.finished_at) < FRESH else "stored"

    @property
    def latest(self) -> bool:
        """Whether the shown run was chosen because it is the latest."""
        return self.shown is not self.fresh

    @property
    def waited(self) -> int:
        """For how many seconds the fresh run has been waiting."""
        return int(self._waited)

    @property
    def pause(self) -> int:
        """After how many milliseconds the page asks again: less often, the longer it has waited."""
        return next(pause for least, pause in PAUSES if self._waited >= least)

    @property
    def _waited(self) -> float:
        return max(_age(self.fresh.created_at), 0.0) if self.fresh is not None else 0.0

    @property
    def experiment(self) -> str | None:
        """Which further experiment of the entry it is about; None for the main one."""
        run = self.fresh or self.shown
        main = self.entry.published.experiment if self.entry is not None and self.entry.published is not None else None
        return run.experiment if run is not None and run.experiment != main else None

    @property
    def judged(self) -> list[ClaimLine]:
        """The claims that can fail; a theorem cannot."""
        return [line for line in self.lines if not line.claim.theorem]

    @property
    def held(self) -> int:
        """How many of them held."""
        return sum(line.held is True for line in self.judged)

    @property
    def open(self) -> int:
        """How many of them could not be judged."""
        return sum(line.held is None for line in self.judged)

    @property
    def tone(self) -> str:
        """What the claims came to: ``held`` when all did, ``failed`` when one did not, else ``open``."""
        verdicts = {line.held for line in self.judged}
        return "failed" if False in verdicts else "held" if verdicts == {True} else "open"


def panel(entry: EntryRow | None, fresh: RunRow | None = None, experiment: str | None = None) -> Panel:
    """Return the panel of an entry's experiment, the main one unless named, of a fresh run, or of both.

    An entry that has nothing to show yet shows how far its first run is.
    """
    shown = fresh if fresh is not None and fresh.state == DONE else None
    if fresh is not None and fresh.varied is not None:
        return _beside(entry, fresh, shown)
    if shown is None and entry is not None:
        shown = queries.latest_done(entry, fresh.experiment if fresh is not None else experiment)
    if shown is None and fresh is None and entry is not None and experiment is None:
        fresh = queries.latest_undone(entry)
    return Panel(entry, fresh, shown, predicts=experiment is None)


@dataclass(frozen=True)
class Section:
    """A further experiment of an entry, with its panel."""

    name: str
    title: str
    summary: str
    panel: Panel


def further_sections(entry: EntryRow | None) -> list[Section]:
    """Return a section for each experiment of an entry but the main one, with its latest stored run."""
    configurations = entry.published.experiments[1:] if entry is not None and entry.published is not None else ()
    return [section(entry, each.experiment) for each in configurations]


def placed_figures(panel: Panel, sections: Sequence[Section] = ()) -> dict[str, FigureRow | None]:
    """Return the figures that an entry's explanation places, by the names that it gives them; None before a run."""
    if panel.entry is None or panel.entry.published is None:
        return {}
    known: dict[str, FigureRow] = {}
    for prefix, run in (("", panel.shown), *((f"{each.name}/", each.panel.shown) for each in sections)):
        known |= {f"{prefix}{figure.name}": figure for figure in (run.figures if run is not None else ())}
    return {name: known.get(name) for _, name in parts_of(panel.entry.published.html) if name}


def section(entry: EntryRow | None, name: str, fresh: RunRow | None = None) -> Section:
    """Return the section of one experiment of an entry, with its fresh run or its latest stored one."""
    known = library.experiment(name)
    title, summary = (known.title, known.summary) if known is not None else (name, "")
    return Section(name, title, summary, panel(entry, fresh, name))


def _beside(entry: EntryRow | None, fresh: RunRow, shown: RunRow | None) -> Panel:
    """Return the panel of a run in which one thing was varied, beside the entry's own run."""
    beside = (fresh.varied or {}).get("beside")
    own = queries.find(beside) if beside else None
    if entry is not None and (own is None or own.state != DONE):
        own = queries.latest_done(entry, fresh.experiment)
    own_name, name = (
        ", ".join(f"{each.label} {value_text(value)}" for each, value in zip(fresh.changes, values, strict=True))
        for values in ([each.own for each in fresh.changes], [each.value for each in fresh.changes])
    )
    return Panel(entry, fresh, shown, sides=(Side(own_name, own), Side(name, shown)))


def showcase(entries: Sequence[EntryRow]) -> RunRow | None:
    """Return the stored run that the home page plays: the latest of the first entry that has one to watch."""
    latest = (queries.latest_done(entry) for entry in entries)
    return next((run for run in latest if run is not None and queries.watchable(run.id)), None)


def finding_text(finding: Finding | None) -> str:
    """Say what a run measured for a claim, as a reader would: 53 of 64 networks."""
    return finding.words if finding is not None else "The run reported no such finding"


def _age(since: datetime | None) -> float:
    return (now() - since).total_seconds() if since is not None else 0.0


def _lines(entry: EntryRow | None, run: RunRow) -> list[ClaimLine]:
    verdicts = run.verdicts or ()
    published = entry.published if entry is not None else None
    configuration = published.configuration(run.experiment) if published is not None else None
    experiment = library.experiment(run.experiment)
    to_date: list[Evidence | None] = [None] * len(verdicts)
    if entry is not None and configuration is not None and experiment is not None:
        claims = [verdict.claim for verdict in verdicts]
        to_date = evidence_queries.evidence_to_date(entry.id, configuration, experiment, claims)
    return [
        ClaimLine(each.claim, each.finding, each.held, evidence, _strip(each, evidence))
        for each, evidence in zip(verdicts, to_date, strict=True)
    ]


def _strip(verdict: Verdict, evidence: Evidence | None) -> Strip | None:
    finding, bounds = verdict.finding, verdict.claim.bounds
    if finding is None or not finding.is_sample or isinstance(bounds, str):
        return None
    interval = None
    if not verdict.claim.theorem and evidence is not None and evidence.low is not None and evidence.high is not None:
        interval = _visible(evidence.low, evidence.high)
    return Strip(finding.count, finding.of, _visible(max(bounds[0], 0.0), min(bounds[1], 1.0)), interval)


def _visible(low: float, high: float) -> tuple[float, float]:
    """Return a range in percent, and never so narrow that it cannot be seen."""
    middle = min(max((low + high) / 2, NARROWEST / 2), 1 - NARROWEST / 2)
    low, high = min(low, middle - NARROWEST / 2), max(high, middle + NARROWEST / 2)
    return round(100 * low, 2), round(100 * high, 2)
