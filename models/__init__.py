"""Train many small neural networks at once, and measure and draw what they learn.

This package knows no web and no database. ``python -m models`` is its command line.
"""
