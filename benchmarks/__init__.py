"""Measure how fast training is, next to other ways to train the same networks; see README.md."""
