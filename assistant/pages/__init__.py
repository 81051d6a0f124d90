"""The pages that learners see: asking, questions, entries, runs."""
