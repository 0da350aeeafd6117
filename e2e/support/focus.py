"""Whether a person with a keyboard sees where it is."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import Locator, Page

MOST_TABS = 40

# The ring of what has the focus, or of the field that it stands in, and what is behind that.
_RING = """async () => {
  // A field's ring fades in.
  await Promise.all(document.getAnimations()
    .filter((each) => each.timeline === document.timeline
      && each.effect?.getComputedTiming().iterations !== Infinity)
    .map((each) => each.finished.catch(() => null)));
  const canvas = document.createElement("canvas");
  const brush = canvas.getContext("2d", { willReadFrequently: true });
  const light = (colour) => {
    brush.fillStyle = colour;
    brush.fillRect(0, 0, 1, 1);
    const [r, g, b] = [...brush.getImageData(0, 0, 1, 1).data].map((each) => {
      const part = each / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const focused = document.activeElement;
  const places = [[focused], [focused, "::after"], [focused.parentElement]];
  const looks = places.map((place) => getComputedStyle(...place));
  const outline = looks.find((look) => look.outlineStyle !== "none"
    && parseFloat(look.outlineWidth));
  // Quasar's fields draw theirs as a border.
  const field = focused.closest(".q-field__control");
  const border = field && getComputedStyle(field, "::after");
  const ring = outline
    ? { width: outline.outlineWidth, colour: outline.outlineColor }
    : border && border.borderTopStyle !== "none"
      && { width: border.borderTopWidth, colour: border.borderTopColor };
  if (!ring) return [0, 0];
  const ground = (each) => getComputedStyle(each).backgroundColor;
  let behind = (outline ? focused : field).parentElement;
  while (ground(behind) === "rgba(0, 0, 0, 0)") behind = behind.parentElement;
  const both = [light(ring.colour), light(ground(behind))];
  const contrast = (Math.max(...both) + 0.05) / (Math.min(...both) + 0.05);
  return [parseFloat(ring.width), contrast];
}"""


@dataclass(frozen=True, slots=True)
class Ring:
    """`width` in *pixels*; WCAG wants a `contrast` of 3."""

    width: float
    contrast: float


def ring_of(page: Page) -> Ring:
    """The ring around what has the focus now."""
    width, contrast = page.evaluate(_RING)
    return Ring(width, contrast)


def tab_to(page: Page, control: Locator) -> None:
    """Press Tab until the control has the focus: given by script it would show no ring."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if control.evaluate("(each) => each === document.activeElement"):
            return
    raise AssertionError(f"{control} is not reached by {MOST_TABS} times Tab")
