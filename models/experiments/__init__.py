"""The experiments: one module each, found by its file's name."""
