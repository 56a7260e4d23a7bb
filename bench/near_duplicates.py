#!/usr/bin/env python
"""How well and how cheaply the same film is found again. See README.md."""

import argparse
import csv
import io
import json
import random
import time
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import _environment  # noqa: F401 goes on in .venv
import numpy as np
from PIL import Image, ImageEnhance, ImageOps

from overread.core.near_duplicates import SAME, Candidate, agreement, candidates
from overread.imaging.looks import look_of, looks_from, square_of
from overread.imaging.render import rendition

METHOD = """Method: some images of the collection, drawn with a seed, are changed and put beside
all of it. found: share of them that form a pair with their original. false: pairs of images whose
patients differ, by the index's patient and its pixel hashes. cpu_ms: CPU of this process by image,
of the look (decoding left out), of the search and of laying pairs over one another, thumbnails
read from JPEG of our own included."""
BENCH = Path(__file__).parent
Change = Callable[[Image.Image, random.Random], Image.Image]


def saved_anew(image: Image.Image, rng: random.Random) -> Image.Image:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=rng.randint(30, 80))
    return Image.open(out)


def smaller(image: Image.Image, rng: random.Random) -> Image.Image:
    share = rng.uniform(0.5, 0.9)
    return image.resize((round(image.width * share), round(image.height * share)))


def cut(image: Image.Image, rng: random.Random, most: float = 0.05) -> Image.Image:
    left, top, right, bottom = (rng.uniform(0, most) for _ in range(4))
    wide, high = image.size
    return image.crop((round(left * wide), round(top * high), round(wide - right * wide),
                       round(high - bottom * high)))  # fmt: skip


CHANGES: dict[str, Change] = {
    "saved anew, quality 30 to 80": saved_anew,
    "made 0.5 to 0.9 times as large": smaller,
    "cut by up to 5 % at each edge": cut,
    "cut by up to 10 % at each edge": lambda image, rng: cut(image, rng, 0.1),
    "brightness 0.75 to 1.25": lambda image, rng: ImageEnhance.Brightness(image).enhance(
        rng.uniform(0.75, 1.25)
    ),
    "contrast 0.7 to 1.4": lambda image, rng: ImageEnhance.Contrast(image).enhance(
        rng.uniform(0.7, 1.4)
    ),
    "mirrored": lambda image, rng: ImageOps.mirror(image),
    "mirrored, cut by up to 5 %, saved anew": lambda image, rng: saved_anew(
        cut(ImageOps.mirror(image), rng), rng
    ),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=BENCH.parents[1] / "shared/data")
    parser.add_argument("--changed", type=int, default=200, help="images for each change")
    parser.add_argument("--images", type=int, default=0, help="of the collection; 0: all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    print(METHOD)
    rows = list(_measured(options))
    if options.json:
        options.json.write_text(json.dumps({"method": METHOD, "rows": rows}, indent=1))


def _measured(options: argparse.Namespace) -> Any:
    rng = random.Random(options.seed)
    images, patients = _collection(options.data / "cxr", options.images, rng)
    begun = time.process_time()
    known = [look_of(np.asarray(image)) for image in images]
    looking = time.process_time() - begun
    begun = time.process_time()
    found, pairs = _pairs(images, known)
    searching = time.process_time() - begun
    false = [pair for pair in found if patients[pair.first] != patients[pair.second]]
    figures = {
        "images": len(images),
        "pairs_laid_over": pairs,
        "found": len(found),
        "false": len(false),
        "cpu_ms_look": round(1000 * looking / len(images), 3),
        "cpu_ms_search": round(1000 * searching / len(images), 3),
    }
    print(figures, flush=True)
    yield figures
    for name, change in CHANGES.items():
        chosen = rng.sample(range(len(images)), min(options.changed, len(images)))
        changed = [change(images[one], rng).convert("L") for one in chosen]
        every = [*images, *changed]
        looks = [*known, *(look_of(np.asarray(image)) for image in changed)]
        again, _ = _pairs(every, looks, least=len(images))
        expected = {(one, len(images) + number) for number, one in enumerate(chosen)}
        hits = {(one.first, one.second) for one in again}
        wrong = [
            (first, second)
            for first, second in hits - expected
            if second < len(images) + len(chosen)
            and patients[first] != patients[chosen[second - len(images)]]
        ]
        share = len(hits & expected) / len(expected)
        print(f"{name}: found {share:.3f} of {len(expected)}, false {len(wrong)}", flush=True)
        yield {"change": name, "found": share, "of": len(expected), "false": len(wrong)}


def _collection(folder: Path, most: int, rng: random.Random) -> tuple[list[Image.Image], list[str]]:
    """Images and their patients; patients with a pixel-identical image count as one."""
    with (folder / "kermany224_train_index.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    rows = rng.sample(rows, most) if most else rows
    same = {row["pixel_md5"]: row["patient"] for row in rows}
    with zipfile.ZipFile(folder / "kermany224_train.zip") as archive:
        images = [Image.open(io.BytesIO(archive.read(row["file"]))).convert("L") for row in rows]
    return images, [same[row["pixel_md5"]] for row in rows]


def _pairs(
    images: Sequence[Image.Image], looks: list[bytes], least: int = 0
) -> tuple[list[Candidate], int]:
    """The pairs that show the same film, as flows.near_duplicates finds them; of those with an
    image from `least` on alone.
    """
    squares: dict[int, Any] = {}

    def square(number: int) -> Any:
        if number not in squares:
            thumb = rendition(np.asarray(images[number]), longest=256)
            squares[number] = square_of(thumb)
        return squares[number]

    found, laid = {}, 0
    for pair in candidates(looks_from(looks)):
        if pair.second < least or (pair.first, pair.second) in found:
            continue
        laid += 1
        other = square(pair.second)
        other = other[:, ::-1] if pair.mirrored else other
        if agreement(square(pair.first), other) >= SAME:
            found[pair.first, pair.second] = pair
    return list(found.values()), laid


if __name__ == "__main__":
    main()
