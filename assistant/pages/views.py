"""All views of the learners' pages; importing this module is what brings them together."""

from assistant.pages import entries, guesses, home, questions, runs
from assistant.pages.blueprint import pages

__all__ = ["entries", "guesses", "home", "pages", "questions", "runs"]
