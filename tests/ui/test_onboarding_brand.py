"""A partner's colour is used only where people can still read."""

import pytest

from ui.pages.onboarding.brand import style


def test_a_readable_colour_is_used_in_both_modes() -> None:
    assert style("#E4002B") == (
        "--brand-light:#E4002B;--on-brand-light:#FFFFFF;--brand-dark:#E4002B;--on-brand-dark:#FFFFFF"
    )


def test_a_colour_that_drowns_in_one_mode_is_used_in_the_other_only() -> None:
    assert "light" in style("#0000AA")
    assert "dark" not in style("#0000AA")
    assert "light" not in style("#FFD400")
    assert "--on-brand-dark:#101820" in style("#FFD400")


@pytest.mark.parametrize("color", ["", "red", "#FFF", "#GGGGGG", "#000000;background:url(x)"])
def test_nothing_but_a_plain_colour_reaches_the_page(color: str) -> None:
    assert style(color) == ""
