"""Guessing at passwords: what is counted, what is slowed down, and who is not locked out by it."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from assistant.database import db
from assistant.rate_limits import RateRow
from tests.assistant.admin.conftest import SESAME, Desk, form_in

pytestmark = pytest.mark.slow

WRONG = "no horse battery"


@pytest.mark.usefixtures("teachers")
def test_guessing_is_slowed_down_for_the_account_and_then_for_the_right_password_too(client: FlaskClient) -> None:
    form = form_in(client.get("/admin/sign-in"), "/admin/sign-in")
    guesses = [form | {"name": name, "password": f"guess {at}"} for at, name in enumerate(("ada", "Ada", "ADA ") * 4)]
    statuses = [client.post("/admin/sign-in", data=guess).status_code for guess in guesses]
    assert statuses == [401] * 10 + [429] * 2
    answer = client.post("/admin/sign-in", data=form | {"name": "Ada", "password": SESAME})
    assert answer.status_code == 429
    assert "quarter of an hour" in answer.text
    assert client.post("/admin/sign-in", data=form | {"name": "Bo", "password": SESAME}).status_code == 303


@pytest.mark.usefixtures("teachers")
@pytest.mark.parametrize(("name", "let_through"), [("Ada", 10), ("n{}", 50)], ids=["account", "address"])
def test_guesses_that_come_all_at_once_are_each_counted(
    app: Flask, monkeypatch: pytest.MonkeyPatch, name: str, let_through: int
) -> None:
    """Each comes while the password of the one before is being verified."""
    guesser = app.test_client()
    form = form_in(guesser.get("/admin/sign-in"), "/admin/sign-in")
    cookie = guesser.get_cookie("askneuron_teacher", path="/admin")
    assert cookie is not None
    verified: list[str] = []
    statuses: list[int] = []

    def guess() -> None:
        client = app.test_client()
        client.set_cookie("askneuron_teacher", cookie.value, path="/admin")
        sent = form | {"name": name.format(len(verified)), "password": f"guess {len(verified)}"}
        statuses.append(client.post("/admin/sign-in", data=sent).status_code)

    def verify(_hashed: str, password: str) -> bool:
        verified.append(password)
        if len(verified) < let_through + 5:
            guess()
        return False

    monkeypatch.setattr("assistant.accounts.passwords.verify", verify)
    guess()
    assert len(verified) == let_through
    assert statuses == [429] + [401] * let_through


@pytest.mark.usefixtures("teachers")
def test_sign_ins_that_succeed_are_not_counted(app: Flask) -> None:
    client = app.test_client()
    for _ in range(12):
        form = form_in(client.get("/admin/sign-in"), "/admin/sign-in")
        client.delete_cookie("askneuron_known", path="/admin")
        assert client.post("/admin/sign-in", data={"name": "Ada", "password": SESAME}).status_code == 400  # no token
        assert client.post("/admin/sign-in", data=form | {"name": "Ada", "password": SESAME}).status_code == 303
    with app.app_context():
        assert {row.count for row in db.session.scalars(select(RateRow))} == {0}


@pytest.mark.usefixtures("teachers")
@pytest.mark.parametrize("name", ["Ada{}", "{}ADA", "\N{NO-BREAK SPACE}{}Ada\t", "Ada{}\n", "Ada{:>300}"])
def test_a_name_padded_with_blanks_is_no_other_account(client: FlaskClient, name: str) -> None:
    """Also where what tells the names apart is cut off before the account is looked up."""
    form = form_in(client.get("/admin/sign-in"), "/admin/sign-in")
    for at in range(12):
        padded = name.format(f"{at}" if ">" in name else " " * at)
        client.post("/admin/sign-in", data=form | {"name": padded, "password": f"guess {at}"})
    assert client.post("/admin/sign-in", data=form | {"name": "Ada", "password": SESAME}).status_code == 429


def test_guesses_elsewhere_do_not_lock_a_teacher_out_of_a_browser_they_have_used(app: Flask, ada: Desk) -> None:
    guesser = app.test_client()
    form = form_in(guesser.get("/admin/sign-in"), "/admin/sign-in")
    for name in ["Ada"] * 20 + [f"n{at}" for at in range(50)]:
        guesser.post("/admin/sign-in", data=form | {"name": name, "password": "guess"})
    assert guesser.post("/admin/sign-in", data=form | {"name": "Ada", "password": SESAME}).status_code == 429
    ada.send("/admin/", "/admin/sign-out")
    assert ada.send("/admin/sign-in", "/admin/sign-in", name="Ada", password=WRONG).status_code == 401
    assert ada.send("/admin/sign-in", "/admin/sign-in", name="Ada", password=SESAME).status_code == 303
    ada.send("/admin/", "/admin/sign-out")
    statuses = [ada.send("/admin/sign-in", "/admin/sign-in", name="Ada", password=WRONG).status_code for _ in range(11)]
    assert statuses.count(429) == 2  # one failed before


@pytest.mark.usefixtures("teachers")
def test_a_cookie_that_was_made_up_or_is_another_teachers_is_no_known_browser(app: Flask, bo: Desk) -> None:
    known = bo.client.get_cookie("askneuron_known", path="/admin")
    assert known is not None
    for value in ("x", "", known.value[:-2], known.value):
        guesser = app.test_client()
        guesser.set_cookie("askneuron_known", value, path="/admin")
        form = form_in(guesser.get("/admin/sign-in"), "/admin/sign-in")
        for _ in range(3):
            guesser.post("/admin/sign-in", data=form | {"name": "Ada", "password": "guess"})
    assert guesser.post("/admin/sign-in", data=form | {"name": "Ada", "password": SESAME}).status_code == 429


@pytest.mark.parametrize(
    "onward", ["http://[", "//[", "https://evil.example/admin", "//evil.example/admin", "/administrator"]
)
@pytest.mark.usefixtures("teachers")
def test_only_teachers_pages_are_gone_on_to(client: FlaskClient, onward: str) -> None:
    form = form_in(client.get("/admin/sign-in", query_string={"next": onward}), "/admin/sign-in")
    answer = client.post("/admin/sign-in", data=form | {"name": "Ada", "password": SESAME})
    assert answer.headers["Location"] == "/admin/"


def test_guessing_at_many_accounts_is_slowed_down_by_address(client: FlaskClient) -> None:
    form = form_in(client.get("/admin/sign-in"), "/admin/sign-in")
    statuses = [
        client.post("/admin/sign-in", data=form | {"name": f"n{at}", "password": "x"}).status_code for at in range(52)
    ]
    assert statuses == [401] * 50 + [429] * 2
