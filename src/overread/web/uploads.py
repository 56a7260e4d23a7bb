"""Uploaded files, written straight into a folder: thousands of them at once, none kept open."""

import tempfile
from pathlib import Path, PurePosixPath
from typing import IO, Any

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest

from overread.formats.archives import has_archive_name

TABLE, IMAGES, ARCHIVES = "table", "images", "archives"


class FolderUploadHandler(FileUploadHandler):
    """Writes files into `folder` under their own base names: table, images and archives apart.

    Rows match images by file name, so a name that comes again goes into a folder of its own:
    no folder then has all of them, and the rows are held rather than matched by chance.
    """

    chunk_size = 2**20

    def __init__(self, request: HttpRequest, folder: Path) -> None:
        super().__init__(request)
        self.folder = folder
        self.tables: list[Path] = []
        self.archives: list[Path] = []
        self._file: IO[bytes] | None = None
        self._repeated = 0

    @property
    def sources(self) -> list[Path]:
        """The tables, the folder of images where any came, then each archive."""
        loose = self.folder / IMAGES
        return [*self.tables, *([loose] if loose.exists() else []), *self.archives]

    def new_file(self, field_name: str, file_name: str, *args: Any, **kwargs: Any) -> None:
        super().new_file(field_name, file_name, *args, **kwargs)
        name = PurePosixPath(file_name).name
        if field_name == TABLE:
            path = self._free(TABLE, name)
            self.tables.append(path)
        elif has_archive_name(name):
            path = self._free(ARCHIVES, name)
            self.archives.append(path)
        else:
            path = self._free(IMAGES, name)
        self._file = path.open("xb")

    def _free(self, room: str, name: str) -> Path:
        """A path for `name` that is not taken."""
        inside = self.folder / room
        if (inside / name).exists():
            self._repeated += 1
            inside /= f"again-{self._repeated}"
        inside.mkdir(parents=True, exist_ok=True)
        return inside / name

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        assert self._file is not None
        self._file.write(raw_data)

    def file_complete(self, file_size: int) -> None:
        """Close the file; with None returned, the request holds nothing of it."""
        assert self._file is not None
        self._file.close()


def new_folder() -> Path:
    """An empty folder beside those of the uploads being read."""
    uploads = Path(settings.UPLOADS)
    uploads.mkdir(parents=True, exist_ok=True, mode=0o700)
    return Path(tempfile.mkdtemp(prefix=".incoming-", dir=uploads))
