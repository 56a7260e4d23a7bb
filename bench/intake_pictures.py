#!/usr/bin/env python
"""From file to ready-to-judge unit, against what plain Pillow needs. See README.md."""

import argparse
import io
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from functools import cache
from multiprocessing import Pool
from pathlib import Path
from typing import Any

import _environment  # noqa: F401 goes on in .venv
from PIL import Image

METHOD = """Method: every way in a process of its own, one after the other in each round; pictures
a second on the clock, and per second of processor time of all processes together. copied: Pillow
reads, decodes, encodes one JPEG and writes it. drawn: Pillow reads, decodes, encodes what overread
keeps (JPEG of 1,600 and of 256 pixels, PNG) and writes it. intake: overread intake, from a new job
to its last row, every file durable on disk. Shares: the median over the rounds of intake by
copied, and by drawn, of the same round. memory: the most that the intake's own process held."""
BENCH = Path(__file__).parent
WAYS = ("copied", "drawn", "intake")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=BENCH.parents[1] / "shared/data/cxr")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    parser.add_argument("--repeat", type=int, default=8, help="how often the full-size films")
    parser.add_argument("--most", type=int, help="pictures of the small set")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.way:
        print(json.dumps(_measured(options)))
        return
    print(METHOD)
    rows = []
    with tempfile.TemporaryDirectory() as home:
        for name, source in _sets(options, Path(home)).items():
            rows.append({"set": name, **_compared(source, options)})
            print(name, json.dumps(rows[-1]), flush=True)
    if options.json:
        options.json.write_text(json.dumps({"method": METHOD, "rows": rows}, indent=1))


def _sets(options: argparse.Namespace, home: Path) -> dict[str, Path]:
    """Full-size films, each several times with one pixel changed; and the small ones as a zip."""
    full = home / "full"
    full.mkdir()
    for number in range(options.repeat):
        for path in sorted((options.data / "kermany_fullsize").rglob("*.jpeg")):
            (full / f"{number}-{path.name}").write_bytes(_changed(path, number))
    small = options.data / "kermany224_train.zip"
    if options.most:
        part = home / "small.zip"
        with zipfile.ZipFile(small) as source, zipfile.ZipFile(part, "w") as made:
            for name in [one for one in source.namelist() if one.endswith("g")][: options.most]:
                made.writestr(name, source.read(name))
        small = part
    return {"JPEG, full size": full, "JPEG of 224 pixels in a zip": small}


def _changed(path: Path, number: int) -> bytes:
    """Another picture of the same cost, since each is stored once."""
    if not number:
        return path.read_bytes()
    image = Image.open(path)
    image.load()
    image.putpixel((number, number), 255 - number)
    out = io.BytesIO()
    image.save(out, "JPEG", quality="keep" if image.format == "JPEG" else 90)
    return out.getvalue()


def _compared(source: Path, options: argparse.Namespace) -> dict[str, Any]:
    found: dict[str, list[dict[str, float]]] = {way: [] for way in WAYS}
    for _ in range(options.rounds):
        for way in WAYS:
            found[way].append(_run(way, source, options))
    rates = {
        f"{way} {of}": round(statistics.median(one[of] for one in found[way]), 1)
        for way in WAYS
        for of in ("per_second", "per_cpu_second")
    }
    shares = {
        f"share of {way}, {of}": round(
            statistics.median(
                ours[of] / theirs[of]
                for ours, theirs in zip(found["intake"], found[way], strict=True)
            ),
            2,
        )
        for way in ("copied", "drawn")
        for of in ("per_second", "per_cpu_second")
    }
    memory = max(one["memory_mb"] for one in found["intake"])
    return {"pictures": found["copied"][0]["pictures"], **rates, **shares, "memory_mb": memory}


def _run(way: str, source: Path, options: argparse.Namespace) -> Any:
    command = [sys.executable, __file__, "--way", way, "--workers", str(options.workers)]
    ran = subprocess.run(
        [*command, "--data", str(source)], stdout=subprocess.PIPE, text=True, check=True
    )
    return json.loads(ran.stdout.splitlines()[-1])


def _measured(options: argparse.Namespace) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as home:
        ready = _prepared(Path(home)) if options.way == "intake" else None
        began, used = time.perf_counter(), _used()
        count = ready(options.data) if ready else _with_pillow(options, Path(home))
        seconds, cpu = time.perf_counter() - began, _used() - used
    return {
        "pictures": count,
        "per_second": count / seconds,
        "per_cpu_second": count / cpu,
        "memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def _used() -> float:
    """Processor seconds of this process and of the workers that have ended."""
    own, ended = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, -1))
    return own.ru_utime + own.ru_stime + ended.ru_utime + ended.ru_stime


def _with_pillow(options: argparse.Namespace, home: Path) -> int:
    items = [(options.way, home, number, *one) for number, one in enumerate(_files(options.data))]
    with Pool(options.workers) as workers:
        workers.map(_rewritten, items, chunksize=16)
        workers.close()
        workers.join()
    return len(items)


def _files(source: Path) -> Iterator[tuple[Path, str]]:
    """A file, or an archive and the name in it."""
    if source.is_dir():
        yield from ((path, "") for path in sorted(source.rglob("*.*")))
        return
    with zipfile.ZipFile(source) as archive:
        yield from ((source, one) for one in archive.namelist() if one.endswith("g"))


@cache
def _opened(path: Path) -> zipfile.ZipFile:
    """Once in each worker: reading its directory takes longer than a picture."""
    return zipfile.ZipFile(path)


def _rewritten(item: tuple[str, Path, int, Path, str]) -> None:
    way, home, number, path, name = item
    data = _opened(path).read(name) if name else path.read_bytes()
    image = Image.open(io.BytesIO(data)).convert("L")
    if way == "copied":
        image.save(home / f"{number}.jpeg", quality=92)
        return
    image.save(home / f"{number}.png")
    for size in (1600, 256):
        image.thumbnail((size, size))
        image.save(home / f"{number}-{size}.jpeg", quality=92)


def _prepared(home: Path) -> Any:
    """An installation with an empty job, and what takes a source into it."""
    os.environ |= {"DJANGO_SETTINGS_MODULE": "overread.settings", "OVERREAD_HOME": str(home)}
    import django

    django.setup()
    from datetime import UTC, datetime

    from overread.flows.design import create_job
    from overread.flows.intake import Options, start_intake, take_in
    from overread.flows.people import create_owner, first_team
    from overread.imaging.isolation import pool
    from overread.store import schema

    schema.prepare()
    at = datetime.now(UTC)
    create_owner(name="Olga", email="olga@example.org", at=at)
    job = create_job(first_team(), template="healthy-or-pneumonia", title="", actor=None, at=at)

    def intake(source: Path) -> int:
        options = Options(group=False)
        outcome = take_in(
            start_intake(job, actor=None, at=at),
            [source],
            progress=lambda done, total: None,
            options=options,
        )
        pool().close()  # its workers have ended, so that their time counts
        return outcome.rows

    return intake


if __name__ == "__main__":
    main()
