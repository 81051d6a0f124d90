"""The service below a path of another site: every link, form, cookie, frame and oEmbed answer."""

import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from assistant import create_app
from assistant.accounts import accounts
from tests.assistant.forum.conftest import SLUG, store_run
from tests.conftest import settings_in

pytestmark = pytest.mark.slow

PUBLIC = "https://uni.example/course/ask"
PREFIX = "/course/ask"


@pytest.fixture
def app(data_dir: Path) -> Flask:
    """The service below a path."""
    app = create_app(settings_in(data_dir, public_url=PUBLIC, embed_origins="https://forum.example"))
    with app.app_context():
        store_run("finished")
    return app


@pytest.fixture(params=["kept", "taken off"])
def prefix(request: pytest.FixtureRequest) -> str:
    """What the proxy sends before each path: it may keep PUBLIC_URL's or take it off."""
    return PREFIX if request.param == "kept" else ""


PAGES = (
    "/",
    "/?q=why+do+neurons+differ",
    "/entries",
    f"/entries/{SLUG}",
    "/runs/finished",
    "/forum",
    "/admin/sign-in",
    "/none",
)
FRAMES = (f"/embed/{SLUG}", "/embed/runs/finished", "/embed/none")


@pytest.mark.parametrize("path", [*PAGES, *FRAMES])
def test_every_address_in_a_page_lies_below_the_path_and_answers(client: FlaskClient, prefix: str, path: str) -> None:
    text = client.get(prefix + path).text.replace("entries/NAME", f"entries/{SLUG}")  # an example, on the staff's page
    found = re.findall(r'\b(?:href|src|action|hx-get|hx-post|beside)="([^"]*)"', text)
    assert found
    for address in found:
        local = address.removeprefix("https://uni.example")
        if re.match(r"[a-z]+:|#", local) or not local:
            continue
        assert local.startswith((f"{PREFIX}/", "?")), address
        if local.startswith(PREFIX):
            with client.get(local.partition("#")[0].replace("&amp;", "&")) as answer:
                assert answer.status_code in {200, 405}, address  # forms are sent by POST


def test_oembed_knows_its_own_addresses_and_frames(client: FlaskClient, prefix: str) -> None:
    told = client.get(f"{prefix}/oembed", query_string={"url": f"{PUBLIC}/entries/{SLUG}"}).get_json()
    assert f'src="{PUBLIC}/embed/{SLUG}"' in told["html"]
    assert told["thumbnail_url"] == f"{PUBLIC}/runs/finished/card-1200.png"
    assert told["provider_url"] == f"{PUBLIC}/"
    elsewhere = client.get("/oembed", query_string={"url": f"https://uni.example/entries/{SLUG}"})
    assert elsewhere.status_code == 404
    checked = client.get("/forum", query_string={"address": f"{PUBLIC}/entries/{SLUG}"}).text
    assert "A frame, where the forum allows it" in checked


def test_what_is_pasted_names_the_path(client: FlaskClient) -> None:
    page = client.get(f"/entries/{SLUG}").text
    assert f"data-askneuron=&#34;{SLUG}&#34;" in page or f'data-askneuron="{SLUG}"' in page
    assert f"{PUBLIC}/static/embed.js" in page
    assert f"open(&#34;{PUBLIC}/?q=" in client.get("/forum").text


def test_asking_and_the_api_lead_below_the_path(client: FlaskClient, prefix: str) -> None:
    asked = client.post(f"{prefix}/questions", data={"question": "why do neurons differ?"})
    assert asked.headers["Location"].startswith(f"{PREFIX}/questions/")
    assert client.get(asked.headers["Location"]).status_code == 200
    told = client.post(f"{prefix}/api/questions", json={"question": "why do neurons differ?"}).get_json()
    assert told["question_url"].startswith(f"{PUBLIC}/questions/")


def test_teachers_sign_in_below_the_path_and_go_on_to_where_they_wanted(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        accounts.add("Ada", "owner", "correct horse battery", by="test")
    sent_away = client.get(f"{PREFIX}/admin/questions?show=all", base_url="https://uni.example")
    assert sent_away.headers["Location"].startswith(f"{PREFIX}/admin/sign-in?next=")
    form = client.get(sent_away.headers["Location"], base_url="https://uni.example")
    assert f"Path={PREFIX}/admin" in form.headers["Set-Cookie"]
    token = re.search(r'name="csrf_token" value="([^"]+)"', form.text)
    onward = re.search(r'name="next" value="([^"]*)"', form.text)
    assert token is not None
    assert onward is not None
    sent = {"name": "Ada", "password": "correct horse battery", "csrf_token": token[1], "next": onward[1]}
    headers = {"Referer": f"{PUBLIC}/admin/sign-in"}
    answer = client.post(f"{PREFIX}/admin/sign-in", data=sent, base_url="https://uni.example", headers=headers)
    assert answer.headers["Location"] == f"{PREFIX}/admin/questions?show=all"
    assert client.get(answer.headers["Location"], base_url="https://uni.example").status_code == 200
