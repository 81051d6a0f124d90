"""What readers guess before they see the result, and how guesses are spread."""
