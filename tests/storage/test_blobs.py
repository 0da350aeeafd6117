"""Files by content hash: whole or absent, stored once, unknown names are not found."""

from pathlib import Path

import pytest

from core.errors import NotFound
from storage.blobs import FolderBlobs


def test_a_file_comes_back_as_it_was(tmp_path: Path) -> None:
    content = b"\x89PNG\n\x00\n" * 1000
    digest = FolderBlobs(tmp_path).put(content, "image/png")
    assert FolderBlobs(tmp_path).get(digest) == (content, "image/png")
    assert FolderBlobs(tmp_path).get(FolderBlobs(tmp_path).put(b"", "text/plain")) == (
        b"",
        "text/plain",
    )


def test_the_same_content_is_stored_once_and_nothing_else_is_left(tmp_path: Path) -> None:
    blobs = FolderBlobs(tmp_path)
    assert blobs.put(b"logo", "image/png") == blobs.put(b"logo", "image/webp")
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1
    assert blobs.get(blobs.put(b"logo", "image/webp"))[1] == "image/png"


@pytest.mark.parametrize("digest", ["", "0" * 64, "../../etc/passwd", "A" * 64, "0" * 63])
def test_an_unknown_or_impossible_name_is_not_found(digest: str, tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        FolderBlobs(tmp_path).get(digest)
