"""Certificates that the tests make: an authority, whom it vouches for, and somebody else."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from overread.pacs.configuration import Tls

_NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc"]


@dataclass(frozen=True)
class Certificates:
    """`ours` and `theirs` are vouched for by `authority`, for 127.0.0.1; `others` by nobody."""

    authority: Path
    ours: Tls
    theirs: Tls
    others: Tls


def made_in(folder: Path) -> Certificates:
    authority, key = folder / "authority.pem", folder / "authority.key"
    _openssl("req", "-x509", *_NEW_KEY, "-keyout", key, "-out", authority, "-subj", "/CN=Hospital")
    vouched = ["-CA", str(authority), "-CAkey", str(key)]
    return Certificates(
        authority,
        _certificate(folder, "ours", authority, vouched),
        _certificate(folder, "theirs", authority, vouched),
        _certificate(folder, "others", authority, []),
    )


def _certificate(folder: Path, name: str, authority: Path, vouched: list[str]) -> Tls:
    certificate, key = folder / f"{name}.pem", folder / f"{name}.key"
    where = ["-addext", "subjectAltName=IP:127.0.0.1", "-subj", f"/CN={name}"]
    files = ["-keyout", key, "-out", certificate]
    _openssl("req", "-x509", *_NEW_KEY, *files, *where, *vouched)
    return Tls(str(authority), str(certificate), str(key))


def _openssl(*arguments: object) -> None:
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)
