"""Entries and their revisions: content files in and out, Markdown to safe HTML, checks."""
