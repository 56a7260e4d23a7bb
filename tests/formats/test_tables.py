import csv
import io
import string
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overread.formats.tables import MAX_CELL, Table, TableError, open_table, read_table
from tests.shared_data import shared_data


@pytest.fixture
def table(tmp_path):
    def write_and_read(data: bytes | str, **options) -> Table:
        path = tmp_path / "upload-7f3a"
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        return read_table(path, name="olga.csv", **options)

    return write_and_read


def refusal(table, data, **options):
    with pytest.raises(TableError) as refused:
        table(data, **options)
    assert refused.value.problem.source == "olga.csv"
    return refused.value.problem


def cells(table: Table) -> list[dict[str, str]]:
    return [dict(row.cells) for row in table.rows]


ROWS = [{"image": "a.png", "Label": "0"}, {"image": "b.png", "Label": ""}]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("last", [True, False], ids=["ended", "not ended"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_olgas_table_reads_the_same_however_it_was_saved(table, end, last, delimiter, encoding):
    lines = delimiter.join(["image", "Label"]), delimiter.join(["a.png", "0"]), "b.png" + delimiter
    read = table((end.join(lines) + (end if last else "")).encode(encoding))
    assert read.columns == ("image", "Label")
    assert cells(read) == ROWS
    assert read.problems == ()


def test_rows_are_counted_without_header_and_blank_lines_and_keep_their_line(table):
    read = table('\nimage,note\n\na.png,"two\nlines"\n\nb.png,\n')
    assert [(row.number, row.line) for row in read.rows] == [(1, 4), (2, 7)]
    assert read.rows[0].cells["note"] == "two\nlines"


def test_a_table_of_one_column_is_a_table(table):
    assert cells(table("image\na.png\n")) == [{"image": "a.png"}]


def test_spaces_around_a_columns_name_are_dropped_and_those_in_a_cell_kept(table):
    assert cells(table("image, label\na.png, 0\n")) == [{"image": "a.png", "label": " 0"}]


def test_a_comma_inside_quotes_does_not_decide_the_delimiter(table):
    assert table('"a,b,c";d\n1;2\n').columns == ("a,b,c", "d")


def test_a_row_with_too_few_cells_is_reported_and_the_others_are_read(table):
    read = table("image,label,age\na.png,0,4\nb.png\nc.png,1,6\n")
    assert [row.number for row in read.rows] == [1, 3]
    [problem] = read.problems
    assert (problem.row, problem.column) == (2, "label")
    assert problem.problem == "Line 3 has 1 cells where the header has 3."
    assert "fill up missing cells" in problem.advice


def test_a_row_with_too_many_cells_is_reported_at_the_last_column(table):
    [problem] = table("image,label\na.png,0,surplus\nb.png,1\n").problems
    assert (problem.row, problem.column) == (1, "label")
    assert str(problem) == (
        "olga.csv, row 1, column label: Line 2 has 3 cells where the header has 2. "
        "Put cells that hold a delimiter in quotes, and fill up missing cells."
    )


def test_an_endless_cell_is_reported_with_its_row_and_column(table):
    read = table(f"image,note\na.png,{'x' * (MAX_CELL + 1)}\nb.png,short\n")
    assert [row.number for row in read.rows] == [2]
    [problem] = read.problems
    assert (problem.row, problem.column) == (1, "note")
    assert problem.problem == "The cell is longer than 32767 characters."


@pytest.mark.parametrize("data", [b"", b"\n\n", b"  \r\n", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n"])
def test_an_empty_file_is_refused(table, data):
    problem = refusal(table, data)
    assert problem.problem == "The file is empty."
    assert problem.advice == "Upload a table with column names."


@pytest.mark.parametrize("data", ["image,label", "image,label\n\n"])
def test_a_header_without_rows_is_refused(table, data):
    problem = refusal(table, data)
    assert problem.problem == "The table has a header but no rows."
    assert "at least one row" in problem.advice


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"PK\x03\x04 workbook", "Excel workbook or a zip"),
        (b"\xd0\xcf\x11\xe0 workbook", "old Excel"),
        (b"%PDF-1.7", "PDF"),
        (b"\x89PNG\r\n\x1a\n", "PNG image"),
        (b"\xff\xd8\xff\xe0 JFIF", "JPEG image"),
        (b"\n<!doctype html>", "web page"),
        ("image\nZo\u00eb.png\n".encode() + b"b\xe9b\xe9.png\n", "Line 3 is not UTF-8"),
        (b"image\nb\xe9b\xe9\x81.png\n", "Line 2 is neither UTF-8 nor Windows-1252"),
        ("image\na.png\n".encode("utf-16") + b"\x00", "Line 3 is not UTF-16"),
        (b"ima\x00ge\na.png\n", "column 1 holds bytes"),
    ],
)
def test_what_is_no_table_is_refused_by_name_with_the_format_that_is_needed(table, data, what):
    problem = refusal(table, data)
    assert what in problem.problem
    assert "CSV UTF-8" in problem.advice


@pytest.mark.parametrize("bad", ["\x00", "\x1b", "\x08"])
def test_a_cell_with_what_no_text_has_costs_its_row_and_no_other(table, bad):
    read = table(f"image,note\na.png,x\nb.png,{bad}\nc.png,y\n")
    assert [row.number for row in read.rows] == [1, 3]
    [problem] = read.problems
    assert (problem.row, problem.column) == (2, "note")
    assert problem.problem == "The cell in line 3 holds bytes that no table has."


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_table_in_utf_16_is_read_with_or_without_its_mark(table, encoding, end):
    text = end.join(["image,note", "a.png,Zo\u00eb \u96ea", ""])
    assert cells(table(text.encode(encoding))) == [{"image": "a.png", "note": "Zo\u00eb \u96ea"}]


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1"])
def test_a_table_of_an_old_program_is_read_and_said_to_be_one(tmp_path, encoding):
    path = tmp_path / "olga.csv"
    path.write_bytes("image,note\na.png,\nb.png,Zo\u00eb\n".encode(encoding))
    reader = open_table(path)
    assert [row.cells["note"] for row in reader] == ["", "Zo\u00eb"]
    [note] = reader.notes
    assert note.is_note
    assert note.problem == "Line 3 is not UTF-8, so the file was read as Windows-1252."
    assert "CSV UTF-8" in note.advice


def test_a_spreadsheets_own_first_line_says_the_delimiter(table):
    assert cells(table("sep=;\nimage;Label\na.png;0\nb.png;\n")) == ROWS


def test_a_line_that_never_ends_is_refused_and_not_kept_in_memory(table):
    problem = refusal(table, b"image\n" + b"a" * 5_000_000)
    assert problem.problem == "Line 2 is longer than any table's."
    assert "a line for each row" in problem.advice


def test_a_column_without_a_name_is_refused_with_its_place(table):
    problem = refusal(table, ",image\n0,a.png\n")
    assert problem.problem == "Column 1 has no name."
    assert "or delete it" in problem.advice


def test_two_columns_of_one_name_are_refused(table):
    problem = refusal(table, "image,label, label\na.png,0,1\n")
    assert problem.column == "label"
    assert problem.problem == "Two columns have the same name."
    assert "a name of its own" in problem.advice


def test_a_table_without_a_header_does_not_lose_its_first_row_silently(table):
    problem = refusal(table, "http://hospital.example/a.png,0\nhttp://hospital.example/b.png,1\n")
    assert problem.column == "http://hospital.example/a.png"
    assert "not the names of the columns" in problem.problem
    assert "above the first row" in problem.advice


@pytest.mark.parametrize("row", ['"b.png,1', '"b".png,1', '"b.png,' + "x" * 200_000])
def test_a_quote_that_does_not_fit_is_refused_with_its_line(table, row):
    problem = refusal(table, f"image,label\na.png,0\n{row}\nc.png,1\n")
    assert "line 3" in problem.problem
    assert "Close every quote" in problem.advice


def test_a_table_with_too_many_rows_is_refused(table):
    problem = refusal(table, "image\na\nb\nc\n", max_rows=2)
    assert problem.problem == "The table has more than 2 rows."
    assert "smaller tables" in problem.advice


def test_a_file_that_is_too_large_is_refused_before_it_is_read(table):
    problem = refusal(table, b"image\n" + b"a" * 2**21, max_bytes=2**20)
    assert problem.problem == "The file is larger than 1 MB."


def test_the_missions_own_table_is_read_whole():
    read = read_table(shared_data("udacity", "xray_image_data.csv"))
    assert read.name == "xray_image_data.csv"
    assert read.columns == ("hosted_image", "label")
    assert len(read.rows) == 117
    assert sum(bool(row.cells["label"]) for row in read.rows) == 16
    assert read.problems == ()


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]) | st.sampled_from("\r\n\t"))
NAMES = st.lists(st.text(string.ascii_letters, min_size=1), min_size=2, max_size=5, unique=True)


@given(NAMES, st.data(), st.sampled_from(",;\t"), st.sampled_from(["\n", "\r\n"]))
def test_what_a_spreadsheet_wrote_is_read_back(names, data, delimiter, end):
    row = st.lists(TEXT, min_size=len(names), max_size=len(names))
    rows = data.draw(st.lists(row, min_size=1, max_size=4))
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL).writerows(
        [names, *rows]
    )
    with TemporaryDirectory() as folder:
        path = Path(folder, "t.csv")
        path.write_bytes(out.getvalue().encode())
        read = read_table(path)
    assert [list(row.cells.values()) for row in read.rows] == rows
