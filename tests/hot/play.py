"""Plays random jobs from seeds, on whatever database the settings name, and prints what was told.

Run twice, once with each database, it must print the same: `python -m tests.hot.play SEED...`.
"""

import json
import os
import sys
from random import Random
from typing import Any

from django import setup

from tests.hot.model import Model, Page, Reply

STEPS = 40
AN_HOUR = 3600


def play(seed: int) -> list[Any]:
    """One random job from beginning to end, checked after every step."""
    from tests.hot.world import World, drawn, raw

    rng = Random(f"play {seed}")
    world = World(drawn(rng), raw())
    return [take_step(world, rng) for _ in range(STEPS)]


def take_step(world: Any, rng: Random) -> Any:
    from tests.hot.world import open_settings

    world.served = rng.random() < 0.5
    world.passes(rng.choice((0, 1, 6, 6, 30)) if rng.random() < 0.9 else AN_HOUR)
    who = rng.choice(world.people)
    step = rng.random()
    if step < 0.4:
        return world.ask(*rng.sample(world.people, rng.choice((1, 1, 2))), retake=step < 0.2)
    if step < 0.85:
        return send_something(world, who, rng)
    if step < 0.91:
        return rng.choice((world.remove, world.restore, world.settle))(who)
    if step < 0.95:
        return world.hold(rng.choice(list(world.model.tests))) if world.model.tests else None
    if step < 0.96:
        return world.change_settings(**open_settings(rng))
    if step < 0.97:
        return accept_another_answer(world, rng)
    rare = (world.cancel,) if rng.random() < 0.02 else ()
    return rng.choice((world.pause, world.resume, world.resume, world.launch_rest, *rare))()


def accept_another_answer(world: Any, rng: Random) -> None:
    from tests.hot.world import ANSWERS

    if world.model.tests:
        world.accept_too(rng.choice(list(world.model.tests)), rng.choice(ANSWERS))


def send_something(world: Any, who: int, rng: Random) -> Any:
    """The open page, else any page: a late one, one that is judged, another contributor's."""
    model: Model = world.model
    page = model.open_page(who)
    if page is None or rng.random() < 0.1:
        pages = [one for one in model.pages.values() if one.who == who or rng.random() < 0.1]
        page = rng.choice(pages) if pages else None
    return world.send(who, page.id, replies(page, model, rng)) if page else None


def replies(page: Page, model: Model, rng: Random, *, spoil: float = 0.1) -> list[Reply | None]:
    """Mostly valid, mostly right."""
    found: list[Reply | None] = [
        reply(model.tests.get(unit or 0, "healthy"), rng) for unit in page.units
    ]
    if rng.random() < spoil:
        place = rng.randrange(len(found))
        bad = Reply({"finding": "cancer"}, valid=False)
        found[place] = rng.choice((None, bad, Reply({}, valid=False)))
    return found


def reply(answer: str, rng: Random) -> Reply:
    drawn = rng.random()
    if drawn < 0.05:
        return Reply({}, cannot_be_judged=True)
    if drawn < 0.1:
        return Reply({"finding": "unsure", "how_likely": 3})
    if drawn < 0.3:
        answer = {"healthy": "pneumonia", "pneumonia": "healthy"}[answer]
    return right(answer)


def right(answer: str | None) -> Reply:
    """What is accepted of a test question, or, where it is none, some answer."""
    signs = {"signs": ["one_place"]} if answer == "pneumonia" else {}
    return Reply({"finding": answer or "healthy", **signs})


def main(seeds: list[int]) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "overread.settings")
    setup()
    from overread.store import schema

    schema.prepare()
    for seed in seeds:
        print(json.dumps([seed, play(seed)]), flush=True)


if __name__ == "__main__":
    main([int(seed) for seed in sys.argv[1:]])
