"""Settings as they are given on the command line: --quiz-length 10 --discussion true."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, get_type_hints

import msgspec

from overread.core.problems import Message, Refused
from overread.flows.settings import NAMES, Settings
from overread.store.models import Job

TYPES = get_type_hints(Settings)


def changed_settings(job: Job, arguments: Sequence[str]) -> Settings:
    """The job's settings with these changes. Raises Refused for what is no setting."""
    options, values = arguments[::2], arguments[1::2]
    if len(options) != len(values):
        raise Refused.because(
            Message("{option} has no value.", option=arguments[-1]),
            Message("Give one behind it, such as --quiz-length 10."),
        )
    given = {_name(option): value for option, value in zip(options, values, strict=True)}
    return replace(Settings.of(job), **{name: _value(name, text) for name, text in given.items()})


def _name(option: str) -> str:
    name = option.removeprefix("--").replace("-", "_")
    if not option.startswith("--") or name not in NAMES:
        known = ", ".join(f"--{one.replace('_', '-')}" for one in NAMES)
        raise Refused.because(
            Message("There is no setting {option}.", option=option),
            Message("There are: {known}.", known=known),
        )
    return name


def _value(name: str, text: str) -> Any:
    """A number, a choice, true or false, null for none; bounds of answers as JSON."""
    try:
        given = json.loads(text) if text.startswith("{") else text
        return msgspec.convert(given, TYPES[name], strict=False)
    except (ValueError, msgspec.ValidationError) as error:
        raise Refused.because(
            Message("“{text}” does not fit: {why}.", text=text, why=str(error)),
            Message("docs/reference/job-settings.md says what does."),
            source=name,
        ) from None
