"""The designs of real jobs as this project wrote them down from their descriptions."""

from pathlib import Path

DESIGNS = {
    path.stem: path.read_bytes().decode()
    for path in sorted((Path(__file__).parent / "designs").glob("*.cml"))
}
