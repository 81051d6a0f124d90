"""A question's own numbers: read from its text, and trained with beside the entry's own."""
