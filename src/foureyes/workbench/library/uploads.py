"""Files that officers send with a form: kept in sealed memory without a name on any disk, then gone.

The one upload handler of the workbench, so that no page of it can write an upload to disk by accident. It
takes files of signed-in officers only, and drops what goes beyond the bound instead of failing the form.
"""

from __future__ import annotations

import fcntl
import os
from io import BufferedReader
from typing import IO, Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload

CHUNK_BYTES = 1 << 20
PATIENCE_TIMES = 16
"""An upload is listened to until so many times the bound, so that the page can say in words that it was too
large; the connection of a longer one is cut, which a browser shows as an error of its own."""
SEALS = fcntl.F_SEAL_WRITE | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_SEAL


class Held(UploadedFile):
    """One upload in sealed memory. Everything read from it is untrusted; its name was dropped."""

    def __init__(self, memory: IO[bytes], size: int, *, too_large: bool) -> None:
        super().__init__(memory, name="upload", size=size)
        self.too_large = too_large
        """Whether it went beyond the bound; then nothing of it was kept."""

    def untrusted_fd(self) -> int:
        """A descriptor that a caged worker may have: nobody can write through it."""
        return self.file.fileno()  # type: ignore[union-attr] # given above


class InMemoryOnly(FileUploadHandler):
    """Named in `FILE_UPLOAD_HANDLERS`."""

    chunk_size = CHUNK_BYTES

    def new_file(self, *arguments: Any, **named: Any) -> None:
        """Begin one file. Nothing is taken from somebody who is not signed in."""
        super().new_file(*arguments, **named)
        if self.request is None or not self.request.user.is_authenticated:
            raise StopUpload(connection_reset=True)
        fd = os.memfd_create("upload", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        self.file: Any = os.fdopen(fd, "w+b", buffering=0)
        self._received = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Keep a chunk while the whole stays within the bound."""
        del start
        self._received += len(raw_data)
        if self._received > PATIENCE_TIMES * settings.FOUREYES_UPLOAD_BYTES:
            raise StopUpload(connection_reset=True)
        if self._received > settings.FOUREYES_UPLOAD_BYTES:
            self.file.truncate(0)
        else:
            self.file.write(raw_data)

    def file_complete(self, file_size: int) -> UploadedFile:
        """Seal what was kept and hand it on."""
        memory = self.file
        fcntl.fcntl(memory.fileno(), fcntl.F_ADD_SEALS, SEALS)
        memory.seek(0)
        return Held(BufferedReader(memory), file_size, too_large=file_size > settings.FOUREYES_UPLOAD_BYTES)
