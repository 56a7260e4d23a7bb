"""What bin/test runs beside pytest: style, types, imports, and the front end's types."""

import os
import shutil
import subprocess
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from bootstrap.environment import PYTHON, ROOT, VENV, child_environment

CHECKS = {
    "style (ruff)": ["ruff", "check", "--output-format=concise"],
    "format (ruff)": ["ruff", "format", "--check"],
    "types (mypy)": ["mypy"],
    "imports (import-linter)": ["lint-imports"],
    "front end's types (tsc)": ["python", "hatch_build.py", "check"],
}
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
TESTS, AGAIN = "tests (pytest)", "tests/test_postgresql.py"
# Each in a process beside the others, so that no core waits for the last.
LONG_TESTS = {"long": ["-m", "long", f"--ignore={AGAIN}"], "postgresql": [AGAIN]}
MEMORY, ROOM = Path("/dev/shm"), 4 << 30
KEPT = ("OVERREAD_TEST_", "OVERREAD_CHROMIUM", "OVERREAD_SHARED", "OVERREAD_REWRITE_GOLDEN")


def folder_of_tests() -> Path | None:
    """Where a run writes: into memory where there is room for it, since thousands of small files
    are made durable one by one; else None, the system's own choice.
    """
    has_room = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= ROOM
    return MEMORY if has_room and os.access(MEMORY, os.W_OK) else None


def run_checks(environment: Mapping[str, str]) -> list[str]:
    """Run all of them, show what the failing ones say, and return the failing ones' names."""
    with ThreadPoolExecutor(max_workers=2) as pool:
        results = pool.map(lambda name: _check(name, environment), CHECKS)
        return [name for name, passed in zip(CHECKS, results, strict=True) if not passed]


def run_pytest(arguments: list[str], environment: Mapping[str, str]) -> int:
    command = [str(PYTHON), "-m", "pytest", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment).returncode


def run_tests(homes: Path, *, long: bool) -> list[str]:
    """Run all tests, the long ones beside the others; return the names of what failed.

    homes: an empty folder. What the long ones say comes last.
    """
    codes = {}
    with ExitStack() as beside:
        lanes = [beside.enter_context(_Lane(homes, *one)) for one in LONG_TESTS.items() if long]
        given = ["--long", "-m", "not long"] if long else []
        codes[TESTS] = run_pytest(given, test_environment(homes / "short"))
        for lane in lanes:
            codes[lane.name] = lane.wait()
    return [name for name, code in codes.items() if code]


class _Lane:
    """Tests that run beside others, and say at their end what they have to say."""

    def __init__(self, homes: Path, name: str, arguments: list[str]) -> None:
        self.name = name
        environment = test_environment(homes / name)
        self._said = (homes / f"{name}.log").open("w+")
        command = [str(PYTHON), "-m", "pytest", "--long", *arguments]
        self._process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=self._said, stderr=self._said
        )

    def __enter__(self) -> "_Lane":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._said.close()

    def wait(self) -> int:
        code = self._process.wait()
        print(f"tests, {self.name}:", Path(self._said.name).read_text(), sep="\n", flush=True)
        return code


def test_environment(home: Path) -> dict[str, str]:
    """Variables for the tests: no setting of a real installation gets in.

    home: the OVERREAD_HOME of the run, made here.
    """
    temporary = home / "tmp"
    temporary.mkdir(parents=True, exist_ok=True)
    inherited = child_environment().items()
    kept = {k: v for k, v in inherited if not k.startswith("OVERREAD_") or k.startswith(KEPT)}
    own = {
        "OVERREAD_HOME": str(home),
        "DJANGO_SETTINGS_MODULE": "overread.settings",
        "TMPDIR": str(temporary),
    }
    return _browser() | kept | own


def _browser() -> dict[str, str]:
    found = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    return {"OVERREAD_CHROMIUM": found} if found else {}


def _check(name: str, environment: Mapping[str, str]) -> bool:
    program, *arguments = CHECKS[name]
    start = time.monotonic()
    done = subprocess.run(
        [str(VENV / "bin" / program), *arguments],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    outcome = "failed" if done.returncode else "passed"
    said = f"\n{done.stdout.strip()}\n" if done.returncode else ""
    print(f"{name}: {outcome}, {time.monotonic() - start:.0f} s{said}", flush=True)
    return done.returncode == 0
