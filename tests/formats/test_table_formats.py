"""Workbooks, JSON and Parquet read like any table; memory stays the same however long they are."""

import io
import json
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path

import pyarrow
import pytest

from overread.core.problems import Problem
from overread.formats.tables import Row, TableError, TableReader, open_table
from tests.made_files import parquet, workbook

ROWS = [{"image": "a.png", "label": "0"}, {"image": "b.png", "label": ""}]
Write = Callable[..., TableReader]


@pytest.fixture
def table(tmp_path: Path) -> Callable[[bytes | str], TableReader]:
    """Reads what was written, under a name that says nothing of what it is."""

    def read(data: bytes | str) -> TableReader:
        path = tmp_path / "upload-7f3a"
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        return open_table(path, name="olga")

    return read


def cells(reader: TableReader) -> list[dict[str, str]]:
    return [dict(row.cells) for row in reader if isinstance(row, Row)]


def problems(reader: TableReader) -> list[Problem]:
    return [row for row in reader if isinstance(row, Problem)]


@pytest.mark.parametrize(
    "data",
    [
        workbook([["image", "label"], ["a.png", 0], ["b.png", None]]),
        workbook([[], ["image", "label", None], [], ["a.png", 0.0, ""], ["b.png"], [None]]),
        parquet({"image": ["a.png", "b.png"], "label": [0, None]}),
        parquet({"image": ["a.png", "b.png"], "label": [0.0, None]}),
        parquet({"image": pyarrow.array(["a.png", "b.png"]).dictionary_encode(),
                 "label": ["0", ""]}),
        '[{"image": "a.png", "label": 0}, {"image": "b.png", "label": null}]',
        '[{"image": "a.png", "label": 0}, {"image": "b.png"}]',
        '\n[\n  {"image":\n "a.png", "label": "0"}\n,\n{"image": "b.png"}]\n\n',
        '{"image": "a.png", "label": 0}\n{"image": "b.png", "label": null}\n',
        '\r\n{"image": "a.png", "label": 0}\r\n\r\n{"label": "", "image": "b.png"}',
        json.dumps(ROWS).encode("utf-16"),
        json.dumps(ROWS).encode("utf-8-sig"),
    ],
    ids=["xlsx", "xlsx with gaps", "parquet", "parquet floats", "parquet categories", "json",
         "json without keys", "json on lines", "ndjson", "ndjson in another order",
         "json in utf-16", "json with a mark"],
)  # fmt: skip
def test_olgas_table_reads_the_same_in_every_format(table: Write, data: bytes | str) -> None:
    reader = table(data)
    assert reader.columns == ("image", "label")
    assert cells(reader) == cells(reader) == ROWS
    assert reader.notes == ()


def test_values_read_as_a_person_would_write_them(table: Write) -> None:
    at = datetime(2026, 5, 4, 12, 30)
    row = [date(2026, 5, 4), at, True, 1.5, 12.0, "Zoë"]
    said = ["2026-05-04", "2026-05-04 12:30:00", "true", "1.5", "12", "Zoë"]
    names = [f"c{number}" for number in range(len(row))]
    assert list(cells(table(workbook([names, row])))[0].values()) == said
    columns = {name: [value] for name, value in zip(names, row, strict=True)}
    assert list(cells(table(parquet(columns)))[0].values()) == said


def test_numbers_in_json_stay_as_they_are_written(table: Write) -> None:
    text = '{"a": 1.10, "b": 12345678901234567890123, "c": true, "d": NaN, "e": ["x", 1]}'
    assert cells(table(text)) == [
        {"a": "1.10", "b": "12345678901234567890123", "c": "true", "d": "", "e": "x\n1"}
    ]


def test_a_workbook_of_several_sheets_says_which_was_read(table: Write) -> None:
    sheet = [["image"], ["a.png"]]
    reader = table(workbook([], sheet, [["b.png"]]))
    assert cells(reader) == [{"image": "a.png"}]
    [note] = reader.notes
    assert note.is_note
    assert note.problem == "Only the sheet “sheet 2” was read, not “sheet 3”."


def test_a_column_of_bytes_is_left_out_and_said(table: Write) -> None:
    reader = table(parquet({"name": ["a.png"], "image": [{"bytes": b"\x89PNG", "path": "a"}]}))
    assert cells(reader) == [{"name": "a.png"}]
    [note] = reader.notes
    assert (note.column, note.is_note) == ("image", True)


LINES = '{{"image": "a.png"}}\n{{"image": "{}"}}\n{{"image": "c.png"}}'


def test_keys_that_nothing_can_keep_are_told_in_words(table: Write) -> None:
    many = '{"image": "a.png"}\n' * 1000
    for key in ("\\ud800", ""):
        reader = table(many + f'{{"image": "b.png", "{key}": "x"}}')
        [problem] = problems(reader)
        assert "have no such column" in problem.problem
        str(problem).encode()


def with_other_xml(book: bytes, old: bytes, new: bytes) -> bytes:
    """A workbook whose first sheet says something else."""
    with zipfile.ZipFile(io.BytesIO(book)) as made:
        parts = {one.filename: made.read(one) for one in made.infolist()}
    sheet = "xl/worksheets/sheet1.xml"
    assert old in parts[sheet], parts[sheet]
    parts[sheet] = parts[sheet].replace(old, new)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as changed:
        for name, data in parts.items():
            changed.writestr(name, data)
    return out.getvalue()


def test_a_row_beyond_the_last_of_a_sheet_is_damage(table: Write) -> None:
    book = workbook([["image"], ["a.png"]])
    with pytest.raises(TableError, match="damaged"):
        list(table(with_other_xml(book, b'<row r="2"', b'<row r="999999999999"')))


def test_a_formula_whose_value_was_not_saved_is_told(table: Write) -> None:
    """Programs that write workbooks leave the values to Excel."""
    names = [["image", "label"], ["a.png", 0], ["b.png", '=IF(1=1,"healthy","")'], ["c.png", "1"]]
    reader = table(workbook(names))
    assert [one["image"] for one in cells(reader)] == ["a.png", "c.png"]
    [problem] = problems(reader)
    assert (problem.row, str(problem.problem)) == (
        2,
        "Cell 2 of row 3 is a formula whose value was not saved.",
    )
    with pytest.raises(TableError, match="Cell 2 of row 1 is a formula"):
        table(workbook([["image", "=A1"], ["a.png", 0]]))


@pytest.mark.parametrize(
    ("saved", "said"),
    [
        (b'<c r="B2" t="str"><f>A2</f><v>healthy</v></c>', "healthy"),
        (b'<c r="B2" t="str"><f>""</f><v></v></c>', ""),
        (b'<c r="B2"><f>1+1</f><v>2</v></c>', "2"),
    ],
)
def test_a_formula_reads_as_the_value_that_was_saved(table: Write, saved: bytes, said: str) -> None:
    book = workbook([["image", "label"], ["a.png", 7777]])
    reader = table(with_other_xml(book, b'<c r="B2" t="n"><v>7777</v></c>', saved))
    assert cells(reader) == [{"image": "a.png", "label": said}]


def test_a_line_that_says_the_delimiter_alone_is_an_empty_table(table: Write) -> None:
    with pytest.raises(TableError, match="empty"):
        table("sep=;\n")


@pytest.mark.parametrize(
    ("data", "place", "says"),
    [
        (workbook([["image"], ["a.png"], ["b.png", "x"], ["c.png"]]), (2, None), "Row 3 of the"),
        (workbook([["image"], ["a.png"], ["#N/A"], ["c.png"]]), (2, None), "the error #N/A"),
        ('{"image": "a.png"}\n{"image": \n{"image": "c.png"}', (2, None), "Line 2 is no object"),
        ('{"image": "a.png"}\n{"image": "b"} x\n{"image": "c.png"}', (2, None), "Line 2 is no"),
        ('{"image": "a.png"}\n[1]\n{"image": "c.png"}', (2, None), "This is no object"),
        ('[{"image": "a.png"}, 7, {"image": "c.png"}]', (2, None), "This is no object"),
        ('[{"image": "a.png"}, {"image": {}}, {"image": "c.png"}]', (2, "image"), "neither text"),
        ('[{"image": "a.png"}, {"image": "1", "image": "2"}, {"image": "c.png"}]', (2, None),
         "twice in this row"),
        (LINES.format("\\ud800"), (2, "image"), "bytes that"),
        (LINES.format("\\u0000"), (2, "image"), "bytes that"),
        ('{"image": "a.png"}\n' + "[" * 200_000 + '\n{"image": "c.png"}', (2, None), "Line 2 is"),
        (parquet({"image": ["a.png", "x" * 40_000, "c.png"]}), (2, "image"), "longer than"),
    ],
    ids=["a surplus cell", "an error", "a broken line", "text behind", "a list in a line",
         "a number in a list", "an object in a cell", "a key twice", "half a character", "a zero",
         "a deep line", "a long cell"],
)  # fmt: skip
def test_a_bad_row_is_told_and_the_others_are_read(
    table: Write, data: bytes | str, place: tuple[int, str | None], says: str
) -> None:
    reader = table(data)
    assert [row["image"] for row in cells(reader)] == ["a.png", "c.png"]
    [problem] = problems(reader)
    assert (problem.row, problem.column) == place
    assert says in problem.problem
    assert problem.advice


def test_a_column_that_comes_late_in_json_is_told(table: Write) -> None:
    lines = ['{"image": "a.png"}'] * 1_000 + ['{"image": "b.png", "label": 1}']
    [problem] = problems(table("\n".join(lines)))
    assert (problem.row, problem.column) == (1_001, "label")


def damaged(name: str) -> bytes:
    """A workbook of which one part is no XML."""
    out = io.BytesIO()
    book = zipfile.ZipFile(io.BytesIO(workbook([["image"], ["a.png"]])))
    with book, zipfile.ZipFile(out, "w") as made:
        for one in book.namelist():
            made.writestr(one, b"<a" if one == name else book.read(one))
    return out.getvalue()


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("xl/workbook.xml", b" " * 70_000_000)
    return out.getvalue()


GOOD_BOOK, GOOD_PARQUET = workbook([["image"], ["a.png"]]), parquet({"image": ["a.png"]})


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (GOOD_BOOK[:300], "damaged Excel workbook or a zip archive"),
        (damaged("xl/workbook.xml"), "damaged or incomplete"),
        (damaged("xl/worksheets/sheet1.xml"), "damaged or incomplete"),
        (damaged("[Content_Types].xml"), "damaged or incomplete"),
        (bomb(), "unpacks to more than a table needs"),
        (workbook([]), "The file is empty."),
        (workbook([["image", None, "label"], ["a.png"]]), "Column 2 has no name."),
        (workbook([["image"]]), "no rows"),
        (workbook([[f"c{n}" for n in range(1_100)], ["x"]]), "more than 1024 columns"),
        (b"PAR1 nothing", "Parquet file is damaged"),
        (GOOD_PARQUET[:-20], "Parquet file is damaged"),
        (parquet({"image": [b"\x89PNG"]}), "No column holds text"),
        (parquet({"image": pyarrow.array([], pyarrow.string())}), "no rows"),
        ("[]", "no object with a column's name"),
        ("[{}]", "no object with a column's name"),
        ("{", "no object with a column's name"),
        ('[{"image": "a.png"}', "line 1 on this is no JSON"),
        ('[{"image": "a.png"},\n{"image": ]', "line 2 on this is no JSON"),
        ('[{"image": "a.png"}] and more', "line 1 on this is no JSON"),
        ('[{"image": "a.png"} {"image": "b.png"}]', "line 1 on this is no JSON"),
        ("[" * 200_000, "line 1 on this is no JSON"),
        ('{"": "a.png"}', "Column 1 has no name."),
        ('{"image": "' + "x" * 5_000_000 + '"}', "Line 1 is longer"),
    ],
)  # fmt: skip
def test_what_can_not_be_read_is_refused_with_advice(
    table: Write, data: bytes | str, says: str
) -> None:
    with pytest.raises(TableError) as refused:
        list(table(data))
    assert says in refused.value.problem.problem
    assert refused.value.problem.advice
    assert refused.value.problem.source == "olga"


def lines_of(kind: str, count: int) -> Iterator[str]:
    note = "x" * 1_000
    yield {"csv": "image,note\n", "ndjson": "", "json": "[\n"}[kind]
    for number in range(count):
        row = json.dumps({"image": f"{number}.png", "note": note})
        end = "\n" if number == count - 1 else ",\n"
        yield {"csv": f"{number}.png,{note}\n", "ndjson": f"{row}\n", "json": row + end}[kind]
    yield "]" if kind == "json" else ""


@pytest.mark.parametrize("kind", ["csv", "ndjson", "json"])
def test_memory_stays_the_same_however_long_the_table_is(tmp_path: Path, kind: str) -> None:
    def peak(count: int) -> int:
        path = tmp_path / f"{count}.{kind}"
        with path.open("w") as file:
            file.writelines(lines_of(kind, count))
        tracemalloc.start()
        assert sum(1 for _ in open_table(path)) == count
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    assert peak(20_000) < peak(4_000) + 2**20
