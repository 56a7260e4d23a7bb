"""The hot tables by plain SQL: pages out, judgments in, many of them a second.

`tables.Tables` holds the statements, the same on both databases; `sqlite` and `postgresql`
run operations over them, several in one durable transaction; `now` runs one over Django's own
connection, for the command line, the worker and the tests.
"""
