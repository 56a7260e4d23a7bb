"""Templates of whole jobs: the only place that knows what a job is about."""

import tomllib
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from overread.core.design import Design

_FOLDER = files("overread.formats") / "templates"
_HEAD = ("name", "label", "title", "summary")


@dataclass(frozen=True)
class JobTemplate:
    """`settings` are those in which its jobs differ from the defaults, by the columns' names."""

    name: str
    label: str
    title: str
    summary: str
    design: Design
    settings: dict[str, Any] = field(default_factory=dict)


@cache
def job_templates() -> dict[str, JobTemplate]:
    """Every template by its name, in the order in which they are offered."""
    texts = [file.read_text("utf-8") for file in _FOLDER.iterdir() if ".toml" in file.name]
    documents = {one["name"]: one for one in map(tomllib.loads, texts)}
    ordered = sorted(documents.values(), key=lambda one: int(one["rank"]))
    return {one["name"]: _read(_whole(one, documents)) for one in ordered}


def _whole(document: dict[str, Any], others: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """With what it takes from the template that it is like; its own questions come after those."""
    base = others.get(document.get("like", ""), {})
    more = document.get("more_nodes", [])
    return {
        **base,
        **document,
        "instructions": {**base.get("instructions", {}), **document["instructions"]},
        "nodes": [*document.get("nodes", base.get("nodes", [])), *more],
    }


def _read(document: dict[str, Any]) -> JobTemplate:
    head = {key: str(document[key]) for key in _HEAD}
    known = (*Design.__struct_fields__,)
    design = Design.from_document({key: document[key] for key in known if key in document})
    return JobTemplate(design=design, settings=document.get("settings", {}), **head)
