"""The table of the cards: the pictures that forums show of a run."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from assistant.database import Base, UTCDateTime, now


class CardRow(Base):
    """A run's card in one width; a card whose picture could not be drawn, or was pruned, has none."""

    __tablename__ = "cards"

    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)
    width: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(Text)  # As drawn; when the entry's changes, the card is drawn anew.
    digest: Mapped[str | None] = mapped_column(String(64))
    png: Mapped[bytes | None] = mapped_column(LargeBinary)
    drawn_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
