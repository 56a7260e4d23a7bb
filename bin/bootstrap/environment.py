"""Makes the clone's own `.venv`, from the hashed locks, and keeps it up to date.

Each step leaves a stamp of what it was made from, and only once it is finished: an interrupted
install is done again, and a second start does nothing.
"""

import fcntl
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TextIO

from bootstrap.steps import Steps

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin/python"
STAMPS = VENV / "overread-stamps.json"
STATIC = ROOT / "src/overread/web/static/overread"
BASE, TESTS = "requirements.txt", "requirements-dev.txt"
# Of pip's own settings, those that say how to reach an index; others could break the install.
PIP_NETWORK = {
    *("CERT", "CLIENT_CERT", "PROXY", "TRUSTED_HOST", "RETRIES", "TIMEOUT", "DEFAULT_TIMEOUT"),
    *("INDEX_URL", "EXTRA_INDEX_URL", "FIND_LINKS", "NO_INDEX", "CONFIG_FILE", "KEYRING_PROVIDER"),
    *("CACHE_DIR", "NO_CACHE_DIR", "USE_FEATURE", "USE_DEPRECATED"),
}


def prepare(*, tests: bool = False) -> None:
    """Bring `.venv`, its packages and the built front end up to date."""
    with (ROOT / "pyproject.toml").open() as clone:
        _take_turn(clone)
        if not _is_sound():
            shutil.rmtree(VENV, ignore_errors=True)
            VENV.mkdir(exist_ok=True)
        steps = [step for step in _steps(tests) if not _is_done(step)]
        progress = Steps(len(steps))
        for step in steps:
            _carry_out(step, progress)


def _take_turn(clone: TextIO) -> None:
    try:
        fcntl.flock(clone, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print("Another start is making .venv: waiting for it ...", flush=True)
        fcntl.flock(clone, fcntl.LOCK_EX)


def child_environment() -> dict[str, str]:
    """This process's variables, less those that lead Python or pip out of `.venv`."""
    python = {"VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME", "PYTHONSAFEPATH", "__PYVENV_LAUNCHER__"}
    kept = {k: v for k, v in os.environ.items() if k not in python and _is_harmless(k)}
    path = f"{VENV / 'bin'}{os.pathsep}{kept.get('PATH', os.defpath)}"
    pip = {"PIP_USER": "0", "PIP_NO_INPUT": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    return kept | pip | {"PATH": path}


def _is_harmless(variable: str) -> bool:
    return not variable.startswith("PIP_") or variable.removeprefix("PIP_") in PIP_NETWORK


def _steps(tests: bool) -> list[str]:
    return ["environment", TESTS if tests else BASE, "overread"]


def _is_done(step: str) -> bool:
    built = step != "overread" or STATIC.is_dir()
    return built and _read_stamps().get(step) == _wanted(step)


def _carry_out(step: str, progress: Steps) -> None:
    wanted = _wanted(step)
    _forget(step)
    pip = [str(PYTHON), "-m", "pip", "install"]
    if step == "environment":
        _check_ensurepip()
        progress.run(
            "Python environment", [sys.executable, "-m", "venv", str(VENV)], *_ways("venv")
        )
    elif step == "overread":
        build = ["--no-deps", "--no-build-isolation", "--editable", str(ROOT)]
        progress.run("overread and its front end", [*pip, *build], *_ways("overread"))
    else:
        lock = ["--require-hashes", "--requirement", str(ROOT / step)]
        title = "Python packages for the tests" if step == TESTS else "Python packages"
        progress.run(title, [*pip, *lock], *_ways("packages"))
    _remember(step, wanted)


def _ways(name: str) -> tuple[Path, dict[str, str]]:
    return VENV / f"{name}.log", child_environment()


def _wanted(step: str) -> str:
    """What a step's stamp says when there is nothing to do."""
    if step == "environment":
        return str(ROOT)  # scripts in .venv carry the clone's place
    if step == BASE:
        return _digest([ROOT / BASE])
    if step == TESTS:
        return _digest([ROOT / BASE, ROOT / TESTS])
    return _digest(_sources())


def _sources() -> Iterable[Path]:
    """What the installed project is made from; src/ itself is used in place."""
    yield from (ROOT / name for name in ("pyproject.toml", "hatch_build.py", "CHANGELOG.md"))
    frontend = ROOT / "frontend"
    yield from sorted(path for path in frontend.iterdir() if path.is_file())
    for folder in ("src", "styles"):
        yield from sorted(path for path in (frontend / folder).rglob("*") if path.is_file())


def _digest(paths: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        content = path.read_bytes()
        digest.update(f"{path.relative_to(ROOT)} {len(content)}\n".encode() + content)
    return digest.hexdigest()


def _is_sound() -> bool:
    """False where `.venv` is missing, was moved, or belongs to a Python that is gone."""
    if _read_stamps().get("environment") != str(ROOT):
        return False
    try:
        check = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
        return subprocess.run([PYTHON, "-I", "-c", check], capture_output=True).returncode == 0
    except OSError:
        return False


def _check_ensurepip() -> None:
    if importlib.util.find_spec("ensurepip") and importlib.util.find_spec("venv"):
        return
    name = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    sys.exit(
        f"{name} on this machine can't make an environment: its module ensurepip is missing.\n"
        f"Install it (on Debian and Ubuntu: sudo apt install {name}-venv) and start this again."
    )


def _read_stamps() -> dict[str, str]:
    try:
        stamps: dict[str, str] = json.loads(STAMPS.read_text())
    except (OSError, ValueError):
        return {}
    return stamps


def _write_stamps(stamps: dict[str, str]) -> None:
    made = STAMPS.with_suffix(".new")
    made.write_text(json.dumps(stamps, indent=1))
    made.replace(STAMPS)


def _remember(step: str, wanted: str) -> None:
    base = {BASE: _wanted(BASE)} if step == TESTS else {}  # the tests' lock holds the base's
    _write_stamps(_read_stamps() | base | {step: wanted})


def _forget(step: str) -> None:
    gone = {BASE, TESTS} if step in (BASE, TESTS) else {step}
    _write_stamps({key: value for key, value in _read_stamps().items() if key not in gone})
