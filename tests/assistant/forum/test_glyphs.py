"""Titles in any script on cards: what the fonts draw is drawn, and the rest is said in words."""

from datetime import UTC, datetime

import pytest

from assistant.forum.cards import compose, draw
from assistant.forum.preview import Card


def card(title: str) -> Card:
    return Card(title=title, verdicts=(), networks=64, finished_at=datetime(2026, 1, 1, tzinfo=UTC), figure=None)


@pytest.mark.parametrize(
    ("title", "drawn"),
    [
        ("Why 🐍 nets?", "Why [snake] nets?"),
        ("न्यूरॉन क्यों अलग हैं?", "[Devanagari]?"),
        ("神经元为什么不同", "[Chinese]"),
        ("神经元为什么不同？（why）", "[Chinese]?(why)"),
        ("👩🏽‍💻", "[woman] [personal computer]"),
        ("لماذا تختلف الخلايا؟", "لماذا تختلف الخلايا؟"),
        ("Où sont 5 ≤ x − 1?", "Où sont 5 ≤ x − 1?"),
    ],
    ids=["emoji", "devanagari", "chinese", "wide-signs", "joined-emoji", "arabic", "latin"],
)
def test_a_title_in_any_script_is_drawn_or_said(title: str, drawn: str) -> None:
    svg = compose(card(title))
    assert drawn in svg
    assert all(png.startswith(b"\x89PNG") for png in draw(card(title)).values())


def test_a_script_that_is_drawn_leaves_no_empty_boxes() -> None:
    known = draw(card("لماذا تختلف"))[1200]
    assert known != draw(card("لماذا"))[1200]
