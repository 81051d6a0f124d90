"""At home in a course forum: frames, oEmbed, cards, texts to paste, and a check of what a forum would show."""
