"""What may be copied from a page, the bookmark, and the page for forums' staff, which checks addresses."""

import re
import socket
from collections.abc import Callable
from html import unescape
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from assistant import create_app
from assistant.database import db
from assistant.forum.preview import UNREADABLE
from assistant.forum.snippets import escape_markdown
from assistant.questions.tables import QuestionRow
from assistant.runs.tables import RunRow
from tests.assistant.forum.conftest import FORUM, PUBLIC, SLUG, TITLE, store_run
from tests.conftest import settings_in

pytestmark = pytest.mark.slow

ENTRY, RUN = f"{PUBLIC}/entries/{SLUG}", f"{PUBLIC}/runs/finished"


def copied(page: str) -> dict[str, str]:
    """Return the texts that a page offers to copy, by name."""
    found = re.findall(r'<textarea id="share-(\w+)"[^>]* readonly[^>]*>(.*?)</textarea>', page, re.DOTALL)
    return {name: unescape(text) for name, text in found}


@pytest.mark.usefixtures("run")
@pytest.mark.parametrize(("path", "address"), [(f"/entries/{SLUG}", ENTRY), ("/runs/finished", RUN)])
def test_pages_offer_what_mentors_paste(client: FlaskClient, path: str, address: str) -> None:
    page = client.get(path).text
    offered = copied(page)
    assert offered["address"] == address
    assert (
        f'<iframe src="{address.replace("/entries/", "/embed/").replace("/runs/", "/embed/runs/")}"' in offered["frame"]
    )
    assert f'src="{PUBLIC}/static/embed.js"' in offered["element"]
    post = offered["post"]
    assert post.startswith(f"**{TITLE}**\n\nBecause they do not start the same.")
    assert "3 of 3 claims held when 64 networks were trained, 1 March 2024." in post
    assert "**64 of 64 networks: held**" in post
    assert f"({RUN}/card-1200.png)]({address})" in post
    assert post.rstrip().endswith(f"({address})")
    shown = page.partition('class="post prose">')[2].partition("</details>")[0]
    assert f"<strong>{TITLE}</strong>" in shown
    assert '<img src="/runs/finished/card-1200.png"' in shown
    for name in ("address", "post", "frame", "element"):
        assert f'data-copies="share-{name}" hidden' in page


def test_an_entry_without_a_run_offers_its_words(client: FlaskClient) -> None:
    post = copied(client.get(f"/entries/{SLUG}").text)["post"]
    assert "Because they do not start the same" in post
    assert "![" not in post
    assert "claims held" not in post


def test_a_post_tells_what_failed_first(client: FlaskClient, store: Callable[..., str]) -> None:
    store("contrary", failing=1)
    post = copied(client.get("/runs/contrary").text)["post"]
    assert "2 of 3 claims held" in post
    assert re.findall(r": (held|failed|not judged)\*\*", post) == ["failed", "held", "held"]


@given(st.text())
@pytest.mark.parametrize("wrapped", ["{}", "1. {}", "*{}*", "# <b>{}", "[{}](x)", "- {}"])
def test_any_text_is_shown_in_markdown_as_it_is(wrapped: str, text: str) -> None:
    given_text = wrapped.replace("{}", text)
    html = MarkdownIt("commonmark", {"html": True}).render(escape_markdown(given_text))
    inner = html.removeprefix("<p>").removesuffix("</p>\n")
    assert "<" not in inner
    assert unescape(inner) == UNREADABLE.sub("", " ".join(given_text.split())).strip()


def test_the_bookmark_opens_what_would_be_answered(app: Flask, client: FlaskClient) -> None:
    (bookmark,) = re.findall(r'href="(javascript:[^"]*)"', client.get("/forum").text)
    script = unescape(bookmark)
    assert f'open("{PUBLIC}/?q="+encodeURIComponent(' in script
    page = client.get("/", query_string={"q": TITLE})
    assert "would be answered" in page.text
    assert client.head("/", query_string={"q": TITLE}).status_code == 200
    with app.app_context():
        assert db.session.query(QuestionRow).count() == db.session.query(RunRow).count() == 0


def result(client: FlaskClient, address: str, forum: str = "") -> str:
    response = client.get("/forum", query_string={"address": address, "forum": forum})
    assert response.status_code == 200
    return re.sub(r"\s+", " ", unescape(re.sub("<[^>]+>", "", response.text)))


def test_the_staff_page_says_what_to_set(client: FlaskClient) -> None:
    page = client.get("/forum").text
    assert f"{PUBLIC}/embed/</code>" in page
    assert "allowed_iframes" in page
    assert FORUM in page
    assert client.head("/forum").status_code == 200


@pytest.mark.usefixtures("run")
@pytest.mark.parametrize("address", [ENTRY, RUN, f"{PUBLIC}/embed/{SLUG}", f"{PUBLIC}/embed/runs/finished"])
@pytest.mark.parametrize("forum", ["", FORUM, f"{FORUM}/"])
def test_a_frame_is_shown_where_everything_is_set(client: FlaskClient, address: str, forum: str) -> None:
    page = result(client, address, forum)
    assert "A frame, where the forum allows it; else a card" in page
    assert "in the way" not in page


@pytest.mark.usefixtures("run")
def test_a_card_is_shown_where_the_forum_is_not_named(client: FlaskClient) -> None:
    page = result(client, ENTRY, "https://other.example")
    assert "A card EMBED_ORIGINS does not name https://other.example." in page
    assert "A frame, where" not in page


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"public_url": PUBLIC}, "A card No forum may show frames: EMBED_ORIGINS is not set."),
        (
            {"public_url": "http://127.0.0.1:8000", "embed_origins": FORUM},
            "Only a plain link Forums ask no host such as",
        ),
        (
            {"public_url": "https://ask.example:8443", "embed_origins": FORUM},
            "Only a plain link Forums ask ports 80 and",
        ),
        ({"public_url": "http://localhost", "embed_origins": FORUM}, "Only a plain link Forums ask no host such as"),
    ],
)
def test_what_is_in_the_way_is_named(data_dir: Path, settings: dict[str, str], why: str) -> None:
    app = create_app(settings_in(data_dir, **settings))
    with app.app_context():
        store_run("finished")
    assert why in result(app.test_client(), f"{settings['public_url']}/entries/{SLUG}")


@pytest.mark.usefixtures("run")
def test_a_forum_that_is_named_by_its_host_is_one_with_https(client: FlaskClient) -> None:
    assert result(client, ENTRY, "forum.example") == result(client, ENTRY, FORUM)
    assert "A card EMBED_ORIGINS does not name https://other.example." in result(client, ENTRY, "other.example")


def test_origins_with_a_star_cover_what_is_below(data_dir: Path) -> None:
    app = create_app(settings_in(data_dir, public_url=PUBLIC, embed_origins="https://*.uni.example"))
    with app.app_context():
        store_run("finished")
    assert "A frame, where" in result(app.test_client(), ENTRY, "https://forum.uni.example")
    assert "A card EMBED_ORIGINS does not name" in result(app.test_client(), ENTRY, "https://uni.example")
    assert "A card EMBED_ORIGINS does not name" in result(
        app.test_client(), ENTRY, "https://forum.uni.example.evil.example"
    )


@pytest.mark.usefixtures("run")
@pytest.mark.parametrize(
    ("address", "forum", "status", "words"),
    [
        ("https://evil.example/", "", 404, "no address of this service"),
        (f"https://me@ask.example/entries/{SLUG}", "", 404, "no address of this service"),
        (f"{PUBLIC}/entries/none", "", 404, "no entry and no run"),
        (f"{PUBLIC}/questions/x", "", 401, "private"),
        ("<script>alert(1)</script>", "", 404, "no address of this service"),
        (ENTRY, "our forum", 422, "https:// and its host"),
        (ENTRY, "https://forum.example/t/1", 422, "https:// and its host"),
    ],
)
def test_other_addresses_are_refused_and_kept_in_the_form(
    client: FlaskClient, address: str, forum: str, status: int, words: str
) -> None:
    response = client.get("/forum", query_string={"address": address, "forum": forum})
    assert response.status_code == status
    assert words in unescape(response.text)
    assert f'value="{address}"' in unescape(response.text)
    assert "<script>alert" not in response.text


@pytest.mark.usefixtures("run")
def test_nothing_is_ever_fetched(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    for address in (ENTRY, RUN, "https://evil.example/", "http://169.254.1.1/"):
        assert client.get("/forum", query_string={"address": address}).status_code in {200, 404}
        assert client.get("/oembed", query_string={"url": address}).status_code in {200, 404}


@pytest.mark.usefixtures("run")
def test_a_check_trains_and_stores_nothing(app: Flask, client: FlaskClient) -> None:
    result(client, ENTRY)
    with app.app_context():
        assert db.session.query(RunRow).count() == 1
        assert db.session.query(QuestionRow).count() == 0
