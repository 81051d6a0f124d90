"""What is wrong with an installation, and what to do about it: for `flask doctor`, and what is cheap for `/readyz`."""
