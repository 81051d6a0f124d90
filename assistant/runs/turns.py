"""Whose run comes next: visitors take turns, and an entry's own runs come before what learners vary.

Runs that nobody asked for, such as the first ones of all entries when a service is new, come after what visitors wait
for. A visitor's runs come in the order of asking, and whoever comes newly takes part from the turn that is served.

Source: Goyal, Vin and Cheng (1997). Start-time fair queuing. IEEE/ACM Transactions on Networking 5; each run counts as
one.
"""

from sqlalchemy import func, select

from assistant.clients import asker
from assistant.database import db
from assistant.errors import TooManyError
from assistant.runs.tables import RUNNING, WAITING, RunRow

MOST_WAITING = 30  # varied runs of one address, which may be a classroom's
VARIED = 1_000  # the first turn of varied runs, which come after all of the entries' own
UNASKED = 1_000_000  # the turn of a run that nobody asked for


def place(*, varied: bool) -> tuple[str | None, int]:
    """Return who asks for a run, and its turn: after that of their last one, and no sooner than the one that is served.

    An entry's own runs are shared by all who wait, so that nobody can have more of them waiting than there are.

    Raises:
        TooManyError: too many varied runs of this address wait.
    """
    who = asker()
    if who is None:
        return None, UNASKED
    first, end = (VARIED, UNASKED) if varied else (0, VARIED)
    mine, alike = RunRow.asker == who, RunRow.turn.between(first, end - 1)
    columns = func.count().filter(mine), func.max(RunRow.turn).filter(mine, alike), func.min(RunRow.turn).filter(alike)
    count, last, served = db.session.execute(select(*columns).where(RunRow.state.in_((WAITING, RUNNING)))).one()
    if varied and count >= MOST_WAITING:
        raise TooManyError(
            f"{count} runs from your address are waiting already. Please wait until some of them are done."
        )
    turn = max(first if served is None else served, first if last is None else last + 1)
    return who, min(turn, end - 1)
