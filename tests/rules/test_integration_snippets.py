"""The button's lines: those for the npm package listen where the package tells."""

from __future__ import annotations

import pytest

from ui.pages.integration_snippets import KINDS, is_packaged, snippet

PACKAGED = "http://localhost:8082"
ELSEWHERE = "https://hub.example.com"


def test_the_packages_element_is_heard_on_the_window() -> None:
    # The package dispatches it there; what is sent to the window never reaches the document.
    lines = snippet("element", "AcmeMsPA", PACKAGED)
    assert '\n  addEventListener("dialog-connect-callback"' in lines
    assert is_packaged(PACKAGED)


@pytest.mark.parametrize("kind", KINDS)
def test_where_the_package_does_not_know_the_hub_its_own_address_stands_in_the_lines(
    kind: str,
) -> None:
    lines = snippet(kind, "AcmeMsPA", ELSEWHERE)
    assert ELSEWHERE in lines
    assert "360dialog-connect-button" not in lines
