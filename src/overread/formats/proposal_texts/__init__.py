"""What a template's author can say in a proposal: Markdown by section."""

import tomllib
from importlib.resources import files

_FOLDER = files("overread.formats") / "proposal_texts"


def proposal_texts(template: str) -> dict[str, str]:
    """By section; empty for a template that says nothing."""
    file = _FOLDER / f"{template}.toml"
    return tomllib.loads(file.read_text("utf-8")) if template and file.is_file() else {}
