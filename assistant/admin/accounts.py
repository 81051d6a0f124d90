"""The page of the accounts, which owners alone see."""

from flask import flash, redirect, render_template, request, session, url_for

from assistant.accounts import accounts, passwords, queries
from assistant.accounts.tables import EDITOR
from assistant.admin.blueprint import Page, admin, owners_only, teacher
from assistant.errors import InvalidInputError


@admin.get("/accounts")
@owners_only
def accounts_page() -> str:
    """List the accounts."""
    return _accounts()


@admin.post("/accounts")
@owners_only
def add_account() -> Page:
    """Add an account with a password that is shown this once."""
    name, password = request.form.get("name", ""), passwords.generate()
    try:
        accounts.add(name, request.form.get("role", EDITOR), password, by=teacher().name)
    except InvalidInputError as error:
        return _accounts(problem=str(error), name=name[:200]), error.status
    return _accounts(made=(" ".join(name.split()), password))


@admin.post("/accounts/<name>")
@owners_only
def change_account(name: str) -> Page:
    """Change an account's role, close or open it, or give it a new password."""
    action = request.form.get("action", "")
    if action == "password":
        password = passwords.generate()
        accounts.reset_password(name, password, by=teacher().name)
        if queries.key_of(name) != queries.key_of(teacher().name):
            return _accounts(made=(name, password))
        session.clear()  # All sign-ins are over, and this one too.
        return render_template("admin/new_password.html", password=password, teacher=None)
    role, active = (request.form.get("role"), None) if action == "role" else (None, action == "open")
    try:
        accounts.change(name, by=teacher().name, role=role, active=active)
    except InvalidInputError as error:
        return _accounts(problem=str(error)), error.status
    flash(f"The account of {name} is changed.", "message")
    return redirect(url_for("admin.accounts_page"), 303)


def _accounts(*, problem: str = "", name: str = "", made: tuple[str, str] | None = None) -> str:
    rows = queries.teachers()
    return render_template("admin/accounts.html", accounts=rows, problem=problem, name=name, made=made)
