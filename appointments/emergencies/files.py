"""Proof as it arrives: kept in memory only, measured while it comes in, judged by its content and never by its name."""

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

from appointments.models.emergency import MOST_PROOFS, EmergencyProof

LARGEST = 5 * 1024 * 1024  # bytes
LONGEST_NAME = 120
SUFFIX = {
    EmergencyProof.Media.JPEG: "jpg",
    EmergencyProof.Media.PNG: "png",
    EmergencyProof.Media.PDF: "pdf",
}


class BadFile(Exception):
    """``code`` is "too_large", "empty" or "not_readable"; ``name`` is the file's own."""

    def __init__(self, code: str, name: str) -> None:
        super().__init__(code)
        self.code, self.name = code, name


def media_of(content: bytes) -> EmergencyProof.Media | None:
    """What the bytes are by their own marks at both ends; None for whatever else calls itself a picture or a PDF."""
    if content.startswith(b"\xff\xd8\xff") and b"\xff\xd9" in content[-64:]:
        return EmergencyProof.Media.JPEG
    if content.startswith(b"\x89PNG\r\n\x1a\n") and content[12:16] == b"IHDR" and b"IEND" in content[-64:]:
        return EmergencyProof.Media.PNG
    if content.startswith(b"%PDF-") and b"%%EOF" in content[-2048:]:
        return EmergencyProof.Media.PDF
    return None


def checked(file: UploadedFile) -> tuple[bytes, EmergencyProof.Media]:
    """Content and kind of a file that came with a form. Raises BadFile."""
    name = short_name(file.name)
    if (file.size or 0) > LARGEST:
        raise BadFile("too_large", name)
    content = file.read()
    if not content:
        raise BadFile("empty", name)
    media = media_of(content)
    if media is None:
        raise BadFile("not_readable", name)
    return content, media


def short_name(name: str | None) -> str:
    """What the person called it, without a path and without letters that do not print."""
    last = (name or "").replace("\\", "/").rpartition("/")[2]
    return "".join(letter for letter in last if letter.isprintable()).strip()[:LONGEST_NAME] or "-"


class InMemory(FileUploadHandler):
    """Proof never touches a disk: up to three files in memory, and of a larger one only its size is kept."""

    def __init__(self, request: Any = None) -> None:
        super().__init__(request)
        self.files = 0
        self.content = bytearray()
        self.seen = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.files += 1
        self.content, self.seen = bytearray(), 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.seen += len(raw_data)
        if self.seen <= LARGEST and self.files <= MOST_PROOFS:
            self.content += raw_data
        else:
            self.content = bytearray()

    def file_complete(self, file_size: int) -> UploadedFile:
        file = SimpleUploadedFile(self.file_name or "-", bytes(self.content))
        file.size = self.seen
        return file
