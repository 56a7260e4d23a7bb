"""What was refused, held or left out, as a table."""

from overread.core.problems import Problem
from overread.formats.csv_lines import csv_line

COLUMNS = ("source", "row", "column", "problem", "advice")
HEADER = csv_line(COLUMNS)


def problem_cells(problem: Problem) -> tuple[str, ...]:
    row = "" if problem.row is None else str(problem.row)
    return (problem.source, row, problem.column or "", problem.problem, problem.advice)


def problem_line(problem: Problem) -> str:
    return csv_line(problem_cells(problem))
