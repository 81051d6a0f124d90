"""Cards: drawn from what is stored, one after the other, and always one to show."""

import struct
from collections.abc import Callable, Iterator
from datetime import timedelta
from io import BytesIO
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageStat
from sqlalchemy import event

from assistant.database import db, now
from assistant.forum import cards, queries
from assistant.forum.preview import SIZES, Card
from assistant.forum.tables import CardRow
from assistant.library.claims import Claim
from assistant.library.findings import Finding
from assistant.runs.evidence.verdicts import Verdict
from assistant.runs.tables import FigureRow, RunRow
from tests.assistant.conftest import republish
from tests.assistant.forum.conftest import SLUG, SVG, TITLE
from tests.conftest import ROOT

pytestmark = pytest.mark.slow

Store = Callable[..., str]
CLAIM = Claim(text="Most networks find two lines.", finding="two", at_least=0.5)
VERDICT = Verdict(
    claim=CLAIM,
    finding=Finding(kind="share", label="networks with two lines", value=0.5, count=53, of=64),
    held=True,
)


def verdict(text: str, *, held: bool = True) -> Verdict:
    """Return the same of another sentence, however it may read."""
    claim = CLAIM.model_copy(update={"text": text})
    return VERDICT.model_copy(update={"claim": claim, "held": held})


def size(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def ink(picture: Image.Image, box: tuple[int, int, int, int], colour: tuple[int, int, int]) -> int:
    """Return how many pixels of a part of a picture are of a colour."""
    return sum(count for count, found in picture.crop(box).convert("RGB").getcolors(10**6) or [] if found == colour)


@pytest.fixture
def inside(app: Flask) -> Iterator[Flask]:
    with app.app_context():
        yield app


def drawn() -> list[str]:
    """Draw all cards that are wanted, and return the runs in the order of their drawing."""
    found = []
    while (run_id := queries.next_run_without_card()) is not None:
        assert cards.draw_next()
        found.append(run_id)
    assert not cards.draw_next()
    return found


@pytest.mark.usefixtures("inside")
def test_cards_are_drawn_once_the_newest_run_first(store: Store) -> None:
    for at, name in enumerate(("oldest", "older", "newest")):
        store(name, finished_at=now() - timedelta(days=9 - at))
    store("waiting", state="waiting", finished_at=None, verdicts=None)
    assert drawn() == ["newest", "older", "oldest"]
    rows = db.session.query(CardRow).filter_by(run_id="older").order_by(CardRow.width.desc()).all()
    assert [(row.width, row.title) for row in rows] == [(width, TITLE) for width, _ in SIZES]
    assert [size(row.png or b"") for row in rows] == list(SIZES)


def test_all_runs_are_looked_at_only_when_a_card_may_be_wanted(store: Store, inside: Flask) -> None:  # noqa: ARG001
    asked: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda _c, _u, statement, *_: asked.append(statement))

    def looks() -> int:
        found = sum("NOT IN (SELECT cards" in " ".join(each.split()) for each in asked)
        asked.clear()
        return found

    store("first")
    assert cards.draw_next()
    assert not cards.draw_next()
    assert looks() == 2
    assert not cards.draw_next()
    assert looks() == 0
    store("second")
    assert drawn() == ["second"]
    republish("why-neurons-differ", title="Why do they differ at all?")
    assert set(drawn()) == {"first", "second"}
    looks()
    assert not cards.draw_next()
    assert looks() == 0


def test_a_card_shows_title_verdict_and_figure() -> None:
    # The same numbers, and one thing changed at a time: what it is about must be seen in the picture.
    pictures = {}
    for name, title, held, figure in (
        ("all", "Why do neurons differ?", True, (SVG, 331.0, 252.0)),
        ("no title", "", True, (SVG, 331.0, 252.0)),
        ("failed", "Why do neurons differ?", False, (SVG, 331.0, 252.0)),
        ("no figure", "Why do neurons differ?", True, None),
    ):
        card = Card(title, [verdict(CLAIM.text, held=held)] * 3, 64, now(), figure)
        pictures[name] = Image.open(BytesIO(cards.draw(card)[1200]))
    text, right = (56, 100, 640, 612), (690, 60, 1144, 580)
    green, red, blue = (11, 110, 79), (179, 38, 30), (31, 95, 191)
    assert ink(pictures["all"], text, (31, 36, 41)) > ink(pictures["no title"], text, (31, 36, 41)) + 5_000
    assert ink(pictures["all"], text, green) > 3_000
    assert ink(pictures["all"], text, red) == 0
    assert ink(pictures["failed"], text, red) > 3_000
    assert ink(pictures["all"], right, blue) > 100_000  # its colour on a light page
    assert ink(pictures["no figure"], right, blue) == 0


def test_what_failed_is_told_before_what_held() -> None:
    other = verdict("Few find one.", held=False)
    svg = cards.compose(Card("Why?", [VERDICT, other], 64, now(), None))
    assert "1 of 2 claims held" in svg
    assert "53 of 64 networks" in svg
    assert svg.index("Few find one.") < svg.index("Most networks find two lines.")


def test_what_failed_is_told_even_where_there_is_little_room() -> None:
    failed = verdict("A claim of many words, " * 12, held=False)
    svg = cards.compose(Card("Why? " * 40, [VERDICT, failed], 64, now(), (SVG, 331.0, 252.0), "With rate 0.3."))
    assert "A claim of many words" in svg
    assert "Most networks find two lines." not in svg


def test_what_a_learner_changed_stands_on_the_card() -> None:
    svg = cards.compose(Card("Why?", [VERDICT], 64, now(), None, "With rate 0.3 instead of 0.01."))
    assert "With rate 0.3 instead of 0.01." in svg


def test_a_varied_runs_card_stands_in_for_no_other(store: Store, inside: Flask) -> None:
    varied = {"changes": [{"parameter": "rate", "value": 0.3, "own": 0.01}], "beside": None}
    store("varied", evidence=False, varied=varied, finished_at=now())
    drawn()
    store("plain")
    client = inside.test_client()
    own = client.get("/runs/varied/card-600.png").data
    db.session.rollback()
    assert client.get("/runs/plain/card-600.png").data != own


def test_half_a_claim_is_never_told_as_if_it_were_the_whole() -> None:
    long = verdict("A claim of many words, " * 12 + "and an exception.")
    svg = cards.compose(Card("Why?", [long, VERDICT], 64, now(), None))
    assert "A claim of many words" not in svg
    assert "Most networks find two lines." in svg


@given(st.text(max_size=300), st.text(max_size=300))
def test_any_text_becomes_a_picture_that_keeps_it_on_the_card(title: str, claim: str) -> None:
    card = Card(title, [verdict(claim)], 64, now(), (SVG, 331.0, 252.0))
    root = ET.fromstring(cards.compose(card))  # noqa: S314 - our own
    texts = [each for each in root.iter("{http://www.w3.org/2000/svg}text") if each.text]
    places = [float(each.get("y", "")) for each in texts]
    assert all(upper <= lower for upper, lower in pairwise(places))
    assert places[-1] <= cards.LOWEST
    for each in texts:
        font = cards._font_for_measuring(bold=each.get("font-weight") == "700")
        assert font.getlength(each.text or "") * float(each.get("font-size", "")) / 100 <= cards.WIDTH - 2 * cards.EDGE


def test_an_entry_without_figures_has_a_card(store: Store, inside: Flask) -> None:
    store("bare", figures=[], verdicts=[])
    assert drawn() == ["bare"]
    assert inside.test_client().get("/runs/bare/card-1200.png").status_code == 200


@pytest.mark.usefixtures("inside")
def test_a_card_is_drawn_anew_when_the_entrys_title_changes(store: Store) -> None:
    store("one")
    assert drawn() == ["one"]
    republish(SLUG, title="Why do neurons differ?")
    assert drawn() == ["one"]


@pytest.mark.usefixtures("inside")
def test_a_card_that_cannot_be_drawn_holds_up_no_other(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    store("good", finished_at=now() - timedelta(days=2))
    store("bad", finished_at=now())
    db.session.query(FigureRow).filter_by(run_id="bad").update({"width": 0, "height": 0})
    db.session.commit()
    assert drawn() == ["bad", "good"]
    assert "bad could not be drawn" in caplog.text


def test_there_is_always_a_card_to_show(store: Store, inside: Flask) -> None:
    client = inside.test_client()

    def shown(run_id: str) -> tuple[bytes, str]:
        db.session.rollback()
        response = client.get(f"/runs/{run_id}/card-600.png")
        assert response.status_code == 200
        assert response.mimetype == "image/png"
        assert size(response.data) == (600, 315)
        return response.data, response.headers["Cache-Control"]

    store("first", finished_at=now() - timedelta(days=3))
    default, policy = shown("first")
    assert policy == "no-cache"
    drawn()
    first, policy = shown("first")
    assert first != default
    assert "max-age" in policy
    store("second", failing=1)
    assert shown("second") == (first, "no-cache")
    drawn()
    assert shown("second")[0] not in {first, default}
    store("other-entry", slug="two-neurons-one-line")
    assert shown("other-entry") == (default, "no-cache")


def test_a_card_is_not_sent_twice_to_who_has_it(store: Store, inside: Flask) -> None:
    store("one")
    drawn()
    client = inside.test_client()
    etag = client.get("/runs/one/card-600.png").headers["ETag"]
    db.session.rollback()
    assert client.get("/runs/one/card-600.png", headers={"If-None-Match": etag}).status_code == 304


@pytest.mark.parametrize(
    "path", ["/runs/none/card-600.png", "/runs/finished/card-601.png", "/runs/finished/card--1.png"]
)
@pytest.mark.usefixtures("run")
def test_cards_that_there_are_not(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_the_card_that_stands_in_is_up_to_date() -> None:
    for width, png in cards.stand_in().items():
        kept = ROOT / "assistant" / "static" / f"card-{width}.png"
        # Another processor may round a shade in another way.
        pictures = [Image.open(BytesIO(each)).convert("L") for each in (kept.read_bytes(), png)]
        difference = ImageChops.difference(*pictures)
        assert ImageStat.Stat(difference).mean[0] < 0.5


def test_pruning_drops_old_cards_for_good(store: Store, inside: Flask) -> None:
    store("old", finished_at=now() - timedelta(days=100))
    store("latest", finished_at=now() - timedelta(days=99))
    drawn()
    result = inside.test_cli_runner().invoke(args=["runs", "prune", "--older-than", "30"])
    assert result.exit_code == 0, result.output
    assert "dropped 4 pictures" in result.output  # a figure, and a card in three widths
    assert drawn() == []
    db.session.expire_all()
    assert {row.run_id for row in db.session.query(CardRow).where(CardRow.png.is_not(None))} == {"latest"}
    assert db.session.query(FigureRow).where(FigureRow.svg.is_not(None)).count() == 1
    db.session.rollback()
    old = inside.test_client().get("/runs/old/card-1200.png").data
    db.session.rollback()
    assert old == inside.test_client().get("/runs/latest/card-1200.png").data


@pytest.mark.usefixtures("inside")
def test_cards_go_with_their_runs(store: Store) -> None:
    store("one")
    drawn()
    db.session.delete(db.session.get_one(RunRow, "one"))
    db.session.commit()
    assert db.session.query(CardRow).count() == 0
