"""The tags of pages, and the oEmbed provider: every status, every size, and addresses of all kinds."""

import json
from collections.abc import Callable
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest
from flask import Flask
from flask.testing import FlaskClient

from assistant.database import db
from assistant.forum.preview import shorten
from assistant.questions.tables import QuestionRow
from assistant.runs.tables import RunRow
from tests.assistant.conftest import republish
from tests.assistant.forum.conftest import PUBLIC, SLUG, TITLE

pytestmark = pytest.mark.slow

ENTRY, RUN = f"{PUBLIC}/entries/{SLUG}", f"{PUBLIC}/runs/finished"


class Head(HTMLParser):
    """The tags of a page's head, as a crawler reads them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.meta: dict[str, str] = {}
        self.links: dict[str, str] = {}
        self.feed(page.partition("</head>")[0])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "meta":
            self.meta[given.get("property") or given.get("name") or ""] = given.get("content", "")
        elif tag == "link":
            self.links[given.get("type") or given["rel"]] = given["href"]


@pytest.mark.usefixtures("run")
@pytest.mark.parametrize("address", [ENTRY, RUN])
def test_pages_tell_forums_what_they_show(client: FlaskClient, address: str) -> None:
    page = client.get(address.removeprefix(PUBLIC))
    head = Head(page.text)
    assert head.links["canonical"] == head.meta["og:url"] == address
    assert head.meta["og:type"] == "website"
    assert head.meta["og:height"] == "520"
    assert head.meta["og:title"] == head.meta["twitter:title"] == TITLE
    assert head.meta["og:description"].startswith("3 of 3 claims held when 64 networks were trained, 1 March 2024. Bec")
    assert len(head.meta["og:description"]) <= 250
    assert head.meta["og:image"] == head.meta["twitter:image"] == f"{RUN}/card-1200.png"
    assert head.meta["twitter:card"] == "summary_large_image"
    quoted = address.replace(":", "%3A").replace("/", "%2F")
    assert head.links["application/json+oembed"] == f"{PUBLIC}/oembed?url={quoted}&format=json"
    assert head.links["text/xml+oembed"] == f"{PUBLIC}/oembed?url={quoted}&format=xml"
    assert page.text.index("og:title") < 2_000
    for link in ("application/json+oembed", "text/xml+oembed"):
        assert client.get(head.links[link].removeprefix(PUBLIC)).status_code == 200


def test_an_entry_without_a_run_has_a_preview_too(client: FlaskClient) -> None:
    head = Head(client.get(f"/entries/{SLUG}").text)
    assert head.meta["og:description"].startswith("Because they do not start the same")
    assert head.meta["og:image"] == f"{PUBLIC}/static/card-1200.png"
    with client.get("/static/card-1200.png") as picture:
        assert picture.status_code == 200
    assert client.get("/oembed", query_string={"url": ENTRY}).get_json()["thumbnail_width"] == 1200


def test_a_run_that_is_not_done_tells_no_numbers(client: FlaskClient, store: Callable[..., str]) -> None:
    store("finished")
    store("waiting", state="waiting", finished_at=None, verdicts=None, findings=None, figures=[])
    head = Head(client.get("/runs/waiting").text)
    assert head.meta["og:title"] == TITLE
    assert head.meta["og:image"] == f"{PUBLIC}/runs/waiting/card-1200.png"
    assert client.get("/runs/waiting/card-1200.png").status_code == 200
    assert "claims held" not in head.meta["og:description"]


VARIED = {"changes": [{"parameter": "rate", "value": 0.3, "own": 0.01}], "beside": None}


def test_what_a_learner_changed_is_told_wherever_the_numbers_are(
    client: FlaskClient, store: Callable[..., str]
) -> None:
    store("varied", evidence=False, varied=VARIED, failing=1)
    page = client.get("/runs/varied").text
    head = Head(page)
    told = "With rate 0.3 instead of 0.01. 2 of 3 claims held when 64 networks were trained, 1 March 2024."
    assert head.meta["og:description"] == told
    assert told in head.meta["og:image:alt"]
    post = page.partition('id="share-post"')[2].partition("</textarea>")[0]
    assert "With rate 0.3 instead of 0.01." in post
    assert "Because they do not start the same" not in post
    assert "With rate 0.3 instead of 0.01." not in Head(client.get(f"/entries/{SLUG}").text).meta["og:description"]
    assert client.get("/embed/runs/varied").status_code == 200


def test_a_run_of_no_entry_is_told_by_its_experiment(client: FlaskClient, store: Callable[..., str]) -> None:
    store("free", entry_id=None, revision_id=None, evidence=False)
    head = Head(client.get("/runs/free").text)
    assert head.meta["og:title"]
    assert head.meta["og:title"] != TITLE
    assert client.get("/embed/runs/free").status_code == 200
    assert (
        client.get("/oembed", query_string={"url": f"{PUBLIC}/runs/free"}).get_json()["title"] == head.meta["og:title"]
    )


def test_a_learners_text_is_in_no_tag(app: Flask, client: FlaskClient) -> None:
    words = "my very own words about neurons"
    response = client.post("/questions", data={"question": words})
    head = Head(client.get(response.headers["Location"]).text)
    assert words not in " ".join(head.meta.values())
    with app.app_context():
        question = db.session.query(QuestionRow).one()
        entry = question.entry_id
        runs = [run.id for run in db.session.query(RunRow)]
    assert entry is None or runs
    for run_id in runs:
        assert words not in client.get(f"/runs/{run_id}").text


@pytest.mark.usefixtures("run")
@pytest.mark.parametrize(
    "path", [f"/entries/{SLUG}", "/runs/finished", f"/oembed?url={ENTRY}", "/runs/finished/card-600.png"]
)
def test_head_answers_like_get(client: FlaskClient, path: str) -> None:
    head, get = client.head(path), client.get(path)
    assert head.status_code == get.status_code == 200
    assert head.headers["Content-Type"] == get.headers["Content-Type"]
    assert head.data == b""


@pytest.mark.usefixtures("run")
@pytest.mark.parametrize(
    ("address", "frame"),
    [
        (ENTRY, f"/embed/{SLUG}"),
        (f"{PUBLIC}/embed/{SLUG}", f"/embed/{SLUG}"),
        (RUN, "/embed/runs/finished"),
        (f"{PUBLIC}/embed/runs/finished", "/embed/runs/finished"),
        (f"{ENTRY}/", f"/embed/{SLUG}"),
        (f"{RUN}/", "/embed/runs/finished"),
        (f"{ENTRY}?utm_source=forum#panel", f"/embed/{SLUG}"),
        (ENTRY.replace("https://ask", "HTTPS://ASK"), f"/embed/{SLUG}"),
    ],
)
def test_the_answer_is_what_the_specification_asks_for(client: FlaskClient, address: str, frame: str) -> None:
    response = client.get("/oembed", query_string={"url": address})
    assert response.headers["Content-Type"] == "application/json"
    told = response.get_json()
    assert told["version"] == "1.0"
    assert told["type"] == "rich"
    assert told["title"] == TITLE
    assert (told["width"], told["height"]) == (690, 520)
    assert f'<iframe src="{PUBLIC}{frame}" width="690" height="520"' in told["html"]
    assert "<script" not in told["html"]
    assert told["provider_url"] == f"{PUBLIC}/"
    assert told["thumbnail_url"] == f"{RUN}/card-1200.png"
    assert (told["thumbnail_width"], told["thumbnail_height"]) == (1200, 630)
    assert client.get(frame).status_code == 200


@pytest.mark.usefixtures("run")
def test_xml_says_the_same(client: FlaskClient) -> None:
    response = client.get("/oembed", query_string={"url": ENTRY, "format": "xml"})
    assert response.mimetype == "text/xml"
    root = ET.fromstring(response.data)  # noqa: S314 - our own
    assert root.tag == "oembed"
    told = client.get("/oembed", query_string={"url": ENTRY, "format": "json"}).get_json()
    assert {each.tag: each.text for each in root} == {name: str(value) for name, value in told.items()}


@pytest.mark.usefixtures("run")
@pytest.mark.parametrize(
    ("asked", "frame", "thumbnail"),
    [
        ({"maxwidth": "690", "maxheight": "520"}, (690, 520), (600, 315)),
        ({"maxwidth": "400"}, (400, 520), (240, 126)),
        ({"maxheight": "300"}, (690, 300), (240, 126)),
        ({"maxwidth": "1200", "maxheight": "629"}, (690, 520), (600, 315)),
        ({"maxwidth": "239"}, (239, 520), None),
        ({"maxwidth": "1", "maxheight": "1"}, (1, 1), None),
        ({"maxwidth": "9" * 5_000, "maxheight": "00700"}, (690, 520), (1200, 630)),
    ],
)
def test_neither_frame_nor_thumbnail_is_larger_than_asked_for(
    client: FlaskClient, asked: dict[str, str], frame: tuple[int, int], thumbnail: tuple[int, int] | None
) -> None:
    told = client.get("/oembed", query_string={"url": RUN, **asked}).get_json()
    assert (told["width"], told["height"]) == frame
    assert f'width="{frame[0]}" height="{frame[1]}"' in told["html"]
    given = [told.get(f"thumbnail_{name}") for name in ("url", "width", "height")]
    assert given == ([f"{RUN}/card-{thumbnail[0]}.png", *thumbnail] if thumbnail else [None] * 3)


@pytest.mark.usefixtures("run")
@pytest.mark.parametrize("name", ["maxwidth", "maxheight"])
@pytest.mark.parametrize("value", ["0", "000", "-1", "1.5", "1e3", "wide", "", " 5", "٣", "0x10", "NaN", "5\n"])
def test_sizes_that_are_none_are_refused(client: FlaskClient, name: str, value: str) -> None:
    response = client.get("/oembed", query_string={"url": ENTRY, name: value})
    assert response.status_code == 400
    assert f"{name} is a whole number" in response.get_json()["error"]


@pytest.mark.usefixtures("run")
@pytest.mark.parametrize("kind", ["yaml", "JSON", "json,xml", "html", "\x00", "x" * 1_000])
def test_formats_that_are_not_spoken(client: FlaskClient, kind: str) -> None:
    response = client.get("/oembed", query_string={"url": ENTRY, "format": kind})
    assert response.status_code == 501
    assert "json or xml" in response.get_json()["error"]


@pytest.mark.usefixtures("run")
@pytest.mark.parametrize(
    "address",
    [
        f"https://evil.example/entries/{SLUG}",
        f"https://ask.example.evil.example/entries/{SLUG}",
        f"https://evil.example/?{ENTRY}",
        f"https://evil.example/#{ENTRY}",
        f"http://ask.example/entries/{SLUG}",
        f"ftp://ask.example/entries/{SLUG}",
        f"//ask.example/entries/{SLUG}",
        f"/entries/{SLUG}",
        SLUG,
        f"https://me@ask.example/entries/{SLUG}",
        f"https://me:word@ask.example/entries/{SLUG}",
        f"https://ask.example@evil.example/entries/{SLUG}",
        f"https://ask.example:80/entries/{SLUG}",
        f"https://ask.example:8000/entries/{SLUG}",
        f"https://ask.example:/entries/{SLUG}",
        f"https://ask.example./entries/{SLUG}",
        f"https://ask.example\\@evil.example/entries/{SLUG}",
        f"https://ask.example\\entries\\{SLUG}",
        f"https:/ask.example/entries/{SLUG}",
        f"https:///ask.example/entries/{SLUG}",
        f"https://127.0.0.1/entries/{SLUG}",
        "https://[::1/entries",
        f" {ENTRY}",
        f"{ENTRY}\n",
        f"https://ask.example/entr\ties/{SLUG}",
        f"https://ask.ex\u200bample/entries/{SLUG}",
        f"https://аsk.example/entries/{SLUG}",
        ENTRY.replace("/", "%2F"),
        ENTRY.replace(":", "%3A").replace("/", "%2F"),
        ENTRY.replace("/", "%252F"),
        "https://ask.example/entries/why%2Dneurons-differ",
        f"https://ask.example/oembed?url={ENTRY}",
        f"{PUBLIC}/entries/../entries/{SLUG}",
        f"{PUBLIC}//entries/{SLUG}",
        f"{ENTRY}//",
        f"{ENTRY}/runs",
        f"{PUBLIC}/entries/none",
        f"{PUBLIC}/entries/{SLUG.upper()}",
        f"{PUBLIC}/entries/",
        f"{PUBLIC}/runs/none",
        f"{PUBLIC}/runs/{'x' * 500}",
        f"{PUBLIC}/runs/finished/panel",
        f"{PUBLIC}/embed/none",
        f"{PUBLIC}/",
        PUBLIC,
        f"{PUBLIC}/api/runs/finished",
        "javascript:alert(1)",
        "file:///etc/passwd",
        f"{ENTRY}?{'x' * 3_000}",
    ],
)  # fmt: skip
def test_addresses_that_are_not_ours_are_unknown(client: FlaskClient, address: str) -> None:
    response = client.get("/oembed", query_string={"url": address})
    assert response.status_code == 404
    assert "this service" in response.get_json()["error"]


def test_an_address_with_the_usual_port_written_out_is_ours(client: FlaskClient) -> None:
    told = client.get("/oembed", query_string={"url": f"https://ask.example:443/entries/{SLUG}"}).get_json()
    assert f'src="{PUBLIC}/embed/{SLUG}"' in told["html"]


def test_a_question_is_private_whether_or_not_it_exists(client: FlaskClient) -> None:
    mine = client.post("/questions", data={"question": "Why do neurons differ?"}).headers["Location"]
    for path in (mine, "/questions/AAAAAAAAAAAAAAAAAAAAAA"):
        response = client.get("/oembed", query_string={"url": f"{PUBLIC}{path}"})
        assert response.status_code == 401
        assert (
            response.get_json()["error"]
            == client.get("/oembed", query_string={"url": f"{PUBLIC}/questions/x"}).get_json()["error"]
        )


@pytest.mark.parametrize("query", ["", "?url=", "?url=%20", "?format=json"])
def test_an_address_has_to_be_given(client: FlaskClient, query: str) -> None:
    response = client.get(f"/oembed{query}")
    assert response.status_code == 400
    assert "Give an address" in response.get_json()["error"]


def test_titles_are_shown_and_never_run(app: Flask, client: FlaskClient, run: str) -> None:
    title = 'Why "a < b" & <script>alert(1)</script>\x0c? ' + "Because of a long title. " * 5
    with app.app_context():
        republish(SLUG, title=title)
    for path in (f"/entries/{SLUG}", f"/embed/{SLUG}", f"/runs/{run}"):
        assert "<script>alert" not in client.get(path).text
    told = client.get("/oembed", query_string={"url": ENTRY}).get_json()
    assert len(told["title"]) <= 80
    assert told["title"].endswith("…")
    assert "<script>" not in told["html"]
    root = ET.fromstring(client.get("/oembed", query_string={"url": ENTRY, "format": "xml"}).data)  # noqa: S314 - our own
    assert root.findtext("title") == told["title"]
    assert json.dumps(told)


@pytest.mark.parametrize(
    ("text", "longest", "short"),
    [
        ("one two", 7, "one two"),
        ("one two three", 9, "one two…"),
        ("one, two", 6, "one…"),
        ("x" * 20, 5, "xxxx…"),
        ("a\x00b\ud800 c", 9, "ab c"),
        ("", 5, ""),
    ],
)
def test_texts_are_cut_at_a_word(text: str, longest: int, short: str) -> None:
    assert shorten(text, longest) == short
