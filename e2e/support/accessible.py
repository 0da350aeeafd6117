"""axe-core over a page: light and wide, dark and narrow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

SIZES = {"1440": (1440, 900), "390": (390, 844)}
THEMES = ("light", "dark")
# Each size and each theme once: axe finds nothing in the other two, and they cost as much again.
JUDGED = (("1440", "light"), ("390", "dark"))
# With less motion a new theme's inherited colours still go down one level of elements a frame.
SETTLED = """async () => {
  for (let level = 0; level < 30; level += 1) await new Promise(requestAnimationFrame);
  // What a scroll drives ends when somebody scrolls, not by itself.
  const running = document.getAnimations()
    .filter((each) => each.timeline === document.timeline
      && each.effect?.getComputedTiming().iterations !== Infinity);
  await Promise.all(running.map((each) => each.finished.catch(() => null)));
}"""
_axe = Axe()


class Accessibility:
    """Collects violations of several pages, so that one run names them all."""

    def __init__(self) -> None:
        self.violations: list[str] = []

    def check(
        self, page: Page, name: str, *, in_dialog: bool = False, in_menu: bool = False
    ) -> None:
        """The page as it is now, in both looks.

        Under a dialog axe takes the scrim for what is behind the buttons and not their own
        colour, so it cannot judge contrasts there; the tokens are tested in pairs instead
        (tests/ui/test_frame_look.py), and the same buttons are judged on pages without a dialog.
        An open menu of Quasar's stands at the end of the body, outside of every landmark.
        """
        off = {"rules": {rule: {"enabled": False} for rule in _off(in_dialog, in_menu)}}
        for look in looks(page, JUDGED):
            results = _axe.run(page, options=off)
            self.violations += [
                f"{name} ({look}): {rule['id']}: {rule['help']}: {_places(rule)}"
                for rule in results.response["violations"]
            ]


def _off(in_dialog: bool, in_menu: bool) -> list[str]:
    """Rules that cannot be judged there."""
    return ["color-contrast"] * in_dialog + ["region"] * in_menu


def looks(
    page: Page, wanted: Iterable[tuple[str, str]] = tuple(product(SIZES, THEMES))
) -> Iterator[str]:
    """Sets size and theme of the page, one combination after the other."""
    for size, theme in wanted:
        width, height = SIZES[size]
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
        page.evaluate(SETTLED)
        yield f"{theme}, {size}"


def _places(rule: dict[str, object]) -> str:
    nodes = rule["nodes"]
    assert isinstance(nodes, list)
    return "; ".join(f"{node['target']} {node['html'][:160]}" for node in nodes[:3])
