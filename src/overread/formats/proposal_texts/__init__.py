"""What the authors of templates, and who knows a source of images, can say in a proposal.

All is Markdown by section: `every-job.toml` holds for any job, `<template>.toml` for those of a
template, `sources/` for images that come from a known place.
"""

import re
import tomllib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

_FOLDER = files("overread.formats") / "proposal_texts"
# So many of the names have to be a source's own.
LEAST_SHARE = 0.25


def proposal_texts(template: str) -> dict[str, str]:
    """By section. A template says what the one says that it is like, and more."""
    own = _read(template)
    return {**_read("every-job"), **_read(own.pop("like", "")), **own}


def _read(name: str) -> dict[str, str]:
    file = _FOLDER / f"{name}.toml"
    return tomllib.loads(file.read_text("utf-8")) if name and file.is_file() else {}


def known_biases(names: Sequence[str], texts: Sequence[str]) -> str:
    """What is known of the source of images with these file names, or that these texts name."""
    return next((one["biases"] for one in _sources() if _is_from(one, names, texts)), "")


def _is_from(source: dict[str, str], names: Sequence[str], texts: Sequence[str]) -> bool:
    is_own = re.compile(source["names"], re.IGNORECASE).match
    told = sum(1 for name in names if is_own(name))
    if names and told >= LEAST_SHARE * len(names):
        return True
    return any(re.search(source["said"], text, re.IGNORECASE) for text in texts)


@cache
def _sources() -> list[dict[str, str]]:
    found = sorted((_FOLDER / "sources").iterdir(), key=lambda file: file.name)
    return [tomllib.loads(file.read_text("utf-8")) for file in found]
