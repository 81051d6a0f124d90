"""Runs: enqueue, execute, verdicts, evidence; run pages and figures."""
