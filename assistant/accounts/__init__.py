"""The teachers' accounts: who may sign in, with which password, and for how long."""
