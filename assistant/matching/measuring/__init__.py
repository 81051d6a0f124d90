"""How well labelled questions and posts are answered, and whether scores are probabilities."""
