"""Whose run comes next: visitors take turns, and an entry's own runs come before what learners vary.

Runs that nobody asked for, such as the first ones of all entries when a service is new, come after what visitors wait
for.
"""

from sqlalchemy import func, select

from assistant.clients import asker
from assistant.database import db
from assistant.errors import TooManyError
from assistant.runs.tables import RUNNING, WAITING, RunRow

MOST_WAITING = 30  # varied runs of one address, which may be a classroom's
UNASKED = 500  # the turn of a run that nobody asked for
VARIED = 1_000  # added to the turn of a varied run, so that it comes after all of the entries' own


def place(*, varied: bool) -> tuple[str | None, int]:
    """Return who asks for a run, and its turn: how many of theirs are waiting or executed already.

    An entry's own runs are shared by all who wait, so that nobody can have more of them waiting than there are.

    Raises:
        TooManyError: too many varied runs of this address wait.
    """
    who = asker()
    if who is None:
        return None, UNASKED
    under_way = select(func.count()).where(RunRow.asker == who, RunRow.state.in_((WAITING, RUNNING)))
    mine = db.session.scalar(under_way) or 0
    if varied and mine >= MOST_WAITING:
        raise TooManyError(
            f"{mine} runs from your address are waiting already. Please wait until some of them are done."
        )
    return who, VARIED + min(mine, VARIED) if varied else min(mine, UNASKED - 1)
