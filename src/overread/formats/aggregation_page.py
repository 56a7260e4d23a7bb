"""report.html: one page with the figures and their plots, readable without any other file."""

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
body{color:#1c2430;background:#fff}
h1{font-size:1.6rem}h2{font-size:1.15rem;margin-top:2.2rem}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{text-align:right;padding:.3rem .6rem;border-bottom:1px solid #d9dee6}
th:first-child,td:first-child{text-align:left}
.scroll{overflow-x:auto}.note{border-left:4px solid #c77700;padding:.5rem 1rem;background:#fff6e6}
svg{max-width:100%;height:auto}svg text{font:12px system-ui,sans-serif;fill:currentColor}
.bar{fill:#2f6db5}.range{stroke:#2f6db5;stroke-width:3}.grid{stroke:#d9dee6}
@media (prefers-color-scheme:dark){body{color:#e4e8ef;background:#12161c}th,td{border-color:#333b47}
.note{background:#2a210f}.bar{fill:#7fb2ec}.range{stroke:#7fb2ec}.grid{stroke:#333b47}}
"""
MOST_ROWS = 40


def write_page(path: Path, report: Mapping[str, Any]) -> None:
    """report: the document of report.json."""
    body = "\n".join(
        [
            f"<h1>Aggregation of {escape(str(report['table']))}</h1>",
            _summary(report),
            *(f'<p class="note">{escape(one)}</p>' for one in report["warnings"]),
            "<h2>Labels</h2>",
            _labels(report["labels"]),
            "<h2>How sure the labels are</h2>",
            "<p>Number of tasks by the probability of their label.</p>",
            _histogram(report["probabilities"]),
            _sureness(report),
            "<h2>Agreement</h2>",
            "<p>1 is perfect, 0 is what chance alone gives; with 95 % intervals over tasks. "
            "On many medical questions experts themselves agree only moderately.</p>",
            _agreement(report["agreement"]),
            "<h2>Contributors</h2>",
            _contributors(report["contributors"]),
            "<h2>Tasks most worth another look</h2>",
            "<p>Ordered by how likely an expert's look changes the label.</p>",
            _tasks(report["worth_a_look"]),
        ]
    )
    head = '<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    title = f"<title>Aggregation of {escape(str(report['table']))}</title>"
    page = f'<!doctype html><html lang="en"><head>{head}{title}<style>{STYLE}</style></head>'
    path.write_text(f"{page}<body>{body}</body></html>\n", encoding="utf-8")


def _summary(report: Mapping[str, Any]) -> str:
    size = "{judgments} judgments of {tasks} tasks by {contributors} contributors"
    left = "; ".join(f"{count} rows {reason}" for reason, count in report["left_out"].items())
    lines = [size.format(**report["sizes"]) + (f"; left out: {left}." if left else ".")]
    lines.append(f"Method: {report['method']}. {report['reason']}".strip())
    if not report["converged"]:
        lines.append("The fit had not settled after its last iteration.")
    return "".join(f"<p>{escape(line)}</p>" for line in lines)


def _labels(labels: Sequence[Mapping[str, Any]]) -> str:
    rows = [
        [one["label"], one["tasks"], _percent(one["share"]), _range(one["prevalence"])]
        for one in labels
    ]
    return _table(["label", "tasks", "share of labels", "prevalence (95 %)"], rows)


def _sureness(report: Mapping[str, Any]) -> str:
    rows = [["expected by the method itself", _range(report["believed_accuracy"])]]
    if report["measured_accuracy"]:
        rows.append([report["measured_accuracy"]["from"], _range(report["measured_accuracy"])])
    return _table(["accuracy of the labels", "estimate (95 %)"], rows)


def _histogram(counts: Sequence[int]) -> str:
    top = max([*counts, 1])
    bars = []
    for place, count in enumerate(counts):
        height, x = 120 * count / top, 10 + place * 58
        label = f"{place * 10}-{place * 10 + 10} %"
        bars.append(
            f'<rect class="bar" x="{x}" y="{140 - height:.1f}" width="50" height="{height:.1f}">'
            f"<title>{label}: {count} tasks</title></rect>"
            f'<text x="{x + 25}" y="{134 - height:.1f}" text-anchor="middle">{count}</text>'
            f'<text x="{x + 25}" y="156" text-anchor="middle">{label}</text>'
        )
    return (
        '<svg viewBox="0 0 600 165" role="img" aria-label="tasks by probability of their label">'
        f'<line class="grid" x1="0" x2="600" y1="140" y2="140"/>{"".join(bars)}</svg>'
    )


def _agreement(found: Mapping[str, Mapping[str, Any]]) -> str:
    return _table(
        ["coefficient", "estimate (95 %)"], [[name, _range(one)] for name, one in found.items()]
    )


def _contributors(rows: Sequence[Mapping[str, Any]]) -> str:
    shown = sorted(rows, key=lambda one: -one["judgments"])[:MOST_ROWS]
    more = f"<p>The {MOST_ROWS} with most judgments; all are in contributors.csv.</p>"
    table = _table(
        ["contributor", "judgments", "accuracy (95 %)", "", "agreement with others"],
        [
            [
                one["worker"],
                one["judgments"],
                _range(one),
                _Svg(_line(one)),
                _percent(one["agreement"]),
            ]
            for one in shown
        ],
    )
    return (more if len(rows) > MOST_ROWS else "") + table


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


def _tasks(rows: Sequence[Mapping[str, Any]]) -> str:
    return _table(
        ["task", "label", "probability", "judgments"],
        [
            [one["task"], one["label"], _percent(one["probability"]), one["judgments"]]
            for one in rows
        ],
    )


class _Svg(str):
    """Markup of our own, not to be escaped."""


def _table(header: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in header)
    lines = ("".join(f"<td>{_cell(cell)}</td>" for cell in row) for row in rows)
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return f'<div class="scroll">{table}</div>'


def _cell(cell: Any) -> str:
    return str(cell) if isinstance(cell, _Svg) else escape(str(cell))


def _percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.1f} %"


def _range(one: Mapping[str, Any]) -> str:
    if one["estimate"] is None:
        return "not defined"
    return f"{one['estimate']:.3f} ({one['low']:.3f} to {one['high']:.3f})"
