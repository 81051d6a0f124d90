"""What a previewer shows of a question's address and of a frame's: a title and a picture, nothing that was typed."""

import re

import pytest
from flask import Flask

from tests.assistant.conftest import ENTRY, TITLE

TYPED = {
    "answered": TITLE.replace("the same data", "the same data as Zwickelmeier"),
    "unknown": "Boil Zwickelmeier eggs?",
}


def head_of(page: str) -> str:
    return page.partition("</head>")[0]


def tags(page: str) -> dict[str, str]:
    return dict(re.findall(r'<meta (?:property|name)="([\w:]+)" content="([^"]*)"', head_of(page)))


@pytest.mark.parametrize("kind", TYPED)
def test_a_question_tells_nothing_that_was_typed(sqlite_app: Flask, kind: str) -> None:
    client = sqlite_app.test_client()
    sent = {"question": TYPED[kind], "entry": ENTRY if kind == "answered" else ""}
    page = client.get(client.post("/questions", data=sent).headers["Location"]).text
    assert "Zwickelmeier" in page
    assert "Zwickelmeier" not in head_of(page)
    told = tags(page)
    assert told["og:title"] == (TITLE if kind == "answered" else "A learner’s question")
    assert re.match(r"http://127\.0\.0\.1:8000/.+\.png", told["og:image"])
    assert told["robots"] == "noindex"


def test_a_frame_tells_what_its_page_tells(sqlite_app: Flask) -> None:
    client = sqlite_app.test_client()
    frame, own = client.get(f"/embed/{ENTRY}").text, client.get(f"/entries/{ENTRY}").text
    assert head_of(frame).count('rel="canonical"') == 1
    for name in ("og:title", "og:image", "og:url", "og:description"):
        assert tags(frame)[name] == tags(own)[name]
