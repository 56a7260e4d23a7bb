"""How this process gives back memory that it has done with."""

import ctypes
import os
import sys

MMAP_THRESHOLD = -3  # glibc's M_MMAP_THRESHOLD, see mallopt(3)
LARGE = 2**20


def give_back_at_once() -> None:
    """What is larger than LARGE goes back to the system as soon as it is freed.

    Arrow's own allocator, and glibc's once it has freed a large piece, keep hundreds of megabytes
    for later. Arrow reads its setting when it is first imported.
    """
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    if sys.platform == "linux":
        settle = getattr(ctypes.CDLL(None), "mallopt", None)  # musl has none, and keeps nothing
        if settle:
            settle(MMAP_THRESHOLD, LARGE)
