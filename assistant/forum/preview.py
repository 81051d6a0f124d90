"""What a forum is told of an entry or a run: the values of its tags, its oEmbed answer, its card and its frame."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from flask import current_app, url_for

from assistant.errors import NotFoundError
from assistant.library import queries as library
from assistant.library.tables import EntryRow
from assistant.public_url import PublicURL
from assistant.runs import queries as runs
from assistant.runs.evidence.verdicts import Verdict
from assistant.runs.tables import DONE, RunRow

SIZES = ((1200, 630), (600, 315), (240, 126))  # pixels of a card, the largest first
FRAME = (690, 520)  # pixels of a frame; forums scale down what is wider than their posts
UNREADABLE = re.compile(r"[\x00-\x1f\ud800-\udfff\ufffe\uffff]")
LONGEST_TITLE, LONGEST_DESCRIPTION = 80, 250  # characters; forums cut what is longer


@dataclass(frozen=True)
class Card:
    """What is drawn on a card; ``figure`` is an SVG with its width and height."""

    title: str
    verdicts: Sequence[Verdict]
    networks: int
    finished_at: datetime | None
    figure: tuple[bytes, float, float] | None
    variation: str = ""


@dataclass(frozen=True)
class Preview:
    """An entry's or a run's preview.

    ``run`` is the finished run whose numbers it tells, and ``card_of`` the run whose card it shows, if there are such.
    ``variation`` is what a learner changed for the run, of which the entry's short answer does not tell.
    """

    name: str
    short: str
    path: str
    frame_path: str
    run: RunRow | None
    card_of: str | None
    variation: str = ""

    @property
    def title(self) -> str:
        """The title, as long as forums show one."""
        return shorten(self.name, LONGEST_TITLE)

    @property
    def verdict(self) -> str:
        """How many claims held, in which networks, and when."""
        if self.run is None or not self.run.verdicts:
            return ""
        trained = f"when {self.run.networks:,} networks were trained, {day_text(self.run.finished_at)}"
        return f"{claims_held_text(self.run.verdicts)} {trained}."

    @property
    def description(self) -> str:
        """The verdict and as much of the short answer as forums show."""
        return shorten(" ".join((self.variation, self.verdict, self.short)), LONGEST_DESCRIPTION)

    @property
    def address(self) -> str:
        """The page's own address."""
        return public_address(self.path)

    @property
    def frame(self) -> str:
        """The address of the frame."""
        return public_address(self.frame_path)

    @property
    def frame_height(self) -> int:
        """The height of the frame, in pixels."""
        return FRAME[1]

    @property
    def alternative(self) -> str:
        """The card in words."""
        return shorten(" ".join((self.name, self.variation, self.verdict)), LONGEST_DESCRIPTION)

    def card(self, width: int = SIZES[0][0]) -> str:
        """Return the address of the card in one of the widths; there is always one to show."""
        return public_address(self.card_path(width))

    def card_path(self, width: int) -> str:
        """Return the same without the public address, for pages of this service."""
        if self.card_of is None:
            return url_for("static", filename=f"card-{width}.png")
        return url_for("forum.card", run_id=self.card_of, width=width)

    def oembed(self, kind: str) -> str:
        """Return the address of the oEmbed answer, ``json`` or ``xml``."""
        return public_address(f"{url_for('forum.oembed')}?url={quote(self.address, safe='')}&format={kind}")


def public_address(path: str) -> str:
    """Return the public address of a path, as `url_for` gives it."""
    public: PublicURL = current_app.config["SETTINGS"].public_url
    return public.address(path)


def entry_preview(entry: EntryRow, run: RunRow | None = None) -> Preview:
    """Return the preview of an entry's page, with the numbers of its latest run unless that is given."""
    if entry.published is None:
        raise NotFoundError("There is no entry at this address.")
    run = run or runs.latest_done(entry)
    return Preview(
        name=entry.published.title,
        short=entry.published.short_words,
        path=url_for("pages.entry", slug=entry.slug),
        frame_path=url_for("forum.entry_frame", slug=entry.slug),
        run=run,
        card_of=run.id if run is not None else None,
    )


def run_preview(run: RunRow) -> Preview:
    """Return the preview of a run's page; before it is done, without numbers."""
    name, short = title_and_short(run)
    return Preview(
        name=name,
        short="" if run.varied else short,
        path=url_for("pages.run", run_id=run.id),
        frame_path=url_for("forum.run_frame", run_id=run.id),
        run=run if run.state == DONE else None,
        card_of=run.id,  # Until it is drawn, another one is served at its address.
        variation=variation_text(run),
    )


def title_and_short(run: RunRow) -> tuple[str, str]:
    """Return the title and the short answer of a run: its entry's, or what is known of its experiment."""
    if run.entry is not None and run.entry.published is not None:
        return run.entry.published.title, run.entry.published.short_words
    experiment = library.experiment(run.experiment)
    return (experiment.title, experiment.summary) if experiment is not None else (run.experiment, "")


def variation_text(run: RunRow) -> str:
    """Say what a learner changed for a run, if it was one."""
    return f"With {', '.join(each.words for each in run.changes)}." if run.changes else ""


def claims_held_text(verdicts: Sequence[Verdict]) -> str:
    """Say how many claims held, of those that can fail; a theorem cannot."""
    judged = [verdict for verdict in verdicts if not verdict.claim.theorem]
    held = sum(verdict.held is True for verdict in judged)
    return f"{held} of {len(judged)} claim{'s' if len(judged) != 1 else ''} held"


def by_importance(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """Return the verdicts in the order in which they are worth telling: what failed, then counts of networks."""

    def worth(verdict: Verdict) -> tuple[bool, bool, bool]:
        counts = verdict.finding is not None and verdict.finding.counts_networks
        return verdict.held is not False, verdict.held is None, not counts

    return sorted(verdicts, key=worth)


def day_text(moment: datetime | None) -> str:
    """Say on which day something was."""
    return moment.strftime("%-d %B %Y") if moment is not None else ""


def shorten(text: str, longest: int) -> str:
    """Return a text on one line, cut at a word where it is too long."""
    text = strip_controls(" ".join(text.split()))
    if len(text) <= longest:
        return text
    cut = text[: longest - 1]
    return (cut[: cut.rindex(" ")] if " " in cut else cut).rstrip(" ,;:.") + "…"


def strip_controls(text: str) -> str:
    """Return a text without the characters that XML cannot hold."""
    return UNREADABLE.sub("", text)
