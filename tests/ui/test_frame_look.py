"""Tokens that can be read, a first load that stays small, and the state pages of the process."""

from __future__ import annotations

import re

import pytest

from tests.ui.conftest import Serve
from ui import icons, theme
from ui.assets import Assets
from ui.places import sections

_FIRST_LOAD = 450_000


@pytest.mark.parametrize("mode", [theme.LIGHT, theme.DARK], ids=["light", "dark"])
def test_what_is_read_together_can_be_read(mode: dict[str, str]) -> None:
    ratios = {
        (front, back): (theme.contrast(mode[front], mode[back]), least)
        for front, back, least in theme.CONTRASTS
    }
    assert {pair: ratio for pair, ratio in ratios.items() if ratio[0] < ratio[1]} == {}


def test_the_ratio_is_wcags() -> None:
    assert theme.contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert theme.contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


def test_both_modes_name_the_same_roles() -> None:
    assert theme.LIGHT.keys() == theme.DARK.keys()


def test_dark_follows_the_system_unless_light_is_chosen() -> None:
    css = theme.css()
    system = css.index("@media(prefers-color-scheme:dark)")
    assert system < css.index("[data-theme=light]") < css.index("[data-theme=dark]")


def test_every_role_and_icon_that_the_styles_name_exists() -> None:
    assets = Assets()
    style = assets.get(assets.style)
    assert style is not None
    css = style.content.decode()
    declared = set(re.findall(r"(--[\w-]+)\s*:", css))
    used = set(re.findall(r"var\((--[\w-]+)\)", css))
    # `--i` is the icon's place in the strip, `--rows` is set on the element.
    assert used - declared - {"--rows"} == set()
    assert set(icons.ALIASES.values()) <= set(icons.NAMES)


def test_no_page_names_a_colour() -> None:
    assets = Assets()
    style = assets.get(assets.style)
    assert style is not None
    css = style.content.decode().replace(theme.css(), "")
    assert set(re.findall(r"#[0-9a-fA-F]{3,8}\b", css)) <= {"#fff"}  # behind a partner's logo


async def test_the_first_load_stays_in_its_budget(serve: Serve) -> None:
    async with serve(sections({})) as site:
        answer = await site.browser().look("/accounts")
        html = answer.text
        # Everything the page names, and what Quasar's style sheets import.
        fetched = {url for url in Assets().sizes() if url in html}
        total = sum(Assets().sizes()[url] for url in fetched) + len(html)
        assert {url.split("/")[-1].split(".")[0] for url in fetched} >= {"quasar", "vue", "hub"}
        assert "tailwind" not in html
        assert total < _FIRST_LOAD


async def test_files_come_compressed_and_stay_for_a_year(serve: Serve) -> None:
    async with serve(sections({})) as site:
        answer = await site.browser().look(Assets().style)
        assert answer.headers["content-encoding"] == "gzip"
        assert "immutable" in answer.headers["cache-control"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        plain = await site.browser().http_client.get(
            Assets().style, headers={"accept-encoding": "identity"}
        )
        assert "content-encoding" not in plain.headers
        assert plain.text == answer.text


async def test_the_process_and_its_database_answer(serve: Serve) -> None:
    async with serve(sections({})) as site:
        browser = site.browser("")
        assert (await browser.look("/healthz")).status_code == 200
        assert (await browser.look("/readyz")).status_code == 200
        site.hub.partners.is_down = True
        assert (await browser.look("/healthz")).status_code == 200
        assert (await browser.look("/readyz")).status_code == 503


async def test_the_page_has_a_language(serve: Serve) -> None:
    async with serve(sections({})) as site:
        assert '<html lang="en-GB"' in (await site.browser().look("/accounts")).text


async def test_only_logos_leave_the_store(serve: Serve) -> None:
    async with serve(sections({})) as site:
        stored = {"a" * 64: (b"png", "image/png"), "b" * 64: (b"pdf", "application/pdf")}
        site.hub.blobs.get = stored.__getitem__
        browser = site.browser("")
        answer = await browser.look("/logos/" + "a" * 64)
        assert (answer.content, answer.headers["content-type"]) == (b"png", "image/png")
        assert (await browser.look("/logos/" + "b" * 64)).status_code == 404
        assert (await browser.look("/logos/../secrets")).status_code == 404


def test_a_misspelt_place_is_refused() -> None:
    with pytest.raises(ValueError, match="no such place"):
        sections({"/acounts": lambda page: None})
