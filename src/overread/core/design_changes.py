"""What differs between two versions of a design, in words, and what it means for results."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import ndiff
from enum import StrEnum
from typing import Any

import msgspec

from overread.core.design import AnyQuestion, Design
from overread.core.problems import Message


class Effect(StrEnum):
    """What a change after the launch means for the results, the gravest last."""

    WORDS = "words"
    ASKED_ANEW = "asked anew"
    NOT_ASKED = "not asked any more"
    WHEN = "when"
    TOGETHER = "together"
    SCORING = "scoring"
    ANSWERS = "answers"


MEANS = {
    Effect.WORDS: Message(
        "Pages handed out from now on show the new words. Judgments made before count as they"
        " are; where the meaning of an answer moved, compare both groups before you mix them."
    ),
    Effect.ASKED_ANEW: Message(
        "Judgments made before have no answer to this question: its results rest on later ones."
    ),
    Effect.NOT_ASKED: Message(
        "Answers given so far stay in the full report; the aggregated one leaves the question out."
    ),
    Effect.WHEN: Message(
        "Judgments made before were asked this in other cases: where it was not asked there is no"
        " answer."
    ),
    Effect.TOGETHER: Message(
        "Results are put together by the newest design, from all judgments, old ones too."
    ),
    Effect.SCORING: Message(
        "Test answers are marked by the newest design: trust, and who counts, may change for"
        " all who have answered."
    ),
    Effect.ANSWERS: Message(
        "Those who judged before had other answers to choose from. Rows that have judgments of"
        " both versions mix them: let them be judged again, in a copy of the job, where it matters."
    ),
}
# Fields of a question whose change is more than one of words.
_FIELDS = {
    Effect.WHEN: {"only_if", "required"},
    Effect.TOGETHER: {"aggregation", "threshold"},
    Effect.SCORING: {"tested", "matching"},
    Effect.ANSWERS: {
        *("type", "points", "first", "kinds", "labels", "rules", "value", "yes", "no", "review"),
        *("whole", "minimum", "maximum", "format", "shortest", "longest", "min", "max"),
    },
}
_NOT_SHOWN = {"choices", "given", "reason", "source", "nodes", "name"}


@dataclass(frozen=True)
class Change:
    """`where` names the place; `before` and `after` are its texts, "" where there is none."""

    where: Message
    before: str
    after: str
    effect: Effect

    @property
    def lines(self) -> list[tuple[str, str]]:
        """The text line by line: "-" went, "+" came, " " stayed."""
        compared = ndiff(self.before.splitlines(), self.after.splitlines())
        return [(line[0], line[2:]) for line in compared if line[0] != "?"]


def changes(old: Design, new: Design) -> list[Change]:
    """Every difference, in the order in which contributors meet it."""
    found = [*_instructions(old, new), *_rest(old, new), *_questions(old, new)]
    if not found and old.document() != new.document():
        found.append(Change(Message("Markup between the questions"), "", "", Effect.WORDS))
    return found


def effects(found: Sequence[Change]) -> list[Effect]:
    """What the changes mean, each once, the gravest first."""
    return [effect for effect in reversed(Effect) if any(one.effect == effect for one in found)]


def meaning(old: Design, new: Design) -> list[Message]:
    """What to know of a change after the launch: it holds for later pages only."""
    return [MEANS[effect] for effect in effects(changes(old, new))]


def _instructions(old: Design, new: Design) -> Iterator[Change]:
    labels = {
        "overview": Message("Instructions: overview"),
        "steps": Message("Instructions: steps"),
        "rules": Message("Instructions: rules and tips"),
        "examples": Message("Instructions: examples"),
    }
    for name, label in labels.items():
        before, after = getattr(old.instructions, name), getattr(new.instructions, name)
        if before != after:
            yield Change(label, before, after, Effect.WORDS)


def _rest(old: Design, new: Design) -> Iterator[Change]:
    """Everything of a design but instructions and questions."""
    was, is_ = old.document(), new.document()
    for name in dict.fromkeys((*was, *is_)):
        before, after = was.get(name), is_.get(name)
        if name not in ("instructions", "nodes") and before != after:
            where = Message("Design: {name}", name=name.replace("_", " "))
            yield Change(where, _text(before), _text(after), Effect.WORDS)


def _questions(old: Design, new: Design) -> Iterator[Change]:
    was, is_ = ({one.name: one for one in design.questions} for design in (old, new))
    for name in dict.fromkeys((*was, *is_)):
        where = Message("Question “{name}”", name=name)
        if name not in was:
            yield Change(where, "", is_[name].label, Effect.ASKED_ANEW)
        elif name not in is_:
            yield Change(where, was[name].label, "", Effect.NOT_ASKED)
        else:
            yield from _question(was[name], is_[name])
    before, after = (
        [name for name in names if name in was and name in is_] for names in (was, is_)
    )
    if before != after:
        order = Message("Order of the questions")
        yield Change(order, "\n".join(before), "\n".join(after), Effect.WORDS)


def _question(old: AnyQuestion, new: AnyQuestion) -> Iterator[Change]:
    was, is_ = _fields(old), _fields(new)
    for field in dict.fromkeys((*was, *is_)):
        before, after = was.get(field), is_.get(field)
        if before != after and field not in _NOT_SHOWN:
            where = Message(
                "Question “{name}”: {field}", name=old.name, field=field.replace("_", " ")
            )
            yield Change(where, _text(before), _text(after), _effect(field))
    yield from _choices(old.name, was.get("choices", ()), is_.get("choices", ()))


def _fields(question: AnyQuestion) -> dict[str, Any]:
    """All that is said of a question, with defaults."""
    fields = {name: getattr(question, name) for name in question.__struct_fields__}
    found: dict[str, Any] = msgspec.to_builtins(fields)
    return {"type": str(question.__struct_config__.tag), **found}


def _effect(field: str) -> Effect:
    found = (effect for effect, fields in _FIELDS.items() if field in fields)
    return next(found, Effect.WORDS)


def _choices(
    question: str, old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]
) -> Iterator[Change]:
    was, is_ = ({one["value"]: one for one in some} for some in (old, new))
    for value in dict.fromkeys((*was, *is_)):
        where = Message("Question “{name}”, answer “{value}”", name=question, value=value)
        before, after = (_choice(some.get(value)) for some in (was, is_))
        if before != after:
            kept = value in was and value in is_
            yield Change(where, before, after, Effect.WORDS if kept else Effect.ANSWERS)
    if list(was) != list(is_) and set(was) == set(is_):
        where = Message("Question “{name}”: order of the answers", name=question)
        yield Change(where, "\n".join(was), "\n".join(is_), Effect.WORDS)


def _choice(choice: Mapping[str, Any] | None) -> str:
    """A choice's words, one each line; what only the owner sees is left out."""
    return _text({key: value for key, value in (choice or {}).items() if key not in _NOT_SHOWN})


def _text(value: Any) -> str:
    """Any part of a design as lines to compare."""
    if isinstance(value, Mapping):
        filled = {key: one for key, one in value.items() if one not in (None, "", [], ())}
        return "\n".join(f"{key.replace('_', ' ')}: {_inline(one)}" for key, one in filled.items())
    if isinstance(value, list | tuple):
        return "\n".join(_inline(one) for one in value)
    return _inline(value)


def _inline(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_inline(one)}" for key, one in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(_inline, value))
    return "" if value is None else str(value)
