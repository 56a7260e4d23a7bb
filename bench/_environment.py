"""Goes on in the project's own environment, where a benchmark was started with another Python.

Imported for that before anything that needs the environment.
"""

import os
import sys
from pathlib import Path

_VENV = Path(__file__).resolve().parents[1] / ".venv"

if Path(sys.prefix) != _VENV and (_VENV / "bin" / "python").exists():
    os.execv(_VENV / "bin" / "python", [str(_VENV / "bin" / "python"), *sys.argv])
