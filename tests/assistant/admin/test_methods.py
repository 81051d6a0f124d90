"""What each address answers to methods that no form and no link sends."""

from collections.abc import Iterator

import pytest
from flask import Flask
from werkzeug.routing import Rule

from tests.assistant.admin.conftest import EDIT, SESAME, SLUG, Desk, SignIn, form_in, stored

pytestmark = pytest.mark.slow

NAMES = {"slug": SLUG, "figure": "wall", "name": "Ada"}
UNKNOWN = ("PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "PROPFIND", "BREW")


def addresses(app: Flask) -> Iterator[tuple[str, Rule]]:
    """Yield an address of each route."""
    urls = app.url_map.bind("127.0.0.1:8000")
    for rule in app.url_map.iter_rules():
        numbers = {name for name, converter in rule._converters.items() if type(converter).__name__ == "ShortInteger"}
        values = {name: 1 if name in numbers else NAMES.get(name, "x") for name in rule.arguments}
        yield urls.build(rule.endpoint, values, method=min((rule.methods or set()) - {"OPTIONS"})), rule


@pytest.fixture(params=["nobody", "Ada"])
def desk(request: pytest.FixtureRequest, app: Flask, sign_in: SignIn) -> Desk:
    """A browser in which nobody is signed in, or an owner."""
    return Desk(app.test_client()) if request.param == "nobody" else sign_in(request.param)


def test_options_are_told_to_everybody(app: Flask, desk: Desk) -> None:
    for path, rule in addresses(app):
        answer = desk.client.options(path)
        assert (answer.status_code, answer.data) == (200, b""), path
        assert answer.allow.to_header(), path
        assert {method.upper() for method in answer.allow} >= (rule.methods or set()), path


def test_head_answers_like_get_and_does_nothing(app: Flask, desk: Desk) -> None:
    for path, rule in addresses(app):
        if "GET" in (rule.methods or set()):
            with desk.client.get(path) as shown, desk.client.head(path, data={"reason": "x"}) as told:
                assert (told.status_code, told.data) == (shown.status_code, b""), path


def test_no_other_method_is_taken(app: Flask, desk: Desk) -> None:
    for path, rule in addresses(app):
        for method in UNKNOWN:
            answer = desk.client.open(path, method=method)
            assert answer.status_code == 405, (method, path)
            assert {each.upper() for each in answer.allow} >= (rule.methods or set()), path


def test_head_signs_nobody_in(app: Flask, teachers: dict[str, str]) -> None:
    assert "Ada" in teachers
    client = app.test_client()
    typed = form_in(client.get("/admin/sign-in"), "/admin/sign-in") | {"name": "Ada", "password": SESAME}
    assert client.head("/admin/sign-in", data=typed).status_code == 200
    assert client.get("/admin/").status_code == 303
    assert client.post("/admin/sign-in", data=typed).status_code == 303
    assert client.get("/admin/").status_code == 200


def test_head_changes_nothing(app: Flask, sign_in: SignIn) -> None:
    desk, before = sign_in("Ada"), len(stored(app))
    typed = form_in(desk.get(EDIT), EDIT) | {"title": "Changed?", "reason": "To see what happens."}
    assert desk.client.head(EDIT, data=typed).status_code == 200
    password = {"old": SESAME, "new": "another good password", "again": "another good password"}
    assert desk.client.head("/admin/password", data=password).status_code == 200
    assert len(stored(app)) == before
    assert sign_in("Ada").get(EDIT).status_code == 200
