"""Meta's signed POST until the figure has changed in Chromium, beside the floor doing the same.

One clock: both pages stamp the change with `performance.timeOrigin + performance.now()`, the
sender stamps its first byte with this machine's time. Posts are further apart than the pause
after a push, or coalescing would be measured instead of the way.
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import Page

from bench import processes
from bench.measure import percentile, until
from bench.report import Line
from bench.signed import ROW_ID, Sender, limit_body, quality_body
from bench.stage import Stage

POSTS, BLOCKS, FLAGS = 120, 4, 16
_FIRST = 3_000  # ticks are limits: four digits, no tier of Meta's
_SECRET = "the floor's own secret"  # noqa: S105
_APART = (0.17, 0.24)  # seconds; a pause after a push lasts 0.125

# For each number seen in the element: when the text was there, when it had been painted.
_WATCH = """([selector, pattern]) => {
  window.stamps = {};
  let last;
  const now = () => performance.timeOrigin + performance.now();
  const look = () => {
    const text = document.querySelector(selector)?.textContent.replace(/[^0-9A-Za-z ]/g, "") ?? "";
    const tick = new RegExp(pattern).exec(text)?.[0];
    if (tick === last) return;
    last = tick;
    const stamp = [tick, now(), 0];
    (window.stamps[tick] ??= []).push(stamp);
    requestAnimationFrame(() => {
      const after = new MessageChannel();
      after.port1.onmessage = () => { stamp[2] = now(); };
      after.port2.postMessage(0);
    });
  };
  new MutationObserver(look).observe(document.body,
    { subtree: true, childList: true, characterData: true });
}"""


@dataclass(frozen=True, slots=True)
class Seen:
    """Of the values sent. The last wins: one that a later one replaced on its way is not lost."""

    changed: list[float]
    painted: list[float]
    replaced: int
    lost: int  # nothing newer was shown either


@dataclass
class Way:
    """One page and who posts to it; times in milliseconds."""

    page: Page
    sender: Sender
    sent: dict[int, float] = field(default_factory=dict)
    answered: list[float] = field(default_factory=list)

    async def post(self, numbers: range, apart: tuple[float, float]) -> None:
        await self.page.bring_to_front()
        for number in numbers:
            await asyncio.sleep(random.uniform(*apart))  # noqa: S311  never in step with a poll
            sent, answered = await self.sender.post(limit_body(number))
            self.sent[number] = sent * 1000
            self.answered.append((answered - sent) * 1000)
        await asyncio.sleep(0.5)

    async def latencies(self) -> Seen:
        """Until the text changed and until it was painted; what never showed, by why."""
        stamps: dict[str, list[list[Any]]] = await self.page.evaluate("window.stamps")
        seen = {n: stamps[str(n)][0] for n in self.sent if str(n) in stamps}
        changed = [stamp[1] - self.sent[n] for n, stamp in seen.items()]
        painted = [stamp[2] - self.sent[n] for n, stamp in seen.items() if stamp[2]]
        unseen = [n for n in self.sent if n not in seen]
        lost = [n for n in unseen if n > max(seen, default=0)]
        return Seen(changed, painted, len(unseen) - len(lost), len(lost))


async def run(stage: Stage) -> list[Line]:
    hub = await stage.hub()
    context = await stage.context()
    async with processes.module("bench.floor", stage.folder(), "page", _SECRET) as floor:
        ours = Way(await context.new_page(), Sender(hub.port, hub.app_secret))
        bare = Way(await context.new_page(), Sender(floor.port, _SECRET))
        await _open(ours, f"{hub.url}/accounts", f"[data-id='{ROW_ID}'] .cl-c-limit")
        await _open(bare, floor.url, "#figure")
        await ours.post(range(2_900, 2_910), _APART)  # warm: caches, JIT, prepared statements
        await bare.post(range(2_900, 2_910), (0.02, 0.04))
        ours.sent.clear()
        bare.sent.clear()
        size = POSTS // BLOCKS
        for block in range(BLOCKS):  # in turns, so that a busy moment hits both
            numbers = range(_FIRST + block * size, _FIRST + (block + 1) * size)
            await bare.post(numbers, (0.03, 0.06))
            await ours.post(numbers, _APART)
        lines = _lines(await ours.latencies(), await bare.latencies(), ours.answered)
        lines.append(await _flagged(ours))
        bare.sender.close()
        ours.sender.close()
    await context.close()
    return lines


async def _open(way: Way, url: str, selector: str) -> None:
    await way.page.goto(url)
    await way.page.wait_for_selector(selector)
    await way.page.wait_for_function("window.isOpen || window.did_handshake")
    await way.page.evaluate(_WATCH, [selector, "[0-9]+"])


def _lines(
    ours: Seen,
    bare: Seen,
    answered: list[float],
) -> list[Line]:
    changed, painted, floor = ours.changed, ours.painted, bare.changed
    note = f"N={len(changed)}, {ours.replaced} replaced by a later one on the way"
    return [
        Line(what="push: POST to changed text, p50", ours=percentile(changed, 0.5), unit="ms",
             floor=percentile(floor, 0.5), goal=5, note=note),
        Line(what="push: POST to changed text, p99", ours=percentile(changed, 0.99), unit="ms",
             goal=50, note=f"floor {percentile(floor, 0.99):.1f} ms"),
        Line(what="push: POST to painted frame, p50", ours=percentile(painted, 0.5), unit="ms",
             floor=percentile(bare.painted, 0.5)),
        Line(what="push: of it until the 200 (on disk), p50", ours=percentile(answered, 0.5),
             unit="ms"),
        Line(what="push: values lost", ours=ours.lost, unit="", goal=0, counts=True),
    ]  # fmt: skip


async def _flagged(way: Way) -> Line:
    """The field after which the hub reads the WABA from Meta again, while the next one comes."""
    await way.page.bring_to_front()
    await way.page.evaluate(_WATCH, [f"[data-id='{ROW_ID}'] .h-badge", "Flagged|Live"])
    times = []
    for event, word in [("FLAGGED", "Flagged"), ("UNFLAGGED", "Live")] * (FLAGS // 2):
        await way.page.evaluate("window.stamps = {}")
        sent, _ = await way.sender.post(quality_body(event))
        await until(lambda word=word: _has(way.page, word), word, seconds=10)  # type: ignore[misc]
        first = (await way.page.evaluate("window.stamps"))[word][0]
        times.append(first[1] - sent * 1000)
        await asyncio.sleep(random.uniform(0.4, 0.6))  # noqa: S311
    return Line(what="push: FLAGGED to changed badge, p50", ours=percentile(times, 0.5), unit="ms",
                note=f"N={len(times)}; Meta is asked again after each")  # fmt: skip


async def _has(page: Page, word: str) -> bool:
    return bool(await page.evaluate(f"Boolean(window.stamps[{word!r}])"))
