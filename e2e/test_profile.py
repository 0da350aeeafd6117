"""The brand: changed by keyboard beside the client's own page, and on a client's phone at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, Page, expect

from core.demo.world import ACME
from e2e.support.client import ClientBrowser
from e2e.support.focus import tab_to
from e2e.support.people import People, open_page

Contexts = Callable[..., BrowserContext]
Clients = Callable[..., ClientBrowser]
PHONE = {"viewport": {"width": 390, "height": 844}}
NAME = "Ätna & Söhne"


@pytest.fixture
def page(new_context: Contexts, people: People, base_url: str) -> Iterator[Page]:
    """Fay's open profile; the brand is as it was afterwards."""
    context = new_context()
    people.sign_in(context, "Fay Turner").close()
    page = open_page(context, f"{base_url}/profile")
    expect(page.get_by_role("heading", level=1)).to_have_text("Profile")
    yield page
    page.goto(f"{base_url}/profile")
    field = page.get_by_label("Brand name", exact=True)
    if field.input_value() != ACME.name:
        field.fill(ACME.name)
        field.press("Enter")
        expect(page.locator(".top .partner-name")).to_have_text(ACME.name)
    if page.get_by_role("button", name="Remove logo").is_visible():
        page.get_by_role("button", name="Remove logo").click()
        expect(page.get_by_text("No logo", exact=True)).to_be_visible()


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """Blue with a red edge on the right, which is to be cut off."""
    picture = Image.new("RGB", (400, 200), "blue")
    picture.paste("red", (300, 0, 400, 200))
    picture.save(tmp_path / "logo.png")
    return tmp_path / "logo.png"


def test_a_cropped_logo_and_a_new_name_are_on_a_clients_phone_while_it_types(
    page: Page, client_browser: Clients, picture: Path, base_url: str
) -> None:
    client = client_browser(**PHONE)
    client.open()
    client.sign_up()
    client.expect_heading("Enter the code from our e-mail")
    code = client.page.get_by_label("Six-digit code")
    code.press_sequentially("12")

    tab_to(page, page.get_by_role("button", name="Choose a picture…"))
    with page.expect_file_chooser() as choosing:
        page.keyboard.press("Enter")
    choosing.value.set_files(picture)
    expect(page.get_by_role("button", name="Move the part that is kept")).to_be_focused()
    tab_to(page, page.get_by_role("button", name="Bottom right corner"))
    for _ in range(3):  # a tenth of the picture each
        page.keyboard.press("Shift+ArrowLeft")
    expect(page.get_by_text("280 × 200 pixels of 400 × 200")).to_be_visible()
    preview = page.locator(".pf-screen")
    expect(preview.locator(".ob-logo")).to_have_attribute("src", re.compile("^data:image/"))
    expect(client.page.locator(".ob-logo")).to_be_hidden()
    tab_to(page, page.get_by_role("button", name="Save logo"))
    page.keyboard.press("Enter")
    expect(client.page.locator(".ob-logo")).to_be_visible()

    field = page.get_by_label("Brand name", exact=True)
    field.focus()
    page.keyboard.press("Control+a")
    page.keyboard.type(NAME)
    expect(preview.locator(".ob-brand")).to_have_text(NAME)
    expect(client.page.locator(".ob-brand")).to_have_text(ACME.name)
    page.keyboard.press("Enter")
    expect(client.page.locator(".ob-brand")).to_have_text(NAME)
    expect(client.page).to_have_title(f"Connect WhatsApp · {NAME}")
    expect(page.locator(".top .partner-name")).to_have_text(NAME)

    expect(code).to_be_focused()
    client.page.keyboard.type("34")
    expect(code).to_have_value("1234")
    logo = client.page.request.get(
        base_url + str(client.page.locator(".ob-logo").get_attribute("src"))
    )
    drawn = Image.open(BytesIO(logo.body())).convert("RGB")
    assert drawn.size == (280, 200)
    assert drawn.getpixel((279, 100)) == (0, 0, 255)
    assert logo.headers["x-content-type-options"] == "nosniff"
