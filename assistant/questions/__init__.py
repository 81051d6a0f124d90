"""Asking: question to candidates to answer, suggestions, or "I don't know"."""
