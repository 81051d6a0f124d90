"""Teachers: signing in, editing and publishing entries, and looking after what learners asked."""
