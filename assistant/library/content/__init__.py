"""Content files: read, written in one form, imported and exported."""
