"""For every test of the repository, `tests/` and `e2e/` alike."""

from urllib.parse import urlsplit

import pytest

from tests.support.loopback import forbid_the_outside


def pytest_addoption(parser: pytest.Parser) -> None:
    # NiceGUI's fixtures ask for it. Empty: pages are registered from a function, not by main.py.
    parser.addini("main_file", "the file that NiceGUI's fixtures start", default="")


def pytest_configure(config: pytest.Config) -> None:
    base_url = config.getoption("base_url", default=None) or ""
    forbid_the_outside(also_allowed=frozenset(filter(None, [urlsplit(base_url).hostname])))
