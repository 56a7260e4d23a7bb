"""Whatever bytes come as a table: rows, problems in the place of rows, or a refusal; never else."""

import io
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from overread.core.problems import Problem
from overread.formats.tables import Row, TableError, open_table
from tests.made_files import CHANGES, Change, changed, parquet, workbook

SEEDS = [
    b"image,label\na.png,0\nb.png,\n",
    b'image;label;note\r\na.png;0;"two\r\nlines"\r\n',
    "image\tnote\na.png\tZo\u00eb \u96ea\n".encode("utf-16"),
    "image,note\na.png,Zo\u00eb\n".encode("cp1252"),
    b'[{"image": "a.png", "label": 0}, {"image": "b.png", "label": null}]',
    b'{"image": "a.png", "label": 0}\n{"image": "b.png", "more": {"x": [1, "y"]}}\n',
    parquet({"image": ["a.png", None], "label": [0.5, None], "tags": [["a"], None]}),
    workbook([["image", "label"], ["a.png", 0], ["b.png", None]], [["other"]]),
]


def read(data: bytes) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder, "upload-7f3a")
        path.write_bytes(data)
        try:
            reader = open_table(path)
            rows = list(reader)
        except TableError as error:
            rows, refused = [], error.problem
        else:
            refused = None
    assert refused is None or (refused.problem and refused.advice)
    for row in rows:
        assert isinstance(row, Row | Problem)
        if isinstance(row, Row):
            assert tuple(row.cells) == reader.columns
            assert "\0" not in "".join(row.cells.values()).encode().decode()


@settings(deadline=None, derandomize=True)
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    read(data)


@settings(deadline=None, derandomize=True)
@given(st.sampled_from(SEEDS), CHANGES)
def test_a_table_that_was_damaged_is_read_or_refused(data: bytes, changes: list[Change]) -> None:
    read(changed(data, changes))


@settings(deadline=None, derandomize=True)
@given(st.data())
def test_a_workbook_with_a_damaged_part_is_read_or_refused(data: st.DataObject) -> None:
    with zipfile.ZipFile(io.BytesIO(SEEDS[-1])) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    name = data.draw(st.sampled_from(sorted(parts)))
    parts[name] = changed(parts[name], data.draw(CHANGES))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for one, content in parts.items():
            made.writestr(one, content)
    read(out.getvalue())


@settings(deadline=None, derandomize=True)
@given(st.text(st.sampled_from(list('"\\[]{}:,01e-.\n\t ntruefals\u00eb'))))
def test_any_text_that_looks_like_json_is_read_or_refused(text: str) -> None:
    for start in "[{":
        read((start + text).encode())
