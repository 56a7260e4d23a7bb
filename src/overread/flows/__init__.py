"""The verbs. They own the transactions; clock, random generator and actor are arguments."""
