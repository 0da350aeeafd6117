"""How long "at once" may be, in *seconds*: the moment is measured in the browser that looks on."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from playwright.sync_api import Page

from e2e.support.money import PAID_MS

LIMIT = 1.0
# A browser on a busy machine takes longer to notice than the hub to tell.
_BUSY_LIMIT = 15.0
# Linux: the share of the last ten seconds, in percent, in which somebody waited for a processor.
_WAITING, _MOST_WAITING = Path("/proc/pressure/cpu"), 25.0


def limit() -> float:
    """*Seconds* that a page may be late, as the machine is just now."""
    busy = os.getloadavg()[0] >= (os.cpu_count() or 1) or _waiting() > _MOST_WAITING
    return _BUSY_LIMIT if busy else LIMIT


def _waiting() -> float:
    with suppress(OSError, ValueError, IndexError):
        return float(_WAITING.read_text().split("avg10=")[1].split()[0])
    return 0.0


def note_moment(page: Page, word: str, *, within: str = "#main", is_there: bool = True) -> None:
    """`shownAt`: when the element first contained the word, or no more, by this machine's clock.

    The element itself may be drawn anew; the one around it stays.
    """
    page.evaluate(
        """([within, word, wanted]) => {
          window.shownAt = 0;
          const look = new MutationObserver(() => {
            const shown = document.querySelector(within)?.innerText ?? "";
            if (shown.includes(word) !== wanted) return;
            window.shownAt = performance.timeOrigin + performance.now();
            look.disconnect();
          });
          const around = document.querySelector(within).parentElement;
          look.observe(around, {subtree: true, childList: true, characterData: true});
        }""",
        [within, word, is_there],
    )


def moment(page: Page) -> float:
    """*Seconds* since the epoch at which it was so."""
    shown = page.wait_for_function("window.shownAt", timeout=PAID_MS).json_value()
    return float(shown) / 1000
