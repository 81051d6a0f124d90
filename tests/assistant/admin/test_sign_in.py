"""Signing in and out, and everything that somebody else might try."""

import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from assistant import create_app
from assistant.accounts import accounts
from assistant.accounts.tables import SignInRow, TeacherRow
from assistant.audit.tables import AuditRow
from assistant.database import db, now
from assistant.errors import InvalidInputError
from tests.assistant.admin.conftest import EDIT, SESAME, Desk, SignIn, form_in
from tests.conftest import settings_in

pytestmark = pytest.mark.slow

LEARNERS = ("/", "/entries", "/entries/why-neurons-differ", "/?q=why", "/suggestions?question=why", "/static/style.css")
TEACHERS = ("/admin/", EDIT, "/admin/entries/new", "/admin/accounts", "/admin/audit", "/admin/password")
WRONG = "no horse battery"
OWNERS = ("/admin/accounts", "/admin/audit")


def cookie_of(desk: Desk) -> str:
    found = desk.client.get_cookie("askneuron_teacher", path="/admin")
    return found.value if found is not None else ""


@pytest.mark.parametrize("path", LEARNERS)
def test_learners_get_no_cookie_and_their_pages_do_not_depend_on_one(client: FlaskClient, path: str) -> None:
    with client.get(path) as answer:
        assert answer.status_code == 200
        assert "Set-Cookie" not in answer.headers
        assert "Cookie" not in answer.headers.get("Vary", "")


def test_asking_sets_no_cookie_either(client: FlaskClient) -> None:
    for answer in (
        client.post("/questions", data={"question": "why?"}),
        client.post("/api/questions", json={"question": "why?"}),
        client.post("/entries/why-neurons-differ/runs"),
    ):
        assert answer.status_code < 400
        assert "Set-Cookie" not in answer.headers


def test_a_teachers_cookie_stays_on_the_teachers_pages(ada: Desk) -> None:
    assert ada.get("/admin/").status_code == 200
    answer = ada.get("/entries/why-neurons-differ")
    assert "Set-Cookie" not in answer.headers
    assert "HTTP_COOKIE" not in answer.request.environ


@pytest.mark.usefixtures("teachers")
@pytest.mark.parametrize("path", TEACHERS)
def test_a_page_of_teachers_leads_to_the_sign_in_and_back(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 303
    page = client.get(answer.headers["Location"])
    assert form_in(page, "/admin/sign-in")["next"] == path
    data = form_in(page, "/admin/sign-in") | {"name": "Ada", "password": SESAME}
    assert client.post("/admin/sign-in", data=data).headers["Location"] == path


@pytest.mark.usefixtures("teachers")
@pytest.mark.parametrize(
    "onward", ["https://evil.example/", "//evil.example/admin", "/\\evil.example", "/admin\\@evil", "x"]
)
def test_the_sign_in_leads_to_no_other_place(client: FlaskClient, onward: str) -> None:
    data = form_in(client.get("/admin/sign-in"), "/admin/sign-in")
    data |= {"name": "Ada", "password": SESAME, "next": onward}
    assert client.post("/admin/sign-in", data=data).headers["Location"] == "/admin/"


def test_the_cookie_is_out_of_reach_of_scripts_other_sites_and_plain_http(data_dir: Path) -> None:
    client = create_app(settings_in(data_dir, public_url="https://ask.example")).test_client()
    cookie = client.get("/admin/sign-in", base_url="https://ask.example").headers["Set-Cookie"]
    for flag in ("HttpOnly", "Secure", "SameSite=Lax", "Path=/admin"):
        assert flag in cookie


@pytest.mark.usefixtures("teachers")
def test_a_session_that_somebody_else_prepared_is_worth_nothing_after_the_sign_in(app: Flask) -> None:
    """Session fixation: the attacker plants a session of their own in the teacher's browser before they sign in."""
    attacker, victim = app.test_client(), app.test_client()
    token = form_in(attacker.get("/admin/sign-in"), "/admin/sign-in")["csrf_token"]
    planted = attacker.get_cookie("askneuron_teacher", path="/admin")
    assert planted is not None
    victim.set_cookie("askneuron_teacher", planted.value, path="/admin")
    answer = victim.post("/admin/sign-in", data={"csrf_token": token, "name": "Ada", "password": SESAME})
    assert answer.status_code == 303
    assert attacker.get("/admin/").status_code == 303
    fresh = victim.get_cookie("askneuron_teacher", path="/admin")
    assert fresh is not None
    assert fresh.value != planted.value
    page = victim.get("/admin/")
    assert page.status_code == 200
    assert victim.post("/admin/sign-out", data={"csrf_token": token}).status_code == 403


def test_signing_out_ends_copies_of_the_cookie_too(app: Flask, ada: Desk) -> None:
    thief = app.test_client()
    thief.set_cookie("askneuron_teacher", cookie_of(ada), path="/admin")
    assert thief.get("/admin/").status_code == 200
    assert ada.send("/admin/", "/admin/sign-out").status_code == 303
    assert thief.get("/admin/").status_code == 303


def test_a_new_password_signs_everybody_out(sign_in: SignIn) -> None:
    first, second = sign_in("Bo"), sign_in("Bo")
    new = "another good password"
    for typed, told in (
        ({"old": "wrong", "new": new, "again": new}, "present password is not right"),
        ({"old": SESAME, "new": new, "again": "x"}, "same way twice"),
        ({"old": SESAME, "new": "short", "again": "short"}, "10 to 200 characters"),
    ):
        page = first.send("/admin/password", "/admin/password", **typed)
        assert page.status_code == 422
        assert told in page.text
    assert first.send("/admin/password", "/admin/password", old=SESAME, new=new, again=new).status_code == 303
    assert first.get("/admin/").status_code == second.get("/admin/").status_code == 303
    assert first.send("/admin/sign-in", "/admin/sign-in", name="bo", password=SESAME).status_code == 401
    assert first.send("/admin/sign-in", "/admin/sign-in", name="bo", password=new).status_code == 303


def test_sessions_end_by_age_whatever_their_teacher_does(app: Flask, ada: Desk) -> None:
    with app.app_context():
        hours = app.config["SETTINGS"].session_hours
        long_ago = now().replace(year=now().year - 1)
        assert hours < 24 * 365
        db.session.execute(update(SignInRow).values(created_at=long_ago))
        db.session.commit()
    assert ada.get("/admin/").status_code == 303


def test_sessions_end_when_nothing_happens(app: Flask, ada: Desk) -> None:
    app.config["PERMANENT_SESSION_LIFETIME"] = -1  # The last request is longer ago than that.
    assert ada.get("/admin/").status_code == 303


def test_passwords_and_tokens_are_stored_as_hashes_only(app: Flask, data_dir: Path, ada: Desk) -> None:  # noqa: ARG001
    with app.app_context():
        assert all(row.password.startswith("$argon2id$") for row in db.session.scalars(select(TeacherRow)))
    stored = b"".join(path.read_bytes() for path in data_dir.glob("askneuron.sqlite*"))
    assert SESAME.encode() not in stored
    assert b"$argon2id$" in stored


def test_a_closed_account_cannot_sign_in_and_is_signed_out(ada: Desk, bo: Desk) -> None:
    answer = ada.send("/admin/accounts", "/admin/accounts/Bo", action="close")
    assert answer.status_code == 303
    assert bo.get("/admin/").status_code == 303
    assert bo.send("/admin/sign-in", "/admin/sign-in", name="Bo", password=SESAME).status_code == 401


@pytest.mark.parametrize("path", OWNERS)
def test_editors_do_not_reach_owners_pages(ada: Desk, bo: Desk, path: str) -> None:
    assert ada.get(path).status_code == 200
    answer = bo.get(path)
    assert answer.status_code == 403
    assert "Only owners" in answer.text
    assert path not in bo.get("/admin/").text


@pytest.mark.parametrize("path", ["/admin/accounts", "/admin/accounts/Bo", "/admin/accounts/Ada"])
def test_editors_cannot_change_accounts(app: Flask, bo: Desk, path: str) -> None:
    token = form_in(bo.get("/admin/"), "/admin/sign-out")["csrf_token"]
    data = {"csrf_token": token, "action": "role", "role": "owner", "name": "Dee"}
    assert bo.client.post(path, data=data).status_code == 403
    with app.app_context():
        roles = {row.name: row.role for row in db.session.scalars(select(TeacherRow))}
    assert roles == {"Ada": "owner", "Bo": "editor", "Cy": "editor"}


@pytest.mark.parametrize("action", ["close", "role"])
def test_one_owner_always_stays(ada: Desk, action: str) -> None:
    answer = ada.send("/admin/accounts", "/admin/accounts/Ada", action=action)
    assert answer.status_code == 422
    assert "only owner" in answer.text


def test_an_owner_adds_an_account_that_can_sign_in(app: Flask, ada: Desk) -> None:
    page = ada.send("/admin/accounts", "/admin/accounts", name="Dee <b>Dee</b>", role="editor")
    password = re.search(r"<code>([a-z0-9-]+)</code>", page.text)
    assert password is not None
    assert "<b>Dee" not in page.text
    dee = Desk(app.test_client())
    answer = dee.send("/admin/sign-in", "/admin/sign-in", name="Dee <b>Dee</b>", password=password[1])
    assert answer.status_code == 303
    assert "<b>Dee" not in dee.get("/admin/").text
    assert password[1] not in ada.get("/admin/audit").text


def test_an_owner_who_takes_a_new_password_is_told_it_under_its_own_heading(ada: Desk) -> None:
    page = ada.send("/admin/accounts", "/admin/accounts/Ada", action="password")
    assert "<h1>You have a new password</h1>" in page.text
    assert "Sign out" not in page.text  # The sign-in is over.
    password = re.search(r"<code>([a-z0-9-]+)</code>", page.text)
    assert password is not None
    assert ada.get("/admin/").status_code == 303
    answer = ada.send("/admin/sign-in", "/admin/sign-in", name="Ada", password=password[1])
    assert answer.status_code == 303


def test_a_form_of_an_earlier_session_is_headed_by_what_happened(ada: Desk) -> None:
    stale = ada.client.post("/admin/accounts", data={"csrf_token": "x", "name": "Dee"})
    assert stale.status_code == 403
    assert "<h1>Nothing was changed</h1>" in stale.text


@pytest.mark.parametrize("path", ["/admin/sign-out", "/admin/accounts", EDIT, "/admin/password", "/admin/preview"])
def test_forms_without_the_sessions_token_change_nothing(app: Flask, ada: Desk, path: str) -> None:
    other = form_in(app.test_client().get("/admin/sign-in"), "/admin/sign-in")["csrf_token"]
    for token in ({}, {"csrf_token": "x"}, {"csrf_token": other}):
        assert ada.client.post(path, data={"name": "Dee", **token}).status_code == 403
    assert ada.get("/admin/").status_code == 200
    assert "Dee" not in ada.get("/admin/accounts").text


@pytest.mark.usefixtures("teachers")
def test_the_sign_in_itself_asks_for_its_token(client: FlaskClient) -> None:
    assert client.post("/admin/sign-in", data={"name": "Ada", "password": SESAME}).status_code == 400


def test_other_sites_cannot_send_teachers_forms(ada: Desk) -> None:
    data = form_in(ada.get("/admin/"), "/admin/sign-out")
    headers = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    assert ada.client.post("/admin/sign-out", data=data, headers=headers).status_code == 403


def test_every_change_of_accounts_is_in_the_log(app: Flask, ada: Desk) -> None:
    ada.send("/admin/accounts", "/admin/accounts/Bo", action="role", role="owner")
    ada.send("/admin/accounts", "/admin/accounts/Bo", action="password")
    page = ada.get("/admin/audit").text
    for told in ("added an account", "signed in", "editor to owner", "changed a password"):
        assert told in page
    with app.app_context():
        row = db.session.scalars(select(AuditRow)).first()
        assert row is not None
        row.who = "nobody"
        with pytest.raises(RuntimeError, match="only ever added"):
            db.session.commit()


@pytest.mark.parametrize("added", ["Zo\N{LATIN SMALL LETTER E WITH DIAERESIS}", "Zoe\N{COMBINING DIAERESIS}"])
def test_an_accent_is_the_same_however_it_is_typed(app: Flask, added: str) -> None:
    with app.app_context():
        accounts.add(added, "owner", SESAME, by="test")
    for name in ("zo\N{LATIN SMALL LETTER E WITH DIAERESIS}", "ZOE\N{COMBINING DIAERESIS}"):
        desk = Desk(app.test_client())
        assert desk.send("/admin/sign-in", "/admin/sign-in", name=name, password=SESAME).status_code == 303
        with app.app_context(), pytest.raises(InvalidInputError, match="already"):
            accounts.add(name, "editor", SESAME, by="test")


def test_accounts_from_the_command_line(app: Flask) -> None:
    run = app.test_cli_runner().invoke
    made = run(args=["admin", "add", "Ada", "--role", "owner"])
    assert made.exit_code == 0, made.output
    password = made.output.split("password: ")[1].strip()
    desk = Desk(app.test_client())
    assert desk.send("/admin/sign-in", "/admin/sign-in", name="Ada", password=password).status_code == 303
    given = run(args=["admin", "password", "Ada", "--password-stdin"], input="the one that I typed\n")
    assert given.exit_code == 0, given.output
    assert "the one" not in given.output
    assert desk.get("/admin/").status_code == 303
    for args, told in (
        (["add", "ada"], "already"),
        (["add", "x" * 61], "1 to 60 characters"),
        (["password", "Nobody"], "no account"),
        (["close", "Ada"], "only owner"),
    ):
        refused = run(args=["admin", *args])
        assert refused.exit_code == 1
        assert told in refused.output
    short = run(args=["admin", "add", "Bo", "--password-stdin"], input="short\n")
    assert short.exit_code == 1
    assert "10 to 200" in short.output
    assert run(args=["admin", "list"]).output == "Ada\towner\n"
