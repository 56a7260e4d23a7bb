"""Golden files: what a writer wrote, compared byte for byte.

After a wanted change run the tests with OVERREAD_REWRITE_GOLDEN=1 and review the difference.
"""

import os
from pathlib import Path

GOLDEN = Path(__file__).with_name("golden")


def assert_golden(name: str, data: bytes) -> None:
    path = GOLDEN / name
    if os.environ.get("OVERREAD_REWRITE_GOLDEN") == "1":
        path.write_bytes(data)
    assert data == path.read_bytes(), f"{name} differs; see {__file__}"
