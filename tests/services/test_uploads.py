"""The corpus of uploads, whole: what is taken is what we drew, what is not is told why."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, PngImagePlugin

from core.errors import InvalidInput
from core.uploads import draw
from core.uploads.pictures import Pictures
from core.uploads.rules import (
    LEAST_SIDE,
    LONGEST_SIDE,
    MAX_BYTES,
    PICTURES,
    Kind,
    kind_of,
    safe_name,
)

CORPUS = json.loads((Path(__file__).parents[1] / "corpora" / "uploads.json").read_text())
FILES = [file for file in CORPUS["files"] if file["b64"] is not None]
# Without any multipart a request is one file, and these are none.
MULTIPART = [file for file in CORPUS["files"] if file["b64"] is None]
BOUNDARY = b"--b\r\nContent-Disposition: form-data; name=f; filename=a.png\r\n"
REASONS = {
    "U07": "picture_too_small",
    "U39": "file_empty",
    "U41": "file_broken",
    "U43": "file_broken",  # nothing is in it at all
    "U45": "picture_too_large",
    "U47": "picture_too_large",
    "U49": "picture_moves",
}


def logo(content: bytes) -> tuple[bytes, Kind]:
    """As a picture from outside is taken."""
    return Pictures().drawn(content, kind_of(content, PICTURES))


def code_of(content: bytes) -> str:
    with pytest.raises(InvalidInput) as refusal:
        logo(content)
    assert refusal.value.about["field"] == "file"
    return refusal.value.code


@pytest.mark.parametrize("file", FILES, ids=lambda file: file["id"])
def test_the_corpus_of_files(file: dict[str, Any]) -> None:
    content = base64.b64decode(file["b64"])
    if file["expect"] == "reject":
        assert code_of(content) == REASONS.get(file["id"], "file_type")
        return
    drawn, kind = logo(content)
    assert b"<script" not in drawn
    picture = Image.open(BytesIO(drawn))
    assert picture.get_format_mimetype() == kind.value
    assert set(picture.info) <= {"background", "loop", "timestamp", "duration"}
    assert picture.mode in ("RGB", "RGBA", "L", "LA")
    assert logo(drawn)[1] is kind  # what we write, we would take


def multipart(generate: str) -> Iterator[bytes]:
    if "900" in generate:
        yield from (BOUNDARY + b"\r\nx\r\n" for _ in range(900))
        return
    yield b"x" * 2**20 + BOUNDARY + b"X-A: 1\r\n" * 10_000 + b"\r\nx\r\n--b--" + b"y" * 2**20


@pytest.mark.parametrize("file", MULTIPART, ids=lambda file: file["id"])
def test_a_request_with_many_parts_is_no_file(file: dict[str, Any]) -> None:
    content = b"".join(multipart(file["generate"]))
    assert code_of(content) in ("file_type", "file_too_large")


@pytest.mark.parametrize("name", CORPUS["filenames"])
def test_the_corpus_of_names(name: str) -> None:
    safe = safe_name(name, Kind.PNG)
    assert safe.endswith(".png")
    assert 4 < len(safe) <= 104
    assert not set(safe) & set("<>:\"/\\|?*%;'`$\x00\r\n")
    assert not safe.startswith((".", "~", " "))
    assert safe.split(".")[0].upper() not in ("CON", "PRN", "AUX", "NUL")


def test_an_ordinary_name_stays() -> None:
    assert safe_name("Rechnung März 2026.pdf", Kind.PDF) == "Rechnung März 2026.pdf"
    assert safe_name("شعار.jpeg", Kind.WEBP) == "شعار.webp"
    assert safe_name("invoice\u202egpj.exe", Kind.PDF) == "invoicegpj.pdf"  # turned around


def test_pdfs_are_taken_where_they_are_allowed_and_nowhere_else() -> None:
    pdf = base64.b64decode(next(f["b64"] for f in FILES if f["id"] == "U31"))
    assert kind_of(pdf, frozenset(Kind)) is Kind.PDF
    with pytest.raises(InvalidInput, match="file_type"):
        kind_of(pdf, PICTURES)
    for none in (b" " + pdf, b"%PDF-1.4", b"%PDF-x.4 %%EOF"):
        with pytest.raises(InvalidInput, match="file_type"):
            kind_of(none, frozenset(Kind))


def test_two_mebibytes_are_the_most() -> None:
    pdf = b"%PDF-1.4" + b" " * (MAX_BYTES - 13) + b"%%EOF"
    assert len(pdf) == MAX_BYTES
    assert kind_of(pdf, frozenset(Kind)) is Kind.PDF
    with pytest.raises(InvalidInput, match="file_too_large"):
        kind_of(pdf + b" ", frozenset(Kind))


@pytest.mark.parametrize(
    ("size", "code"),
    [
        ((LEAST_SIDE, LEAST_SIDE), ""),
        ((LEAST_SIDE - 1, 100), "picture_too_small"),
        ((LONGEST_SIDE, 900), ""),
        ((LONGEST_SIDE + 1, 100), "picture_too_large"),
        ((2000, 2000), ""),
        ((2001, 2000), "picture_too_large"),
    ],
)
def test_pictures_have_bounds(size: tuple[int, int], code: str) -> None:
    content = png(Image.new("L", size))
    if code:
        assert code_of(content) == code
    else:
        assert Image.open(BytesIO(logo(content)[0])).size == size


def test_where_a_picture_was_taken_is_forgotten_and_which_way_is_up_is_kept() -> None:
    turned = Image.new("RGB", (40, 60), "red")
    exif = turned.getexif()
    exif[0x0112], exif[0x010E] = 6, "at home"  # turned by 90 degrees; a description
    written = BytesIO()
    turned.save(written, "JPEG", exif=exif, comment=b"secret")
    drawn, kind = logo(written.getvalue())
    assert kind is Kind.WEBP
    assert Image.open(BytesIO(drawn)).size == (60, 40)
    assert b"home" not in drawn
    assert b"secret" not in drawn


def test_transparency_and_palettes_come_through() -> None:
    picture = Image.new("P", (40, 40), 1)
    picture.putpalette([0, 0, 0, 255, 0, 0])
    picture.info["transparency"] = 1
    drawn = Image.open(BytesIO(logo(png(picture))[0]))
    assert (drawn.mode, drawn.getpixel((5, 5))) == ("RGBA", (255, 0, 0, 0))


def test_texts_inside_a_picture_cannot_swell() -> None:
    info = PngImagePlugin.PngInfo()
    info.add_text("bomb", "x" * 10_000_000, zip=True)
    assert code_of(png(Image.new("L", (40, 40)), info)) == "file_broken"


def test_a_decoder_that_takes_too_much_ends_alone() -> None:
    """Whatever a picture makes the decoder do, its process has so much memory and no more."""
    bomb = base64.b64decode(next(f["b64"] for f in FILES if f["id"] == "U45"))
    unbounded = ["PNG", "1", "100000", str(10**10), str(200 * 2**20), "5"]
    done = subprocess.run(
        [sys.executable, "-I", draw.__file__, *unbounded],
        input=bomb,
        capture_output=True,
        check=False,
        timeout=20,
    )
    assert done.returncode or done.stdout == b"file_broken\n"


def png(picture: Image.Image, info: PngImagePlugin.PngInfo | None = None) -> bytes:
    written = BytesIO()
    picture.save(written, "PNG", pnginfo=info)
    return written.getvalue()
