"""Matching by meaning: sentence vectors, what is fitted to them, and the matcher that decides."""
