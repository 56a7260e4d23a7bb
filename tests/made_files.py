"""Files that tests make, workbooks, Parquet, archives; and how they are damaged."""

import io
import tarfile
import zipfile
from typing import Any

import pyarrow
import pyarrow.parquet
from hypothesis import strategies as st
from openpyxl import Workbook

Bytes = bytes | str


def workbook(*sheets: list[list[Any]]) -> bytes:
    book = Workbook()
    book.remove(book.active)
    for number, rows in enumerate(sheets, start=1):
        sheet = book.create_sheet(f"sheet {number}")
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def parquet(columns: dict[str, Any], **options: Any) -> bytes:
    out = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table(columns), out, **options)
    return out.getvalue()


def zipped(*members: tuple[str | zipfile.ZipInfo, Bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in members:
            made.writestr(name, data)
    return out.getvalue()


def tarred(*members: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as made:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            made.addfile(info, io.BytesIO(data))
    return out.getvalue()


# How hypothesis damages a file.
BITS = [b"", b"\0", b'"', b",", b"\n", b"\r", b"\xff", b"[", b"{", b"<", b"\\", b"A" * 40_000]
Change = tuple[int, int, bytes]
CHANGES = st.lists(
    st.tuples(
        st.integers(0, 10_000),
        st.integers(0, 8),
        st.sampled_from(BITS) | st.binary(max_size=4),
    ),
    max_size=4,
)


def changed(data: bytes, changes: list[Change]) -> bytes:
    """At each place, some bytes give way to others."""
    for place, length, bits in changes:
        at = place % (len(data) + 1)
        data = data[:at] + bits + data[at + length :]
    return data
