"""What is wrong with a text of CML, and where."""

from dataclasses import dataclass

from overread.core.problems import Message, Problem, Refused

MOST_PROBLEMS = 200


@dataclass(frozen=True)
class CmlProblem:
    """Lines and columns count from 1. What `is_fatal` has to be put right; the rest is told."""

    line: int
    column: int
    problem: Message
    advice: Message
    is_fatal: bool = True

    @property
    def place(self) -> Message:
        return Message("line {line}, column {column}", line=self.line, column=self.column)

    def __str__(self) -> str:
        return f"{self.place}: {self.problem} {self.advice}".rstrip()

    def refusal(self, name: str) -> Refused:
        where = f"{name}, {self.place}" if name else str(self.place)
        return Refused(Problem(where, None, None, self.problem, self.advice))


class Reporter:
    """Collects problems by their offset in the text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.problems: list[CmlProblem] = []

    def error(self, at: int, problem: Message, advice: Message) -> None:
        self._add(at, problem, advice, is_fatal=True)

    def warn(self, at: int, problem: Message, advice: Message) -> None:
        self._add(at, problem, advice, is_fatal=False)

    def _add(self, at: int, problem: Message, advice: Message, *, is_fatal: bool) -> None:
        if len(self.problems) >= MOST_PROBLEMS:
            return
        line = self.text.count("\n", 0, at) + 1
        column = at - self.text.rfind("\n", 0, at)
        self.problems.append(CmlProblem(line, column, problem, advice, is_fatal))
