"""All views of the learners' pages; importing this module is what brings them together."""

from assistant.pages import entries, home, questions, runs
from assistant.pages.blueprint import pages

__all__ = ["entries", "home", "pages", "questions", "runs"]
