"""What a question means: the current matcher, languages, follow-ups, figures, beliefs."""
