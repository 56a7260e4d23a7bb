#!/usr/bin/env python
"""Coverage-guided: whatever comes as a table is rows, problems or a refusal. See README.md."""

import atheris

with atheris.instrument_imports(include=["overread", "openpyxl"]):
    from tests.formats.test_table_fuzz import SEEDS, read

from fuzz.running import run

if __name__ == "__main__":
    run("tables", read, SEEDS)
