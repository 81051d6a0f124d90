"""All views of the teachers' pages; importing this module is what brings them together."""

from assistant.admin import (
    accounts,
    addresses,
    audit,
    class_page,
    editing,
    entries,
    guard,
    phrasings,
    publishing,
    questions,
    sign_in,
)
from assistant.admin.blueprint import admin

__all__ = [
    "accounts",
    "addresses",
    "admin",
    "audit",
    "class_page",
    "editing",
    "entries",
    "guard",
    "phrasings",
    "publishing",
    "questions",
    "sign_in",
]
