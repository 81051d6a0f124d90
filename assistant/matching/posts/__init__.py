"""Posts: what a whole post asks, and which entries that means."""
