"""Reports of a job elsewhere, made as the reference platform writes them."""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from overread.formats.appen_reports import AGGREGATED, FULL

CML = """<img src="{{hosted_image}}"/>
<cml:radios label="Are there signs of pneumonia?" name="pneumonia_present" validates="required" \
gold="true"><cml:radio label="Yes" value="yes"/><cml:radio label="No" value="no"/>\
<cml:radio label="Unknown" value="unknown"/></cml:radios>
<cml:checkboxes only-if="pneumonia_present:[yes]" label="What do you see?" name="signs" \
gold="false"><cml:checkbox label="Opaque" value="opaque"/>\
<cml:checkbox label="Diffuse" value="diffuse"/></cml:checkboxes>
"""
QUESTIONS = ("pneumonia_present", "signs")
DATA = ("hosted_image", "ward")
GOLD = ("pneumonia_present_gold", "pneumonia_present_gold_reason")
FULL_HEADER = (*FULL, *QUESTIONS, *sorted((*DATA, *GOLD)))


@dataclass(frozen=True)
class There:
    """A row there: its id, its image's number, the accepted answer of a test question."""

    key: int
    image: int
    gold: str = ""
    enabled: bool = True

    @property
    def data(self) -> dict[str, str]:
        why = "See the white patch." if self.gold else ""
        return {
            "hosted_image": f"https://example.org/x/scan-{self.image}.png",
            "ward": "paediatrics",
            **dict(zip(GOLD, (self.gold, why), strict=True)),
        }


@dataclass(frozen=True)
class Said:
    """A judgment there, of page `page` of `worker`."""

    unit: There
    worker: str
    answer: str
    page: int = 0
    signs: str = ""
    trust: str = "1"
    tainted: bool = False

    def line(self, key: int) -> dict[str, str]:
        missed = bool(self.unit.gold) and self.answer != self.unit.gold
        minute = 10 * self.page
        return {
            "_unit_id": str(self.unit.key),
            "_created_at": f"8/15/2018 09:{minute + 2:02}:05",
            "_golden": str(bool(self.unit.gold) and self.unit.enabled).lower(),
            "_id": str(key),
            "_missed": "true" if missed else "",
            "_started_at": f"8/15/2018 09:{minute:02}:05",
            "_tainted": str(self.tainted).lower(),
            "_channel": "clixsense",
            "_trust": self.trust,
            "_worker_id": self.worker,
            "_country": "GBR",
            "_region": "",
            "_city": "",
            "_ip": "",
            "pneumonia_present": self.answer,
            "signs": self.signs,
            **self.unit.data,
        }


# Eight source rows; six of the next are test questions, two were switched off there. As the
# platform does it, the first test question is a copy of the first source row.
SOURCE = tuple(There(1_000 + n, n) for n in range(8))
TESTS = (
    There(2_000, 0, "yes"),
    *(There(2_000 + n, 10 + n, ("yes", "no")[n % 2]) for n in range(1, 8)),
    There(2_008, 18, "unknown", enabled=False),
)


def a_job() -> list[Said]:
    """Half finished: the first four rows have three trusted judgments, the next two one, the last
    two none. One contributor failed the quiz, one was removed from work.
    """
    said = []
    for worker, rows in (("501", SOURCE[:6]), ("502", SOURCE[:4]), ("503", SOURCE[:4])):
        for test in TESTS[:5]:
            wrong = worker == "503" and test is TESTS[1]
            answer = {"yes": "no", "no": "yes"}[test.gold] if wrong else test.gold
            said.append(Said(test, worker, answer))
        said += [Said(row, worker, ("yes", "no")[row.image % 2], page=1) for row in rows]
        said.append(Said(TESTS[5], worker, TESTS[5].gold, page=1))
    said = [replace(one, trust="0.8333") if one.worker == "503" else one for one in said]
    said += [Said(test, "504", "unknown", trust="0", tainted=True) for test in TESTS[:5]]
    bad = [Said(test, "505", test.gold) for test in TESTS[:5]]
    bad += [Said(row, "505", "unknown", page=1) for row in SOURCE[:3]]
    return said + [replace(one, trust="0.6", tainted=True) for one in bad]


def full_report(said: Iterable[Said]) -> str:
    lines = [one.line(key) for key, one in enumerate(said, start=9_001)]
    order = sorted(lines, key=lambda line: (int(line["_unit_id"]), line["_created_at"]))
    return written(FULL_HEADER, order)


def aggregated_report(rows: Iterable[tuple[There, str, int, str, str]]) -> str:
    """Of (row, state, trusted judgments, answer, confidence)."""
    own = ("pneumonia_present", "pneumonia_present:confidence", "signs", "signs:confidence")
    header = (*AGGREGATED, *own, *sorted((*DATA, GOLD[0])))
    return written(header, (_aggregated(*one) for one in rows))


def _aggregated(row: There, state: str, count: int, answer: str, second: str) -> dict[str, str]:
    return {
        "_unit_id": str(row.key),
        "_golden": str(bool(row.gold) and row.enabled).lower(),
        "_unit_state": state,
        "_trusted_judgments": str(count),
        "_last_judgment_at": "",
        "pneumonia_present": answer,
        "pneumonia_present:confidence": second,
        "signs": "",
        "signs:confidence": "",
        **row.data,
    }


def written(header: Iterable[str], rows: Iterable[Mapping[str, str]]) -> str:
    out = io.StringIO(newline="")
    table = csv.DictWriter(out, list(header), extrasaction="ignore", lineterminator="\n")
    table.writeheader()
    table.writerows(rows)
    return out.getvalue()


def lines_of(report: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(report, newline="")))


def saved(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8", newline="")
    return path
