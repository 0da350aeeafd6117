"""What the lock files and the notice say about what we depend on."""

import re
from importlib.metadata import PackageNotFoundError, metadata

from tests.architecture.sources import ROOT

PINNED = re.compile(r"^([a-z0-9.-]+)==(\S+)", re.MULTILINE)
TO_BE_NAMED = re.compile(r"LGPL|Lesser General Public|OFL|Open Font")


def pins(name: str) -> dict[str, str]:
    return dict(PINNED.findall((ROOT / name).read_text()))


def test_tests_run_on_the_versions_that_the_hub_runs_on() -> None:
    hub, tests = pins("requirements.lock"), pins("requirements-test.lock")
    assert hub.items() <= tests.items()


def test_every_pin_carries_its_hashes() -> None:
    for name in ("requirements.lock", "requirements-test.lock"):
        entries = re.split(r"\n(?=[a-z0-9])", (ROOT / name).read_text())
        assert [entry for entry in entries[1:] if "--hash=sha256:" not in entry] == []


def test_the_notice_names_dependencies_under_lgpl_and_ofl() -> None:
    notice = (ROOT / "NOTICE").read_text()
    unnamed = [name for name in pins("requirements.lock") if name not in notice]
    assert [name for name in unnamed if TO_BE_NAMED.search(licence(name))] == []


def licence(name: str) -> str:
    """All that the installed package says about its licence; nothing for another platform's."""
    try:
        said = metadata(name)
    except PackageNotFoundError:
        return ""
    fields = ("License-Expression", "License", "Classifier")
    return "\n".join(value for field in fields for value in said.get_all(field) or [])
