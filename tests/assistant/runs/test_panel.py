"""The panel of a run under way: how soon the page looks again."""

from datetime import timedelta

import pytest

from assistant.database import now
from assistant.runs.panel import Panel
from assistant.runs.tables import RunRow


@pytest.mark.parametrize(
    ("waited", "pause"),
    [(-10, 80), (0.4, 100), (5, 350), (20, 1_500), (90, 5_000)],
)
def test_a_page_looks_soon_at_first_and_then_less_often(waited: float, pause: int) -> None:
    run = RunRow(state="waiting", created_at=now() - timedelta(seconds=waited))
    assert Panel(None, run, None).pause == pause
