"""Reads: what pages, commands and flows ask of the store."""
