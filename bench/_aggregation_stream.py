"""A Parquet file of any size to labels: memory and CPU of the whole command."""

import argparse
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from _aggregation_crowds import crowd

PART = 1_000_000
WORKERS = 100_000


def stream(options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """Write FILE where it is missing, then run `overread aggregate` on it in a process of its own;
    memory is its peak."""
    path = Path(options.file)
    if not path.exists():
        write(path, options.judgments, options.text)
    with tempfile.TemporaryDirectory() as out:
        command = [sys.executable, "-m", "overread", "aggregate", str(path), "--out", out]
        subprocess.run(command, check=True)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    yield {
        "judgments": options.judgments,
        "names": "text" if options.text else "numbers",
        "CPU s": used.ru_utime + used.ru_stime,
        "peak MiB": used.ru_maxrss / 1024,
    }


def write(path: Path, judgments: int, as_text: bool) -> None:
    """Five judgments a task; names are whole numbers, or texts such as image-00000001."""
    import pyarrow as arrow
    import pyarrow.parquet as parquet

    types = [arrow.string()] * 3 if as_text else [arrow.int64(), arrow.int32(), arrow.int8()]
    schema = arrow.schema(list(zip(("task", "worker", "label"), types, strict=True)))
    with parquet.ParquetWriter(path, schema) as writer:
        for first in range(0, judgments, PART):
            task, worker, label = crowd(min(PART, judgments - first), WORKERS, 2, seed=first)
            columns = [task + first // 5, worker, label]
            if as_text:
                named = zip(("image-", "reader-", ""), columns, (8, 6, 1), strict=True)
                columns = [_named(*one) for one in named]
            else:
                columns = [
                    one.astype(t) for one, t in zip(columns, ("i8", "i4", "i1"), strict=True)
                ]
            writer.write_table(arrow.table(columns, schema=schema))


def _named(prefix: str, numbers: np.ndarray, width: int) -> Any:
    import pyarrow as arrow
    import pyarrow.compute as compute

    digits = compute.utf8_lpad(arrow.array(numbers).cast(arrow.string()), width, "0")
    return compute.binary_join_element_wise(prefix, digits, "")
