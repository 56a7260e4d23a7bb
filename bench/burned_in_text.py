"""How often text on films is found, and how often something else is taken for text.

False alarms: over public films, whose own words are listed to be looked at. Found: over invented
names written on those films, where they can be read.
"""

import io
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from random import Random

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from overread.imaging.text import text_in

DATA = Path(__file__).resolve().parents[2] / "shared/data"
NAMES = (
    "DOE ANNA",
    "Doe^Jane 4711",
    "Mueller, Max",
    "ID 123456",
    "MEIER PAUL 01.02.2015",
    "Kim Li",
)
SIZES = (10, 12, 14, 16, 20, 28, 40, 60)
TIMES = 4
# Greys between ink and what is under it, so that it can be read.
CONTRAST = 90


def films() -> dict[str, list[bytes]]:
    full = [path.read_bytes() for path in sorted(DATA.glob("cxr/kermany_fullsize/*/*.jp*g"))]
    nih = [path.read_bytes() for path in sorted(DATA.glob("cxr/nih_samples/*.png"))]
    with zipfile.ZipFile(DATA / "cxr/kermany224_train.zip") as archive:
        names = [
            name for name in archive.namelist() if name.lower().endswith(("jpg", "jpeg", "png"))
        ]
        small = [archive.read(name) for name in names]
    return {"full size": full, "NIH": nih, "224 pixels": small}


def grey(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data)).convert("L")


def alarms(name: str, found: list[bytes]) -> list[bytes]:
    """Prints how many are taken to hold text; returns the others."""
    began, clear = time.process_time(), []
    for data in found:
        if not text_in(np.asarray(grey(data))):
            clear.append(data)
    took = 1000 * (time.process_time() - began) / len(found)
    flagged = len(found) - len(clear)
    print(f"{name}: {flagged} of {len(found)}, {took:.1f} ms each with decoding")
    return clear


def written(film: bytes, size: int, ink: int, rng: Random) -> Iterator[Image.Image]:
    for _ in range(TIMES):
        image, font, text = grey(film), ImageFont.load_default(size), rng.choice(NAMES)
        draw = ImageDraw.Draw(image)
        _, _, right, bottom = draw.textbbox((0, 0), text, font=font)
        x = rng.uniform(5, max(image.width - right - 5, 6))
        y = rng.uniform(5, max(image.height - bottom - 5, 6))
        under = np.asarray(image.crop((int(x), int(y), int(x + right), int(y + bottom)))).astype(
            int
        )
        if (abs(under - ink) < CONTRAST).mean() <= 0.1:
            draw.text((x, y), text, fill=ink, font=font)
            yield image


def main() -> int:
    clear = {name: alarms(name, found) for name, found in films().items()}
    rng = Random(1)
    print("letters, ink, found")
    for size in SIZES:
        for ink in (255, 0):
            hits = [
                bool(text_in(np.asarray(image)))
                for film in [*clear["full size"], *clear["NIH"]]
                for image in written(film, size, ink, rng)
            ]
            print(f"{size} pixels, {ink}: {sum(hits)} of {len(hits)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
