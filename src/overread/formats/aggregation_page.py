"""report.html: one page with the figures and their plots, readable without any other file."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from overread.core.problems import Message

STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
body{color:#1c2430;background:#fff}
h1{font-size:1.6rem}h2{font-size:1.15rem;margin-top:2.2rem}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{text-align:right;padding:.3rem .6rem;border-bottom:1px solid #d9dee6}
th:first-child{text-align:left}tbody th{font-weight:400}
.scroll{overflow-x:auto}.scroll:focus-visible{outline:2px solid #2f6db5}
.note{border-left:4px solid #c77700;padding:.5rem 1rem;background:#fff6e6}
svg{max-width:100%;height:auto}svg text{font:12px system-ui,sans-serif;fill:currentColor}
.bar{fill:#2f6db5}.range{stroke:#2f6db5;stroke-width:3}.grid{stroke:#d9dee6}
@media (prefers-color-scheme:dark){body{color:#e4e8ef;background:#12161c}th,td{border-color:#333b47}
.note{background:#2a210f}.bar{fill:#7fb2ec}.range{stroke:#7fb2ec}.grid{stroke:#333b47}}
"""
MOST_ROWS = 40
Say = Callable[[Message], str]
LANGUAGE = Message("en")
AGREEMENT = Message(
    "1 is perfect, 0 is what chance alone gives; with 95 % intervals over tasks. "
    "On many medical questions experts themselves agree only moderately."
)
SUBGROUPS = Message(
    "The cells with most tasks. Accuracy is what the method expects of the labels; answers right "
    "are the contributors' on known labels, where there are some."
)


def write_page(path: Path, report: Mapping[str, Any], say: Say = str) -> None:
    """report: the document of report.json; say: turns a message into the reader's language."""
    path.write_text(_LabelsPage(report, say).text() + "\n", encoding="utf-8")


@dataclass(frozen=True)
class Page:
    """A report on one page; what `sections` gives is its own."""

    report: Mapping[str, Any]
    say: Say

    def text(self) -> str:
        report, say = self.report, self.say
        title = escape(say(Message("Aggregation of {table}", table=str(report["table"]))))
        body = [
            f"<h1>{title}</h1>",
            *(f"<p>{escape(line)}</p>" for line in self._summary()),
            *(f'<p class="note">{escape(say(one))}</p>' for one in report.get("warnings", ())),
            *self.sections(),
        ]
        head = '<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        return (
            f'<!doctype html><html lang="{escape(say(LANGUAGE))}"><head>{head}'
            f"<title>{title}</title><style>{STYLE}</style></head>"
            f"<body><main>{''.join(body)}</main></body></html>"
        )

    def sections(self) -> list[str]:
        raise NotImplementedError

    def section(self, title: Message, *parts: str, about: Message | None = None) -> list[str]:
        explained = f"<p>{escape(self.say(about))}</p>" if about else ""
        return [f"<h2>{escape(self.say(title))}</h2>", explained, *parts]

    def _summary(self) -> Iterator[str]:
        report, say = self.report, self.say
        yield say(
            Message(
                "{judgments} judgments of {tasks} tasks by {contributors} contributors.",
                **{name: report["sizes"][name] for name in ("judgments", "tasks", "contributors")},
            )
        )
        for reason, count in report["left_out"].items():
            yield say(Message("{count} rows left out: {reason}", count=count, reason=say(reason)))
        for reason, count in report.get("marks_left_out", {}).items():
            yield say(Message("{count} marks left out: {reason}", count=count, reason=say(reason)))
        method = say(Message("Method: {method}.", method=report["method"]))
        yield f"{method} {say(report['reason'])}".strip()
        if not report.get("converged", True):
            yield say(Message("The fit had not settled after its last iteration."))

    def agreement(self) -> str:
        rows = [
            [self.say(name), self.interval(one)] for name, one in self.report["agreement"].items()
        ]
        return self.table(map(Message, ("coefficient", "estimate (95 %)")), rows)

    def interval(self, one: Mapping[str, Any]) -> str:
        if one["estimate"] is None:
            return self.say(Message("not defined"))
        values = {name: f"{one[name]:.3f}" for name in ("estimate", "low", "high")}
        return self.say(Message("{estimate} ({low} to {high})", **values))

    def table(self, titles: Iterable[Message], rows: Sequence[Sequence[Any]]) -> str:
        head = "".join(f'<th scope="col">{escape(self.say(name))}</th>' for name in titles)
        body = "".join(f"<tr>{_cells(row)}</tr>" for row in rows)
        table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        return f'<div class="scroll" tabindex="0">{table}</div>'


@dataclass(frozen=True)
class _LabelsPage(Page):
    def sections(self) -> list[str]:
        return [
            *self.section(Message("Labels"), self._labels()),
            *self.section(
                Message("How sure the labels are"),
                self._histogram(self.report["probabilities"]),
                self._sureness(),
                about=Message("Number of tasks by the probability of their label."),
            ),
            *self.section(Message("Agreement"), self.agreement(), about=AGREEMENT),
            *self._within(),
            *self._subgroups(),
            *self.section(Message("Contributors"), self._contributors()),
            *self.section(
                Message("Tasks most worth another look"),
                self._tasks(),
                about=Message("Ordered by how likely an expert's look changes the label."),
            ),
        ]

    def _labels(self) -> str:
        rows = [
            [one["label"], one["tasks"], percent(one["share"]), self.interval(one["prevalence"])]
            for one in self.report["labels"]
        ]
        titles = "label", "tasks", "share of labels", "prevalence (95 %)"
        return self.table(map(Message, titles), rows)

    def _sureness(self) -> str:
        believed, measured = self.report["believed_accuracy"], self.report["measured_accuracy"]
        rows = [[self.say(Message("expected by the method itself")), self.interval(believed)]]
        if measured:
            rows.append([self.say(measured["from"]), self.interval(measured)])
        return self.table(map(Message, ("accuracy of the labels", "estimate (95 %)")), rows)

    def _histogram(self, counts: Sequence[int]) -> str:
        top = max([*counts, 1])
        bars = []
        for place, count in enumerate(counts):
            height, x = 120 * count / top, 10 + place * 58
            y = 140 - height
            label = f"{place * 10}-{place * 10 + 10} %"
            bars.append(
                f'<rect class="bar" x="{x}" y="{y:.1f}" width="50" height="{height:.1f}">'
                f"<title>{label}: {count}</title></rect>"
                f'<text x="{x + 25}" y="{y - 6:.1f}" text-anchor="middle">{count}</text>'
                f'<text x="{x + 25}" y="156" text-anchor="middle">{label}</text>'
            )
        name = escape(self.say(Message("tasks by probability of their label")))
        return (
            f'<svg viewBox="0 0 600 165" role="img" aria-label="{name}">'
            f'<line class="grid" x1="0" x2="600" y1="140" y2="140"/>{"".join(bars)}</svg>'
        )

    def _subgroups(self) -> Iterator[str]:
        """A table a column: how good labels are on tasks with each cell."""
        labels = [one["label"] for one in self.report["labels"]]
        for column, cells in self.report["subgroups"].items():
            coefficients = list(self.report["agreement"])
            titles = [
                *map(Message, ("cell", "tasks", "accuracy expected", "answers right")),
                *coefficients,
                *(Message("prevalence of {label}", label=label) for label in labels),
            ]
            rows = [
                [
                    cell or self.say(Message("(empty)")),
                    one["tasks"],
                    self.interval(one["expected"]),
                    self.interval(one["answers"]) if one["answers"] else "",
                    *map(self.interval, one["agreement"].values()),
                    *map(self.interval, one["prevalence"]),
                ]
                for cell, one in cells.items()
            ]
            yield from self.section(
                Message("By {column}", column=column), self.table(titles, rows), about=SUBGROUPS
            )

    def _within(self) -> list[str]:
        """Nothing where no contributor judged a task twice."""
        found = self.report["agreement_within"]
        if not found["repeats"]:
            return []
        about = Message(
            "{repeats} tasks that one of {contributors} contributors judged more than once.",
            repeats=found["repeats"],
            contributors=found["contributors"],
        )
        names = {"percent": "percent agreement", "alpha": "Krippendorff's alpha"}
        rows = [[self.say(Message(names[one])), self.interval(found[one])] for one in names]
        table = self.table(map(Message, ("coefficient", "estimate (95 %)")), rows)
        title = Message("Agreement of contributors with themselves")
        return self.section(title, table, about=about)

    def _contributors(self) -> str:
        found = self.report["contributors"]
        shown = sorted(found, key=lambda one: -one["judgments"])[:MOST_ROWS]
        more = Message(
            "The {count} with most judgments; all are in contributors.csv.", count=MOST_ROWS
        )
        rows = [
            [
                one["worker"],
                one["judgments"],
                self.interval(one),
                _Svg(_line(one)),
                percent(one["agreement"]),
                _with_themselves(one),
            ]
            for one in shown
        ]
        titles = "contributor", "judgments", "accuracy (95 %)", "on a scale of 0 to 1"
        agreement = "agreement with others", "with themselves (tasks)"
        table = self.table(map(Message, (*titles, *agreement)), rows)
        return (f"<p>{escape(self.say(more))}</p>" if len(found) > MOST_ROWS else "") + table

    def _tasks(self) -> str:
        rows = [
            [one["task"], one["label"], percent(one["probability"]), one["judgments"]]
            for one in self.report["worth_a_look"]
        ]
        return self.table(map(Message, ("task", "label", "probability", "judgments")), rows)


def _line(one: Mapping[str, Any]) -> str:
    if one["estimate"] is None:
        return ""
    low, high, at = (4 + 192 * one[name] for name in ("low", "high", "estimate"))
    return (
        '<svg viewBox="0 0 200 14" width="200" height="14" aria-hidden="true">'
        '<line class="grid" x1="4" x2="196" y1="7" y2="7"/>'
        f'<line class="range" x1="{low:.1f}" x2="{high:.1f}" y1="7" y2="7"/>'
        f'<circle class="bar" cx="{at:.1f}" cy="7" r="5"/></svg>'
    )


class _Svg(str):
    """Markup of our own, not to be escaped."""


def _cells(row: Sequence[Any]) -> str:
    first, *others = map(_cell, row)
    return f'<th scope="row">{first}</th>' + "".join(f"<td>{cell}</td>" for cell in others)


def _cell(cell: Any) -> str:
    return str(cell) if isinstance(cell, _Svg) else escape(str(cell))


def _with_themselves(one: Mapping[str, Any]) -> str:
    return f"{percent(one['self_agreement'])} ({one['repeats']})" if one["repeats"] else ""


def percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.1f} %"
