"""Authors' texts: Markdown to safe HTML, formulas, measured numbers, and what is wrong with them."""
