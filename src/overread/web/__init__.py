"""Thin: addresses, rights, forms, pages. Reads go to store.queries, writes to flows."""
