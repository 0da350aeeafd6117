"""Whether a page fits: nothing wider than the window, nothing cut off, nothing moving."""

from __future__ import annotations

from playwright.sync_api import Page

from e2e.support.accessible import Accessibility

# WCAG 1.4.10: 320 pixels wide. Twice as large on a screen of 1440 is a window of 720.
NARROW, ZOOMED = (320, 720), (720, 450)

# Wider than the window, or beyond its edge without anything that could be scrolled to it.
_MISFITS = """() => {
  const wide = innerWidth + 1;
  const name = (each) => each.tagName.toLowerCase() + (each.id ? "#" + each.id : "")
    + [...each.classList].slice(0, 3).map((one) => "." + one).join("")
    + " " + (each.innerText || each.getAttribute("aria-label") || "").trim().slice(0, 30);
  const found = [];
  if (document.documentElement.scrollWidth > wide)
    found.push("the page scrolls sideways: " + document.documentElement.scrollWidth);
  const scrolls = (each) => ["auto", "scroll"].includes(getComputedStyle(each).overflowX);
  const hides = (each) => getComputedStyle(each).overflowX === "hidden"
    || getComputedStyle(each).overflowX === "clip";
  for (const each of document.querySelectorAll("body *")) {
    if (!each.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    const box = each.getBoundingClientRect();
    if (box.width < 2 || box.height < 2 || (box.right <= wide && box.left >= -1)) continue;
    if (box.bottom < 0 && getComputedStyle(each).position === "fixed") continue; // the skip link
    let around = each.parentElement, reached = false;
    while (around && !reached) {
      const edge = around.getBoundingClientRect();
      // Scrolled by itself, or cut on purpose inside of what fits (an ellipsis, a picture).
      if (around !== document.documentElement && around !== document.body
          && (scrolls(around) || hides(around)) && edge.right <= wide) reached = true;
      around = around.parentElement;
    }
    if (!reached) found.push("beyond the edge: " + name(each));
  }
  return found.slice(0, 5);
}"""

# What still moves although less motion was asked for; in *milliseconds*.
_MOVES = """() => document.getAnimations()
  .filter((each) => each.timeline === document.timeline
    && each.effect && each.effect.getComputedTiming().duration > 20
    && each.playState === "running")
  .map((each) => (each.animationName || each.transitionProperty || "animation") + " of "
    + (each.effect.target?.className || each.effect.target?.tagName))
  .slice(0, 5)"""


def look_at(page: Page, name: str, axe: Accessibility) -> None:
    """The page fits, is still and has nothing that axe minds; it is wide again afterwards."""
    page.emulate_media(reduced_motion="reduce")
    faults = (*misfits(page, NARROW), *misfits(page, ZOOMED), *motions(page))
    axe.violations += [f"{name}: {fault}" for fault in faults]
    axe.check(page, name)
    page.set_viewport_size({"width": 1440, "height": 900})


def misfits(page: Page, size: tuple[int, int]) -> list[str]:
    """What does not fit into a window of this size; the window has it afterwards."""
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
    return [f"{size[0]} px: {each}" for each in page.evaluate(_MISFITS)]


def motions(page: Page) -> list[str]:
    """What moves now, with less motion asked for."""
    return [f"moves: {each}" for each in page.evaluate(_MOVES)]
