"""Orthanc, a real archive, as Debian packages it."""

import json
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.imaging.dicom_files import dicom

USER, PASSWORD = "olga", "a password for tests"
HTTP, DIMSE = 8042, 4242
AE_TITLE = "ORTHANC"
# Where it sends to: our own title, and the ports of the tests.
RECEIVER, MOVE = 11112, 11113
COMPUTED_RADIOGRAPHY = "1.2.840.10008.5.1.4.1.1.1"
_PLUGINS = Path("/usr/share/orthanc/plugins")
_START_SECONDS = 60


class Orthanc:
    """Running in the network of whoever makes it."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        program = shutil.which("Orthanc", path="/usr/sbin:/usr/bin:/usr/local/bin")
        plugin = _PLUGINS / "libOrthancDicomWeb.so"
        if program is None or not plugin.exists():
            pytest.skip("needs Orthanc: install Debian's orthanc and orthanc-dicomweb")
        folder.mkdir(parents=True)
        self._log = folder / "log"
        written = folder / "orthanc.json"
        written.write_text(json.dumps({**_settings(folder, plugin), **settings}))
        with self._log.open("wb") as log:
            self._process = subprocess.Popen([program, str(written)], stdout=log, stderr=log)

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{HTTP}/dicom-web"

    def wait(self) -> None:
        until = time.monotonic() + _START_SECONDS
        while True:
            try:
                self.ask("system")
            except (urllib.error.URLError, OSError):
                assert self._process.poll() is None, self._log.read_text(errors="replace")
                assert time.monotonic() < until, "Orthanc did not start"
                time.sleep(0.05)
            else:
                return

    def ask(self, path: str, body: bytes | None = None, method: str = "") -> Any:
        request = urllib.request.Request(f"http://127.0.0.1:{HTTP}/{path}", body)
        request.method = method or ("GET" if body is None else "POST")
        manager = urllib.request.HTTPPasswordMgrWithDefaultRealm()
        manager.add_password(None, request.full_url, USER, PASSWORD)
        opener = urllib.request.build_opener(urllib.request.HTTPBasicAuthHandler(manager))
        with opener.open(request, timeout=60) as answer:
            return json.loads(answer.read() or b"null")

    def keep(self, *files: bytes) -> list[str]:
        """Orthanc's own names of them."""
        return [self.ask("instances", file)["ID"] for file in files]

    def forget_all(self) -> None:
        for patient in self.ask("patients"):
            self.ask(f"patients/{patient}", method="DELETE")

    def push(self, instances: list[str], to: str = "overread") -> bool:
        """C-STORE; whether all were taken."""
        asked = json.dumps({"Resources": instances, "Synchronous": True}).encode()
        try:
            self.ask(f"modalities/{to}/store", asked)
        except urllib.error.HTTPError:
            return False
        return True

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(timeout=30)


def _settings(folder: Path, plugin: Path) -> dict[str, Any]:
    return {
        "Name": "tests",
        "StorageDirectory": str(folder / "storage"),
        "IndexDirectory": str(folder / "storage"),
        "Plugins": [str(plugin)],
        "HttpPort": HTTP,
        "DicomPort": DIMSE,
        "DicomAet": AE_TITLE,
        "DicomAlwaysAllowEcho": True,
        "DicomModalities": {
            "overread": {
                "AET": "OVERREAD",
                "Host": "127.0.0.1",
                "Port": RECEIVER,
                "AllowGet": True,
            },
            "move": {"AET": "OVERREAD_MOVE", "Host": "127.0.0.1", "Port": MOVE, "AllowGet": True},
        },
        "AuthenticationEnabled": True,
        "RegisteredUsers": {USER: PASSWORD},
        "DicomWeb": {"Enable": True, "Root": "/dicom-web/"},
        "DicomScpTimeout": 30,
        "ConcurrentJobs": 1,
        "HttpVerbose": False,
    }


def film(number: int, *, study: int, series: int = 1, **other: Any) -> bytes:
    """One of a study's radiographs; studies of one tens digit are of one patient."""
    pixels = np.random.default_rng([study, series, number]).integers(0, 4096, (18, 24))
    attributes = {
        "SOPClassUID": COMPUTED_RADIOGRAPHY,
        "SOPInstanceUID": f"1.2.3.{study}.{series}.{number}",
        "SeriesInstanceUID": f"1.2.3.{study}.{series}",
        "StudyInstanceUID": f"1.2.3.{study}",
        "AccessionNumber": f"A{study}",
        "PatientID": f"P{study // 10}",
        "PatientName": f"Doe^Child{study // 10}",
        "PatientBirthDate": "20200101",
        "StudyDate": f"202403{study % 28 + 1:02}",
        "Modality": "CR",
        "InstanceNumber": number,
    }
    return dicom(pixels.astype(np.uint16), **{**attributes, **other})
