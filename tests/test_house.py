"""The house's own rules: direction of imports, banned calls, clean locks, documented settings."""

import ast
import json
import re
import subprocess
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src/overread"
LOCKS = ("requirements.txt", "requirements-dev.txt")
LONGEST_FILE = 400
SETTING = re.compile(r"\bOVERREAD_[A-Z_]*[A-Z]\b")
# Put together, so that this file doesn't hold what it forbids.
HOSTS = [f"{name}.org" for name in ("pypi", "python" + "hosted", "npm" + "js")]
HOSTS += [f"registry.{name}.com" for name in ("npm" + "js", "yarn" + "pkg")]
MACHINE_PATHS = [f"/{name}/" for name in ("work/main", "work/shared", "root", "home/runner")]


def modules(folder: Path = SOURCE) -> Iterator[Path]:
    return folder.rglob("*.py")


def committed() -> Iterator[Path]:
    """Every file that git tracks or would add."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return (path for name in names.split("\0") if (path := ROOT / name).is_file())


def settings_named_in(paths: Iterable[Path]) -> set[str]:
    return {name for path in paths for name in SETTING.findall(path.read_text())}


def calls(path: Path) -> set[str]:
    """Dotted names of what a module calls, such as `datetime.now`."""
    tree = ast.parse(path.read_text())
    return {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}


def imports(path: Path) -> set[str]:
    """Dotted names of what a module imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{name.name}" for name in node.names)}
    return found


def offenders(paths: Iterable[Path], banned: re.Pattern[str]) -> list[str]:
    """`file: call` for each banned call."""
    return [
        f"{path.relative_to(ROOT)}: {call}"
        for path in paths
        for call in sorted(calls(path))
        if banned.search(call)
    ]


def test_imports_go_one_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert lint_imports(no_cache=True) == 0


def test_the_core_reads_no_clock() -> None:
    clock = re.compile(r"\b(now|utcnow|today|time|time_ns|monotonic|perf_counter)$")
    found = offenders(modules(SOURCE / "core"), clock)
    assert not found, "Take the instant as an argument `at`"


def test_nothing_seeds_or_draws_from_global_random_state() -> None:
    state = re.compile(r"^(np|numpy)\.random\.(?!(default_rng|Generator|PCG64|SeedSequence)\b)")
    standard = re.compile(r"^random\.(?!(Random|SystemRandom)\b)")
    found = offenders(modules(), state) + offenders(modules(), standard)
    assert not found, "Take a generator as an argument"


def test_there_are_no_signals() -> None:
    signals = re.compile(r"^django\.(dispatch|.*\bsignals)\b")
    found = [path for path in modules() if any(map(signals.search, imports(path)))]
    assert not found, "Call the flow by its name"


def test_files_stay_small() -> None:
    sizes = {path.relative_to(ROOT): len(path.read_text().splitlines()) for path in modules()}
    generated = SOURCE.relative_to(ROOT) / "store/migrations"
    long = {p: n for p, n in sizes.items() if n > LONGEST_FILE and generated not in p.parents}
    assert not long, "Aim at 300 lines: which part is a thing of its own?"


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_has_a_hash_for_every_package_and_no_address(name: str) -> None:
    text = (ROOT / name).read_text()
    entries = re.findall(r"^\S+==.*?(?=^\S|\Z)", text, re.MULTILINE | re.DOTALL)
    assert entries
    assert all("--hash=sha256:" in entry for entry in entries)
    assert not re.search(r"://|--(extra-)?index-url|--find-links", text)


def test_the_front_ends_lock_has_hashes_and_no_address() -> None:
    lock = json.loads((ROOT / "frontend/package-lock.json").read_text())
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert packages
    assert all(entry["integrity"].startswith("sha512-") for entry in packages.values())
    assert not [name for name, entry in packages.items() if "resolved" in entry]


def test_the_lock_covers_what_the_build_needs() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert project["dependency-groups"]["build"] == project["build-system"]["requires"]


def test_the_tests_lock_holds_the_base_lock() -> None:
    base, tests = (set(re.findall(r"^\S+==.*$", (ROOT / n).read_text(), re.M)) for n in LOCKS)
    assert base <= tests


def test_no_file_names_a_package_registry_or_a_place_of_one_machine() -> None:
    banned = re.compile("|".join(map(re.escape, HOSTS + MACHINE_PATHS)).encode())
    found = {
        str(path.relative_to(ROOT)): match.group().decode()
        for path in committed()
        if (match := banned.search(path.read_bytes()))
    }
    assert not found


def test_every_setting_is_documented() -> None:
    page = settings_named_in([ROOT / "docs/reference/settings.md"])
    read = settings_named_in(modules())
    assert not read - page, "Describe these in docs/reference/settings.md"
    scripts = [ROOT / "bin/demo", *modules(ROOT / "bin"), *modules(ROOT / "tests")]
    assert not page - read - settings_named_in(scripts), "Nothing reads these any more"
