"""The repository's own files, read and parsed once for all house rules."""

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ("main.py", "assembly.py", "core/", "storage/", "ui/", "sandbox/", "bench/", "scripts/")
TESTS = ("tests/", "e2e/", "conftest.py")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One Python file: where it is, its text and its tree."""

    path: str
    text: str
    tree: ast.Module

    @property
    def lines(self) -> int:
        return self.text.count("\n")


@cache
def tracked_files() -> tuple[str, ...]:
    """Every file that git knows or would add, by its path from the top."""
    listed = subprocess.check_output(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, text=True
    )
    return tuple(name for name in sorted(set(listed.splitlines())) if (ROOT / name).is_file())


@cache
def sources(*places: str) -> tuple[Source, ...]:
    """The Python files below *places*."""
    return tuple(source for source in _all_sources() if source.path.startswith(places))


@cache
def _all_sources() -> tuple[Source, ...]:
    return tuple(_read(path) for path in tracked_files() if path.endswith(".py"))


def _read(path: str) -> Source:
    text = (ROOT / path).read_text(encoding="utf-8")
    return Source(path=path, text=text, tree=ast.parse(text, filename=path))


def tracked_texts() -> Iterator[tuple[str, str]]:
    """Path and content of every tracked file that is text."""
    for path in tracked_files():
        content = (ROOT / path).read_bytes()
        if b"\0" not in content[:8000]:
            yield path, content.decode("utf-8")
