"""Everything that is read from and written to the table of cards, and what a card is made of."""

import hashlib
from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import delete, func, select, update

from assistant.database import db, drop_in_batches, reading, writing
from assistant.forum.preview import SIZES, Card, title_and_short, variation_text
from assistant.forum.tables import CardRow
from assistant.library.tables import EntryRow, RevisionRow
from assistant.runs.queries import old
from assistant.runs.tables import DONE, FigureRow, RunRow
from assistant.tallies import ENDED, TallyRow


def what_cards_hang_on() -> tuple[int, list[tuple[int | None, ...]]]:
    """Return what changes whenever a card may be wanted: how many runs were ever done, and what is published."""
    with reading():
        done = db.session.get(TallyRow, (ENDED, DONE), populate_existing=True)
        published = db.session.execute(select(EntryRow.id, EntryRow.published_number).order_by(EntryRow.id))
        return done.count if done is not None else 0, [tuple(each) for each in published]


def next_run_without_card() -> str | None:
    """Return the newest finished run whose card is not drawn yet, or was drawn with a title that is no longer true."""
    cards = select(CardRow.run_id)
    missing = select(RunRow.id).where(RunRow.state == DONE, RunRow.id.not_in(cards))
    outdated = (
        select(RunRow.id)
        .join(CardRow, CardRow.run_id == RunRow.id)
        .join(EntryRow, EntryRow.id == RunRow.entry_id)
        .join(EntryRow.published)
        .where(CardRow.png.is_not(None), CardRow.title != RevisionRow.title)
    )
    with reading():
        for each in (missing, outdated):
            if (run_id := db.session.scalar(each.order_by(RunRow.finished_at.desc()).limit(1))) is not None:
                return run_id
    return None


def card_content(run_id: str) -> Card:
    """Return what is drawn on a run's card, with the figure that suits a card: the first that is wider than tall."""
    with reading():
        run = db.session.get_one(RunRow, run_id)
        pictures = [figure for figure in run.figures if not figure.pruned]
        wide = [figure for figure in pictures if figure.width > figure.height]
        chosen = wide[0] if wide else min(pictures, key=lambda figure: figure.height, default=None)
        drawn = None
        if chosen is not None:
            svg = db.session.scalar(select(FigureRow.svg).where(FigureRow.id == chosen.id))
            drawn = (svg, float(chosen.width), float(chosen.height)) if svg else None
        return Card(
            title_and_short(run)[0], run.verdicts or (), run.networks, run.finished_at, drawn, variation_text(run)
        )


def store_card(run_id: str, title: str, pictures: Mapping[int, bytes]) -> None:
    """Keep a run's card; without pictures, keep that it could not be drawn."""
    with writing():
        db.session.execute(delete(CardRow).where(CardRow.run_id == run_id))
        for width, _ in SIZES:
            png = pictures.get(width)
            digest = hashlib.sha256(png).hexdigest() if png else None
            db.session.add(CardRow(run_id=run_id, width=width, title=title, digest=digest, png=png))


def card_picture(run: RunRow, width: int) -> CardRow | None:
    """Return a run's card, or else the newest of its entry, at the entry's own parameters."""
    of_width = select(CardRow).where(CardRow.width == width, CardRow.png.is_not(None))
    own = db.session.scalars(of_width.where(CardRow.run_id == run.id)).one_or_none()
    if own is not None or run.entry_id is None:
        return own
    others = of_width.join(RunRow, RunRow.id == CardRow.run_id).where(RunRow.entry_id == run.entry_id, RunRow.evidence)
    return db.session.scalars(others.order_by(RunRow.finished_at.desc()).limit(1)).one_or_none()


def prune_cards(older: timedelta) -> tuple[int, int]:
    """Drop the cards of old runs; return how many pictures that was, and their bytes. A younger one stands in."""
    drawn = CardRow.png.is_not(None)
    chosen = select(CardRow.run_id).join(RunRow, RunRow.id == CardRow.run_id).where(drawn, old(older))
    return drop_in_batches(
        chosen.distinct().limit(100),
        func.length(CardRow.png),
        # The row stays, so that the card is not drawn again.
        lambda batch: update(CardRow).where(batch, drawn).values(png=None, digest=None),
    )
