"""A program: reads one picture from stdin and writes it, drawn anew, to stdout.

It runs alone, with little memory and time, because decoders are where pictures attack. Nothing of
the hub is imported here, so that it starts fast and knows nothing. Call it by `uploads.pictures`.

    draw.py FORMAT LEAST_SIDE LONGEST_SIDE MOST_PIXELS MEMORY SECONDS [LONGEST_OUT MOST_TIMES [CUT]]

LONGEST_OUT 0 and MOST_TIMES 0 are any; CUT is left, top, width and height in pixels of the
picture the right way up.
"""

from __future__ import annotations

import resource
import sys
from io import BytesIO

from PIL import Image, ImageOps

# The size is bounded below; Pillow would refuse at another one, in other words.
Image.MAX_IMAGE_PIXELS = None

# What a browser shows smaller than it came, and lossless where it came lossless.
_WRITTEN_AS = {"PNG": "PNG", "JPEG": "WEBP", "WEBP": "WEBP"}
_KEPT_MODES = ("RGB", "RGBA", "L", "LA")
# How Pillow says that a file is broken; beyond that the process ends, which says the same.
_BROKEN = (OSError, SyntaxError, ValueError, EOFError, MemoryError)


def main() -> None:
    """Answers `ok` or a code in the first line, then the picture."""
    form, least, longest, pixels, memory, seconds = sys.argv[1], *map(int, sys.argv[2:7])
    longest_out, most_times, *cut = map(int, sys.argv[7:] or ("0", "0"))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        content = sys.stdin.buffer.read()
        bounds = (least, longest, pixels, most_times)
        code, content = drawn(content, form, bounds, cut, longest_out)
    except _BROKEN:
        code, content = "file_broken", b""
    sys.stdout.buffer.write(code.encode() + b"\n" + content)


def drawn(
    content: bytes, form: str, bounds: tuple[int, int, int, int], cut: list[int], longest_out: int
) -> tuple[str, bytes]:
    """The new picture; only its header is read before its size is known to be small."""
    least, longest, pixels, most_times = bounds
    picture = Image.open(BytesIO(content), formats=[form])
    width, height = picture.size
    if min(width, height) < least:
        return "picture_too_small", b""
    if max(width, height) > longest or width * height > pixels:
        return "picture_too_large", b""
    if getattr(picture, "n_frames", 1) != 1:
        return "picture_moves", b""
    picture.load()
    upright = ImageOps.exif_transpose(picture)
    if upright.mode not in _KEPT_MODES:
        upright = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
    if fault := part_fault(upright.size, cut, least, most_times):
        return fault, b""
    if cut:
        left, top, width, height = cut
        upright = upright.crop((left, top, left + width, top + height))
    if longest_out:
        upright.thumbnail((longest_out, longest_out))
    # A fresh one: profiles, comments, places and thumbnails stay behind.
    fresh = Image.frombytes(upright.mode, upright.size, upright.tobytes())
    written = BytesIO()
    fresh.save(written, _WRITTEN_AS[form], **({"quality": 90} if form != "PNG" else {}))
    return "ok", written.getvalue()


def part_fault(size: tuple[int, int], cut: list[int], least: int, most_times: int) -> str:
    """Why the part of a picture of this size, or all of it, is not taken; '' when it is."""
    width, height = size
    if cut:
        left, top, width, height = cut
        if min(left, top) < 0 or left + width > size[0] or top + height > size[1]:
            return "crop_outside"
        if min(width, height) < least:
            return "picture_too_small"
    is_thin = most_times and max(width, height) > most_times * min(width, height)
    return "picture_too_thin" if is_thin else ""


if __name__ == "__main__":
    main()
