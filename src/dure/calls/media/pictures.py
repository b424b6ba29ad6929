"""Pictures made anew for phones: turned upright, of a sensible size, with nothing else in them."""

from __future__ import annotations

import io
import warnings
import zipfile
from pathlib import Path
from typing import BinaryIO

from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from dure.calls.media.kinds import GIF, JPEG, PNG, WEBP, BadMedia, Kind, refuse_active

PIXELS_MAX = 50_000_000
SIDE_PIXELS_MAX = 1600
QUALITY = 80
FORMATS = {JPEG: "JPEG", PNG: "PNG", GIF: "GIF", WEBP: "WEBP"}
# How a whole file of the kind ends; what comes after was added by somebody.
ENDINGS = {PNG: b"IEND\xaeB`\x82", GIF: b"\x3b"}


def make_picture(kind: Kind, file: BinaryIO, into: Path) -> tuple[int, int]:
    """Write the picture as WebP; gives its width and height in pixels."""
    refuse_active(file)
    _refuse_additions(kind, file)
    file.seek(0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(file, formats=[FORMATS[kind]]) as picture:
                _refuse_huge(picture)
                made = _make(picture)
    except Image.DecompressionBombError:
        raise BadMedia("It has too many pixels; the most is 50 million.") from None
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError) as error:
        raise BadMedia("It can't be read as {type}; save it anew.", type=kind.type) from error
    made.save(into, format="WEBP", quality=QUALITY, method=4, exif=b"", icc_profile=None)
    return made.size


def _refuse_huge(picture: Image.Image) -> None:
    width, height = picture.size
    if width * height > PIXELS_MAX:
        raise BadMedia(
            "It has {width} × {height} pixels; the most is 50 million in all.",
            width=width,
            height=height,
        )


def _refuse_additions(kind: Kind, file: BinaryIO) -> None:
    ending = ENDINGS.get(kind)
    size = file.seek(0, io.SEEK_END)
    if ending is not None:
        file.seek(-min(size, len(ending)), io.SEEK_END)
        if file.read() != ending:
            raise BadMedia("Something was added after its end; save the picture anew.")
    if kind is WEBP:
        file.seek(4)
        if int.from_bytes(file.read(4), "little") + 8 != size:
            raise BadMedia("Something was added after its end; save the picture anew.")
    if zipfile.is_zipfile(file):
        raise BadMedia("There is an archive hidden in it; save the picture anew.")


def _make(picture: Image.Image) -> Image.Image:
    # Decoded at once to about the size that is kept, which saves memory for photos.
    picture.draft("RGB", (2 * SIDE_PIXELS_MAX, 2 * SIDE_PIXELS_MAX))
    upright = ImageOps.exif_transpose(_in_common_colours(picture))
    has_alpha = upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info
    plain = upright.convert("RGBA" if has_alpha else "RGB")
    plain.thumbnail((SIDE_PIXELS_MAX, SIDE_PIXELS_MAX), Image.Resampling.LANCZOS)
    return plain


def _in_common_colours(picture: Image.Image) -> Image.Image:
    """In sRGB, so that colours are right after the profile is dropped."""
    profile = picture.info.get("icc_profile")
    if not profile or picture.mode != "RGB":
        return picture
    try:
        own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        common = ImageCms.createProfile("sRGB")
        turned = ImageCms.profileToProfile(picture, own, common)
    except (ImageCms.PyCMSError, OSError):
        return picture
    if turned is None:
        return picture
    turned.info["exif"] = picture.info.get("exif", b"")
    return turned
