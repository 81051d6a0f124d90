"""Evidence: verdicts of one run, what all runs that are alike found together, and when that turns against a claim."""
