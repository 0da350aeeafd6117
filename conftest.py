"""For every test of the repository, `tests/` and `e2e/` alike."""

import os
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import authlib.deprecate  # noqa: F401  importing it later would undo our filter of its warning
import pytest

from tests.support.loopback import forbid_the_outside

NODE_FROM = 20
NODE_MODULES = Path(__file__).parent / "node_modules"


def pytest_addoption(parser: pytest.Parser) -> None:
    # NiceGUI's fixtures ask for it. Empty: pages are registered from a function, not by main.py.
    parser.addini("main_file", "the file that NiceGUI's fixtures start", default="")


def pytest_configure(config: pytest.Config) -> None:
    base_url = config.getoption("base_url", default=None) or ""
    forbid_the_outside(also_allowed=frozenset(filter(None, [urlsplit(base_url).hostname])))


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("node") and (missing := missing_of_node()):
        if os.environ.get("CI") == "true":
            pytest.fail(f"{missing}; in CI this test must run.", pytrace=False)
        pytest.skip(missing)


@cache
def missing_of_node() -> str | None:
    """What tests marked `node` would miss on this machine, or None."""
    node = shutil.which("node")
    version = subprocess.check_output([node, "--version"], text=True) if node else ""
    major = re.match(r"v(\d+)", version)
    if major is None or int(major[1]) < NODE_FROM:
        return f"there is no Node {NODE_FROM} or newer (found: {version.strip() or 'none'})"
    return None if NODE_MODULES.is_dir() else "Node is there, but its packages are not: npm ci"
