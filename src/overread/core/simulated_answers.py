"""A complete set of answers that says a given thing; only the main question is modelled."""

from random import Random
from typing import Any

from overread.core.design import (
    AnyQuestion,
    Choosing,
    Design,
    MarkKind,
    Marks,
    Number,
    Rating,
    SeveralChoices,
    YesNo,
)

# Answers are drawn so often until a derived main question says what it should.
TRIES = 10_000
TICKED = 0.3
POINTS = {MarkKind.BOX: 2, MarkKind.DOT: 1, MarkKind.LINE: 2, MarkKind.POLYGON: 3}


def answers_with(design: Design, main: str, rng: Random) -> dict[str, Any]:
    """Something for every question that is asked, so that the main question's answer is `main`.

    Raises ValueError where the main question is derived and no answers lead there.
    """
    question = design.main_question
    if not question.is_computed:
        return _fill(design, {question.name: main}, rng)
    for _try in range(TRIES):
        answers = _fill(design, {}, rng)
        if design.completed(answers).get(question.name) == main:
            return answers
    raise ValueError(f"no answers lead to “{main}”")


def _fill(design: Design, answers: dict[str, Any], rng: Random) -> dict[str, Any]:
    """Answers to what is asked, in passes: a question may wait for one that comes later."""
    done = set(answers)
    while (question := _next(design, answers, done)) is not None:
        done.add(question.name)
        answer = _answer(question, rng)
        if answer is not None:
            answers = {**answers, question.name: answer}
    return answers


def _next(design: Design, answers: dict[str, Any], done: set[str]) -> AnyQuestion | None:
    seen = design.completed(answers)
    waiting = (one for one in design.questions if not one.is_computed and one.name not in done)
    return next((one for one in waiting if one.is_asked(seen)), None)


def _answer(question: AnyQuestion, rng: Random) -> Any:
    match question:
        case SeveralChoices():
            some = [choice.value for choice in question.choices if rng.random() < TICKED]
            least = [rng.choice(question.choices).value] if question.required else None
            return some or least
        case Choosing():
            return rng.choice(question.choices).value
        case YesNo():
            return rng.choice([question.yes, question.no]) or None
        case Rating():
            return rng.choice(question.numbers)
        case Number():
            low = question.minimum if question.minimum is not None else 0
            high = question.maximum if question.maximum is not None else low + 10
            return rng.randint(-int(-low // 1), int(high // 1))
        case Marks():
            return [_mark(question, rng) for _ in range(max(question.min, 1))]
    return "simulated" if question.required else None


def _mark(question: Marks, rng: Random) -> dict[str, Any]:
    kind = rng.choice(question.kinds)
    points = [[rng.randint(1, 20), rng.randint(1, 20)] for _ in range(POINTS[kind])]
    label = rng.choice(question.labels).value if question.labels else ""
    return {"kind": kind.value, "points": points, "label": label}
