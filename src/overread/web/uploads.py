"""Uploaded files, written straight into a folder: thousands of them at once, none kept open."""

from pathlib import Path, PurePosixPath
from typing import IO, Any

from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest

from overread.flows.uploading import TABLE, Places


class FolderUploadHandler(FileUploadHandler):
    """Writes files into `folder` under their own base names, as flows.uploading.Places says."""

    chunk_size = 2**20

    def __init__(self, request: HttpRequest, folder: Path) -> None:
        super().__init__(request)
        self.folder = folder
        self._places = Places(folder)
        self._file: IO[bytes] | None = None

    @property
    def sources(self) -> list[Path]:
        return self._places.sources

    def new_file(self, field_name: str, file_name: str, *args: Any, **kwargs: Any) -> None:
        super().new_file(field_name, file_name, *args, **kwargs)
        name = PurePosixPath(PurePosixPath(file_name).name)
        found = self._places.table(name) if field_name == TABLE else self._places.other(name)
        self._file = found.open("xb")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        assert self._file is not None
        self._file.write(raw_data)

    def file_complete(self, file_size: int) -> None:
        """Close the file; with None returned, the request holds nothing of it."""
        assert self._file is not None
        self._file.close()
