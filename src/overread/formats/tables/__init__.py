"""Tables as they come: text with a delimiter, a workbook, JSON or Parquet, read row by row."""

from overread.formats.tables.reading import Table, TableReader, open_table, read_table
from overread.formats.tables.rows import MAX_CELL, Row, TableError

__all__ = ["MAX_CELL", "Row", "Table", "TableError", "TableReader", "open_table", "read_table"]
