"""All views of the teachers' pages; importing this module is what brings them together."""

from assistant.admin import accounting, asking, editing, home, publishing, sign_in
from assistant.admin.blueprint import admin

__all__ = ["accounting", "admin", "asking", "editing", "home", "publishing", "sign_in"]
