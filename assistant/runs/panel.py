"""What the experiment panel shows: the fresh run, or until it is there, the latest one that is stored."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from assistant.database import now
from assistant.library import queries as library
from assistant.library.parameters import said
from assistant.library.tables import EntryRow
from assistant.runs import evidence_queries, queries
from assistant.runs.tables import DONE, FAILED, WAITING, FigureRow, RunRow
from assistant.runs.verdicts import Evidence, wanted, written

FRESH = 600.0  # seconds for which a run is called fresh
PAUSES = ((60, 5_000), (10, 1_500), (0, 350))  # waited at least so many seconds: milliseconds between two looks
NARROWEST = 0.015  # of the whole width of a strip


@dataclass(frozen=True)
class Strip:
    """A share as a row of ticks, with the claimed range and the interval to date, in percent of its width."""

    count: int
    of: int
    wanted: tuple[float, float]
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
class Line:
    """One claim with its verdict in the shown run and its evidence to date."""

    claim: str
    text: str
    wanted: str
    finding: dict[str, Any] | None
    held: bool | None
    evidence: Evidence | None
    strip: Strip | None

    @property
    def number(self) -> str:
        """What this run measured."""
        return counted(self.finding)


@dataclass(frozen=True)
class Side:
    """One of two runs that stand side by side: what it is called, and its result where it has one."""

    name: str
    run: RunRow | None


@dataclass(frozen=True)
class Pair:
    """One claim with its verdict on each side."""

    text: str
    wanted: str
    lines: tuple[Line | None, ...]


@dataclass(frozen=True)
class Panel:
    """A panel; ``fresh`` is the run that was asked for, ``shown`` the finished run whose result stands below.

    Of a run in which one thing was varied, ``sides`` are the two runs to compare, and ``pairs`` their claims.
    """

    entry: EntryRow | None
    fresh: RunRow | None
    shown: RunRow | None
    ahead: int
    lines: Sequence[Line]
    sides: Sequence[Side] = ()
    pairs: Sequence[Pair] = ()

    @property
    def pending(self) -> bool:
        """Whether the fresh run is still under way."""
        return self.fresh is not None and self.fresh.state not in {DONE, FAILED}

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
        return int(_age(self.fresh.created_at)) if self.fresh is not None else 0

    @property
    def pause(self) -> int:
        """After how many milliseconds the page asks again: less often, the longer it has waited."""
        return next(pause for least, pause in PAUSES if self.waited >= least)

    @property
    def held(self) -> int:
        """How many claims held."""
        return sum(line.held is True for line in self.lines)

    @property
    def open(self) -> int:
        """How many claims could not be judged."""
        return sum(line.held is None for line in self.lines)


def panel(entry: EntryRow | None, fresh: RunRow | None = None) -> Panel:
    """Return the panel of an entry, of a fresh run, or of both."""
    shown = fresh if fresh is not None and fresh.state == DONE else None
    if fresh is not None and fresh.varied is not None:
        return _beside(entry, fresh, shown)
    if shown is None and entry is not None:
        shown = queries.latest_done(entry.id)
    return Panel(entry, fresh, shown, _ahead(fresh), _lines(entry, shown) if shown else ())


def _beside(entry: EntryRow | None, fresh: RunRow, shown: RunRow | None) -> Panel:
    """Return the panel of a run in which one thing was varied, beside the entry's own run."""
    varied = fresh.varied or {}
    own = queries.find(varied["beside"]) if varied["beside"] else None
    if own is None and entry is not None:
        own = queries.latest_done(entry.id)
    name = varied["parameter"].replace("_", " ")
    sides = tuple(Side(f"{name} {said(varied[key])}", run) for key, run in (("value", shown), ("own", own)))
    lines = [{line.claim: line for line in _lines(None, side.run)} if side.run else {} for side in sides]
    pairs = []
    for claim in fresh.claims:
        found = tuple(side.get(_key(claim)) for side in lines)
        known = next((line for line in found if line is not None), None)
        pairs.append(Pair(claim["text"], known.wanted if known else "", found))
    return Panel(entry, fresh, shown, _ahead(fresh), tuple(lines[0].values()), sides, pairs)


def _ahead(fresh: RunRow | None) -> int:
    return queries.ahead(fresh) if fresh is not None and fresh.state == WAITING else 0


def _key(claim: Mapping[str, Any]) -> str:
    """Return what tells a claim from another; its text alone may stand for an older threshold."""
    return json.dumps(claim, sort_keys=True)


def showcase(entries: Sequence[EntryRow]) -> FigureRow | None:
    """Return a stored figure for the home page: the first that is wider than tall, in the entries' order."""
    for entry in entries:
        run = queries.latest_done(entry.id)
        for figure in run.figures[:1] if run is not None else []:
            if figure.width > figure.height:
                return figure
    return None


def measured(finding: Mapping[str, Any]) -> str:
    """Say a quantity with its unit, as a reader would; shares of points as per cent, weights and ratios bare."""
    value, unit = finding["value"], finding["unit"]
    if unit == "share of points":
        return f"{value:.0%} of the points"
    return written(value) if unit in {"weight", "ratio"} else f"{written(value)} {unit}"


def counted(finding: Mapping[str, Any] | None) -> str:
    """Say what a run measured for a claim, as a reader would: 53 of 64 networks."""
    if finding is None:
        return "The run reported no such finding"
    if finding["kind"] == "share":
        networks = " networks" if "network" in finding["label"] else ""
        return f"{finding['count']:,} of {finding['of']:,}{networks}" if finding["of"] else "None to count"
    if finding["value"] is None:
        return "Nothing to measure"
    return measured(finding) if finding["kind"] == "quantity" else f"{finding['value']}".replace("|", " and ")


def _age(since: datetime | None) -> float:
    return (now() - since).total_seconds() if since is not None else 0.0


def _lines(entry: EntryRow | None, run: RunRow) -> list[Line]:
    verdicts = run.verdicts or []
    published = entry.published if entry is not None else None
    experiment = library.experiment(published.experiment) if published is not None else None
    to_date: list[Evidence | None] = [None] * len(verdicts)
    if published is not None and experiment is not None:
        to_date = evidence_queries.evidence(published, experiment, [verdict["claim"] for verdict in verdicts])
    found = []
    for verdict, evidence in zip(verdicts, to_date, strict=True):
        claim, finding = verdict["claim"], verdict["finding"]
        share = bool(finding) and finding["kind"] == "share"
        strip = _strip(claim, finding, evidence) if share and finding["of"] else None
        words = wanted(claim, share=share)
        found.append(Line(_key(claim), claim["text"], words, finding, verdict["held"], evidence, strip))
    return found


def _strip(claim: Mapping[str, Any], finding: Mapping[str, Any], evidence: Evidence | None) -> Strip:
    low, high = claim.get("between") or (0.0, 1.0)
    if claim.get("equals") is not None:
        low = high = claim["equals"]
    if claim.get("at_least") is not None:
        low = claim["at_least"]
    if claim.get("at_most") is not None:
        high = claim["at_most"]
    interval = None
    if evidence is not None and evidence.low is not None and evidence.high is not None:
        interval = _visible(evidence.low, evidence.high)
    return Strip(finding["count"], finding["of"], _visible(low, high), interval)


def _visible(low: float, high: float) -> tuple[float, float]:
    """Return a range in percent, and never so narrow that it cannot be seen."""
    middle = min(max((low + high) / 2, NARROWEST / 2), 1 - NARROWEST / 2)
    low, high = min(low, middle - NARROWEST / 2), max(high, middle + NARROWEST / 2)
    return round(100 * low, 2), round(100 * high, 2)
