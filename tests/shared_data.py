"""Public data that some tests read and the project does not hold."""

import os
from pathlib import Path

import pytest

_CHECKOUT = Path(__file__).resolve().parents[1]


def shared_data(*parts: str) -> Path:
    """The path under `data/` in OVERREAD_SHARED, else in `shared` beside the checkout.

    Skips the test where it is missing.
    """
    root = Path(os.environ.get("OVERREAD_SHARED") or _CHECKOUT.parent / "shared")
    path = root.joinpath("data", *parts)
    if not path.exists():
        pytest.skip(f"needs {'/'.join(parts)}: set OVERREAD_SHARED to the folder that holds data/")
    return path
