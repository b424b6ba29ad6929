"""What a file is, told by its content alone, to its last byte."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from dure.errors import Invalid, Sentence

HEAD_BYTES = 4096
BLOCK_BYTES = 2**20
MIB = 2**20

# The beginnings of what a browser might run or open, wherever they stand in a picture.
ACTIVE = (b"<script", b"<html", b"<!doctype", b"<iframe", b"<?php", b"%pdf-")
MARKUP = (b"<svg", b"<html", b"<!doctype", b"<?xml", b"<script", b"<body", b"<head", b"<!--")


class BadMedia(Invalid):
    """This file can't be used as a picture, a sound or a film."""

    code = "bad-media"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file: `medium` is image, audio, video or archive."""

    medium: str
    type: str
    suffixes: tuple[str, ...]
    bytes_max: int


JPEG = Kind("image", "image/jpeg", (".jpg", ".jpeg", ".jpe", ".jfif"), 25 * MIB)
PNG = Kind("image", "image/png", (".png",), 25 * MIB)
GIF = Kind("image", "image/gif", (".gif",), 25 * MIB)
WEBP = Kind("image", "image/webp", (".webp",), 25 * MIB)
MP3 = Kind("audio", "audio/mpeg", (".mp3",), 100 * MIB)
WAV = Kind("audio", "audio/wav", (".wav",), 100 * MIB)
OGG = Kind("audio", "audio/ogg", (".ogg", ".oga", ".opus"), 100 * MIB)
M4A = Kind("audio", "audio/mp4", (".m4a", ".mp4", ".aac"), 100 * MIB)
MP4 = Kind("video", "video/mp4", (".mp4", ".m4v"), 500 * MIB)
WEBM = Kind("video", "video/webm", (".webm",), 500 * MIB)
ZIP = Kind("archive", "application/zip", (".zip",), 1024 * MIB)


def tell_kind(file: BinaryIO, *, name: str) -> Kind:
    """The kind of a file that may be used; refused with a sentence if it can't, or is disguised."""
    file.seek(0)
    head = file.read(HEAD_BYTES)
    if not head:
        raise BadMedia("The file is empty.")
    kind = _by_beginning(head)
    if kind is None:
        raise BadMedia(
            "{what} Send a JPEG, PNG, GIF or WebP, an MP3, WAV, OGG or M4A, an MP4 or WebM, or a "
            "ZIP of them.",
            what=_what_it_is(head),
        )
    suffix = Path(name).suffix.lower()
    if suffix and suffix not in kind.suffixes:
        raise BadMedia(
            "Its name ends in {suffix!r:.20}, but it is {type}; name it for what it is.",
            suffix=suffix,
            type=kind.type,
        )
    size = file.seek(0, 2)
    if size > kind.bytes_max:
        raise BadMedia(
            "It has {size} MB; the most for {type} is {most} MB.",
            size=size // MIB,
            type=kind.type,
            most=kind.bytes_max // MIB,
        )
    return kind


def refuse_active(file: BinaryIO) -> None:
    """A picture that is also a page, a script or a document was made to deceive."""
    file.seek(0)
    tail = b""
    while block := file.read(BLOCK_BYTES):
        text = tail + block.lower()
        if any(mark in text for mark in ACTIVE):
            raise BadMedia("There is a page or a script hidden in it; save the picture anew.")
        tail = text[-16:]


def walk(kind: Kind, file: BinaryIO) -> None:
    """Follow a sound or a film part by part to its end: what is cut off or added shows."""
    file.seek(0)
    try:
        is_whole = _WALKS[kind.type](file)
    except (struct.error, IndexError):
        # It ends in the middle of a header.
        is_whole = False
    if not is_whole:
        raise BadMedia("It is not a whole {type}: it breaks off, or something else is in it.",
                       type=kind.type)  # fmt: skip


def _by_beginning(head: bytes) -> Kind | None:
    beginnings = {
        b"\xff\xd8\xff": JPEG, b"\x89PNG\r\n\x1a\n": PNG, b"GIF87a": GIF, b"GIF89a": GIF,
        b"ID3": MP3, b"OggS": OGG, b"\x1a\x45\xdf\xa3": WEBM, b"PK\x03\x04": ZIP,
        b"PK\x05\x06": ZIP,
    }  # fmt: skip
    for beginning, kind in beginnings.items():
        if head.startswith(beginning):
            return kind
    if head[:4] == b"RIFF":
        return {b"WEBP": WEBP, b"WAVE": WAV}.get(head[8:12])
    if head[4:8] == b"ftyp":
        return M4A if head[8:11] == b"M4A" else MP4 if _is_film(head[8:12]) else None
    if len(head) > 1 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2:
        return MP3
    return None


def _is_film(brand: bytes) -> bool:
    return brand in (b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1",
                     b"M4V ", b"dash", b"MSNV")  # fmt: skip


def _what_it_is(head: bytes) -> str:
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith(MARKUP) or b"<svg" in text:
        return Sentence("SVG and HTML can carry scripts and are not taken.")
    if head.startswith(b"%PDF-"):
        return Sentence("A PDF is neither picture, sound nor film.")
    if head.startswith((b"MZ", b"\x7fELF")):
        return Sentence("A program is neither picture, sound nor film.")
    if head[4:8] == b"ftyp" and head[8:12] in (b"heic", b"heix", b"mif1", b"avif"):
        return Sentence("HEIC and AVIF can't be read here; save it as JPEG.")
    return Sentence("It is not a kind of file that phones can show.")


def _walk_mp4(file: BinaryIO) -> bool:
    """ISO 14496-12: boxes of (size, type) one after the other, `moov` among them."""
    end, at, types = file.seek(0, 2), 0, set()
    while at < end:
        file.seek(at)
        size, kind = struct.unpack(">I4s", file.read(8))
        if size == 1:
            (size,) = struct.unpack(">Q", file.read(8))
        elif size == 0:
            size = end - at
        if size < 8 or not kind.isalnum():
            return False
        types.add(kind)
        at += size
    return at == end and b"moov" in types


def _walk_webm(file: BinaryIO) -> bool:
    """Matroska: an EBML header that names webm, then one segment to the end."""
    end = file.seek(0, 2)
    file.seek(4)
    header = _read_ebml_size(file)
    start = file.tell()
    if header is None or b"webm" not in file.read(min(header, HEAD_BYTES)):
        return False
    file.seek(start + header)
    if file.read(4) != b"\x18\x53\x80\x67":
        return False
    segment = _read_ebml_size(file)
    # A recording that was streamed does not know its size: it goes to the end.
    return segment is None or file.tell() + segment == end


def _read_ebml_size(file: BinaryIO) -> int | None:
    (first,) = struct.unpack(">B", file.read(1))
    length = 9 - first.bit_length()
    if length > 8:
        raise struct.error("no EBML size")
    rest = file.read(length - 1)
    if len(rest) < length - 1:
        raise struct.error("no EBML size")
    value = int.from_bytes(bytes([first & (0xFF >> length)]) + rest, "big")
    return None if value == (1 << (7 * length)) - 1 else value


def _walk_wav(file: BinaryIO) -> bool:
    end = file.seek(0, 2)
    file.seek(4)
    (size,) = struct.unpack("<I", file.read(4))
    at, types = 12, set()
    while at < end:
        file.seek(at)
        kind, length = struct.unpack("<4sI", file.read(8))
        types.add(kind)
        at += 8 + length + length % 2
    return size + 8 == end == at and {b"fmt ", b"data"} <= types


def _walk_ogg(file: BinaryIO) -> bool:
    """RFC 3533: pages of a header, a table of lengths, and that much of content."""
    end, at = file.seek(0, 2), 0
    while at < end:
        file.seek(at)
        header = file.read(27)
        if len(header) < 27 or header[:4] != b"OggS":
            return False
        lengths = file.read(header[26])
        at += 27 + header[26] + sum(lengths)
    return at == end


def _walk_mp3(file: BinaryIO) -> bool:
    """ISO 11172-3: frames to the end, behind an ID3v2 tag and before an ID3v1 tag."""
    end, at, n_frames = file.seek(0, 2), 0, 0
    file.seek(0)
    head = file.read(10)
    if head[:3] == b"ID3":
        at = 10 + (head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9])
    file.seek(max(0, end - 128))
    if file.read(3) == b"TAG":
        end -= 128
    while at < end:
        file.seek(at)
        size = _mp3_frame_bytes(file.read(4))
        if size is None:
            return False
        at += size
        n_frames += 1
    # An encoder may leave its last frame short.
    return n_frames > 0 and at - end < 1500


MP3_KBITS = {
    1: (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    2: (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
MP3_HERTZ = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}


def _mp3_frame_bytes(head: bytes) -> int | None:
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:
        return None
    version, rate, hertz = head[1] >> 3 & 3, head[2] >> 4, head[2] >> 2 & 3
    if version == 1 or not 0 < rate < 15 or hertz == 3:
        return None
    kbits = MP3_KBITS[1 if version == 3 else 2][rate - 1]
    samples = 144 if version == 3 else 72
    return samples * kbits * 1000 // MP3_HERTZ[version][hertz] + (head[2] >> 1 & 1)


_WALKS = {
    "video/mp4": _walk_mp4,
    "audio/mp4": _walk_mp4,
    "video/webm": _walk_webm,
    "audio/wav": _walk_wav,
    "audio/ogg": _walk_ogg,
    "audio/mpeg": _walk_mp3,
}
