"""Files to upload, made here: good ones of every kind, and what an attacker would send."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
import zlib
from typing import Any

from PIL import Image


def picture(form: str = "JPEG", *, size: tuple[int, int] = (40, 30), **options: Any) -> bytes:
    mode = options.pop("mode", "RGB")
    out = io.BytesIO()
    Image.new(mode, size, (200, 30, 30) if mode == "RGB" else 1).save(out, form, **options)
    return out.getvalue()


def photo_with_secrets() -> bytes:
    """A phone's photo: lying on its side, with the place where it was taken."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif.get_ifd(0x8825)[1] = "N"
    exif[0x010F] = "SecretPhone"
    return picture(size=(60, 20), exif=exif)


def see_through() -> bytes:
    out = io.BytesIO()
    Image.new("RGBA", (10, 10), (0, 0, 0, 0)).save(out, "PNG")
    return out.getvalue()


def wav(*, claimed: int | None = None) -> bytes:
    data = b"\0\1" * 400
    body = b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 16000, 2, 16)
    body += b"data" + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", claimed or len(body)) + body


def mp3(n_frames: int = 5) -> bytes:
    # MPEG 1 layer III, 128 kbit/s at 44.1 kHz: 417 bytes a frame.
    return b"".join(b"\xff\xfb\x90\x00" + bytes(413) for _ in range(n_frames))


def ogg() -> bytes:
    page = b"OggS" + bytes(22)
    return page + b"\x02\x05\x03" + bytes(8) + page + b"\x01\x04" + b"data"


def box(kind: bytes, content: bytes = b"") -> bytes:
    return struct.pack(">I4s", 8 + len(content), kind) + content


def mp4(brand: bytes = b"isom") -> bytes:
    return box(b"ftyp", brand + bytes(4) + b"isom") + box(b"moov", bytes(20)) + box(b"mdat", b"x")


def webm() -> bytes:
    header = b"\x42\x82\x84webm"
    segment = bytes(30)
    return (
        b"\x1a\x45\xdf\xa3" + bytes([0x80 | len(header)]) + header
        + b"\x18\x53\x80\x67" + bytes([0x80 | len(segment)]) + segment
    )  # fmt: skip


def packed(members: dict[str, bytes], **options: Any) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
        for name, target in options.get("links", {}).items():
            link = zipfile.ZipInfo(name)
            link.external_attr = (stat.S_IFLNK | 0o777) << 16
            archive.writestr(link, target)
    return out.getvalue()


def encrypted() -> bytes:
    """A ZIP whose directory says that its member needs a password."""
    content = bytearray(packed({"a.png": picture("PNG")}))
    at = content.index(b"PK\x01\x02")
    content[at + 8] |= 1
    return bytes(content)


def png_of(width: int, height: int) -> bytes:
    """A PNG that says it is that large; of its pixels hardly any are there."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + check

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )  # fmt: skip


def png_with_text_bomb() -> bytes:
    whole = picture("PNG")
    text = b"Comment\0\0" + zlib.compress(bytes(80 * 2**20), 9)
    chunk = struct.pack(">I", len(text)) + b"zTXt" + text
    chunk += struct.pack(">I", zlib.crc32(b"zTXt" + text))
    at = whole.index(b"IDAT") - 4
    return whole[:at] + chunk + whole[at:]


GOOD: dict[str, tuple[bytes, str]] = {
    "photo.jpg": (picture(), "image/webp"),
    "drawing.png": (see_through(), "image/webp"),
    "still.gif": (picture("GIF", mode="P"), "image/webp"),
    "new.webp": (picture("WEBP"), "image/webp"),
    "no name at all": (picture("PNG", size=(5, 5)), "image/webp"),
    "bell.mp3": (mp3(), "audio/mpeg"),
    "tagged.mp3": (b"ID3\4\0\0\0\0\0\5hello" + mp3() + b"TAG" + bytes(125), "audio/mpeg"),
    "voice.wav": (wav(), "audio/wav"),
    "bird.ogg": (ogg(), "audio/ogg"),
    "song.m4a": (mp4(b"M4A "), "audio/mp4"),
    "film.mp4": (mp4(), "video/mp4"),
    "clip.webm": (webm(), "video/webm"),
}

NO_SVG = (
    "SVG and HTML can carry scripts and are not taken. Send a JPEG, PNG, GIF or WebP, an MP3, "
    "WAV, OGG or M4A, an MP4 or WebM, or a ZIP of them."
)
WANTED = NO_SVG.partition("taken. ")[2]
ADDED = "Something was added after its end; save the picture anew."
HIDDEN = "There is a page or a script hidden in it; save the picture anew."
BAD: dict[str, tuple[bytes, str]] = {
    "empty.png": (b"", "The file is empty."),
    "script.svg": (b"<svg onload='alert(1)'/>", NO_SVG),
    "script.png": (b"\xef\xbb\xbf \n<?xml version='1.0'?><svg/>", NO_SVG),
    "comment.jpg": (b"<!-- a picture --><svg xmlns='x'/>", NO_SVG),
    "page.jpg": (b"<!DOCTYPE html><script>1</script>", NO_SVG),
    "paper.pdf": (b"%PDF-1.7", f"A PDF is neither picture, sound nor film. {WANTED}"),
    "run.exe": (b"MZ\x90\0", f"A program is neither picture, sound nor film. {WANTED}"),
    "heic.heic": (
        box(b"ftyp", b"heic" + bytes(4)),
        f"HEIC and AVIF can't be read here; save it as JPEG. {WANTED}",
    ),
    "noise.png": (bytes(100), f"It is not a kind of file that phones can show. {WANTED}"),
    "wrong.jpg": (
        picture("PNG"),
        "Its name ends in '.jpg', but it is image/png; name it for what it is.",
    ),
    "wrong.html": (
        picture("PNG"),
        "Its name ends in '.html', but it is image/png; name it for what it is.",
    ),
    "gifar.gif": (picture("GIF", mode="P") + b"=1;alert(1)//", ADDED),
    "gifjs.gif": (b"GIF89a=1;alert(document.domain)//;", ("It can't be read as image/gif; save it "
                  "anew.")),
    "page-behind.jpg": (picture() + b"<HTML><SCRIPT>alert(1)</SCRIPT>", HIDDEN),
    "page-inside.png": (picture("PNG")[:-12] + b"<script>" + picture("PNG")[-12:], HIDDEN),
    "zip-behind.jpg": (
        picture() + packed({"a.class": b"x"}),
        "There is an archive hidden in it; save the picture anew.",
    ),
    "behind.png": (picture("PNG") + b"junk", ADDED),
    "behind.webp": (picture("WEBP") + b"junk", ADDED),
    "cut.jpg": (picture(size=(400, 300))[:-200], "It can't be read as image/jpeg; save it anew."),
    "cut.png": (
        picture("PNG", size=(400, 300))[:60] + b"IEND\xaeB`\x82",
        "It can't be read as image/png; save it anew.",
    ),
    "huge.png": (
        png_of(20_000, 20_000), "It has too many pixels; the most is 50 million.",
    ),
    "large.png": (
        png_of(9_000, 9_000), "It has 9000 × 9000 pixels; the most is 50 million in all.",
    ),
    "bomb.png": (png_with_text_bomb(), "It can't be read as image/png; save it anew."),
    "page.mp3": (b"ID3\4\0\0\0\0\0\0<html>" + mp3(),
                 ("It is not a whole audio/mpeg: it breaks off, "
                 "or something else is in it.")),
    "behind.mp3": (mp3() + b"<html>" * 400, ("It is not a whole audio/mpeg: it breaks off, or "
                   "something else is in it.")),
    "lying.wav": (wav(claimed=99), ("It is not a whole audio/wav: it breaks off, or something else "
                  "is in it.")),
    "behind.mp4": (mp4() + b"<html></html>", ("It is not a whole video/mp4: it breaks off, or "
                   "something else is in it.")),
    "cut.webm": (webm()[:-3], ("It is not a whole video/webm: it breaks off, or something else is "
                 "in it.")),
    "cut.ogg": (ogg()[:-1], ("It is not a whole audio/ogg: it breaks off, or something else is in "
                "it.")),
    "broken.zip": (b"PK\x03\x04junk", "The ZIP is broken; pack it anew."),
    "none.zip": (packed({}), "There are no files in the ZIP."),
    "secret.zip": (encrypted(), "The ZIP is encrypted; pack it without a password."),
    "link.zip": (
        packed({}, links={"a.png": "/etc/passwd"}),
        "The ZIP holds a link; pack the files themselves.",
    ),
    "up.zip": (
        packed({"../../a.png": picture("PNG")}),
        "The ZIP holds a file that would leave its folder; pack it anew.",
    ),
    "root.zip": (
        packed({"/etc/a.png": picture("PNG")}),
        "The ZIP holds a file that would leave its folder; pack it anew.",
    ),
    "bomb.zip": (
        packed({"a.png": bytes(30 * 2**20)}),
        "The ZIP unpacks to far more than it has; no picture packs so well.",
    ),
    "many.zip": (
        packed({f"{n}.png": b"x" for n in range(10_001)}),
        "The ZIP has 10001 files; the most is 10000.",
    ),
}  # fmt: skip
