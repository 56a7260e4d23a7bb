"""A file of any size is read without keeping what is done with."""

import subprocess
import sys

CODE = """
from overread.formats.memory import give_back_at_once
give_back_at_once()
import pyarrow
print(pyarrow.default_memory_pool().backend_name)
"""


def test_arrow_takes_its_memory_from_the_system_where_it_was_not_imported_before() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "system"
