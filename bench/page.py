"""Opening WhatsApp Accounts and going from section to section, in the server and in Chromium.

The server's part is CPU per page beside a page of 500 labels (the peer); the browser's part is
bytes of a first load, elements, and the time until the rows stand still.
"""

from __future__ import annotations

import time

import httpx
from playwright.async_api import BrowserContext, CDPSession, Page

from bench import processes
from bench.headless import elements_of
from bench.measure import cpu_seconds, cpu_share, percentile
from bench.processes import Server
from bench.report import Line
from bench.stage import Stage

LOADS, PEER_LOADS, SETTLED, SWITCHES = 24, 12, 7, 24
_KIB = 1024
# performance.md: at most 10 ms, where 500 labels take 64 to 86.
_OF_PEER = 10 / 64
_ROWS = ".cl [data-id]"

# From a click on the navigation until the section's own content is there and nothing moved since.
_SWITCH = """([path, selector]) => new Promise((resolve) => {
  const title = () => document.querySelector(".section h1")?.textContent;
  const before = title(), started = performance.now();
  let changed = started;
  const watch = new MutationObserver(() => { changed = performance.now(); });
  watch.observe(document.body, { subtree: true, childList: true, characterData: true });
  const end = (answer) => { watch.disconnect(); clearInterval(looking); resolve(answer); };
  const looking = setInterval(() => {
    const now = performance.now();
    const arrived = location.pathname === path && document.querySelector(selector) &&
      title() && title() !== before;
    if (arrived && now - changed > 150) end(changed - started);
    else if (now - started > 5000) end(-1);
  }, 20);
  document.querySelector(`nav a[href="${path}"]`).click();
})"""


async def run(stage: Stage) -> list[Line]:
    hub, cookie = await stage.hub(), await stage.cookie()
    async with processes.module("bench.peer", stage.folder()) as peer:
        theirs, _ = await _cpu_per_load(peer, "/", "", PEER_LOADS)
    ours, html = await _cpu_per_load(hub, "/accounts", cookie, LOADS)
    lines = [
        Line(what="page: server CPU per load", ours=ours * 1e3, unit="ms", floor=theirs * 1e3,
             goal=_OF_PEER, note="beside 500 labels; at most 10 ms on a quiet machine"),
        Line(what="page: elements", ours=elements_of(html), unit="", goal=150, counts=True),
    ]  # fmt: skip
    first = await _loads(await stage.context(), hub, 1)
    again = await _loads(await stage.context(), hub, SETTLED)
    switching = await _switches(await stage.context(), hub)
    return [
        *lines,
        Line(what="page: bytes of the first load", ours=first.bytes[0] / _KIB, unit="KiB",
             goal=450, counts=True, note="transferred, empty cache"),
        Line(what="page: first load to rows", ours=first.times[0], unit="ms"),
        Line(what="page: later load to rows, p50", ours=percentile(again.times[1:], 0.5),
             unit="ms", note=f"N={SETTLED - 1}, {again.bytes[-1] / _KIB:.0f} KiB"),
        *switching,
    ]  # fmt: skip


async def _cpu_per_load(server: Server, path: str, cookie: str, count: int) -> tuple[float, str]:
    """CPU seconds of the GET alone; what the process does anyway is taken off."""
    async with httpx.AsyncClient(headers={"Cookie": cookie}, timeout=60) as client:
        for _ in range(3):
            await client.get(server.url + path)
        idle = await cpu_share(server.pid, 2)
        before, started, html = cpu_seconds(server.pid), time.monotonic(), ""
        for _ in range(count):
            html = (await client.get(server.url + path)).text
        used, took = cpu_seconds(server.pid) - before, time.monotonic() - started
        # NiceGUI looks after pages without a socket ten times a second: more of them by now.
        idle = (idle + await cpu_share(server.pid, 2)) / 2
    return (used - idle * took) / count, html


class Loads:
    """Bytes and milliseconds of each load in one browser."""

    def __init__(self) -> None:
        self.bytes: list[float] = []
        self.times: list[float] = []


async def _loads(context: BrowserContext, hub: Server, count: int) -> Loads:
    loads = Loads()
    page = await context.new_page()
    network = await context.new_cdp_session(page)
    await network.send("Network.enable")
    for _ in range(count):
        received = _counting(network)
        await page.goto(f"{hub.url}/accounts")
        await page.wait_for_selector(_ROWS)
        loads.times.append(await page.evaluate(_SINCE_START))
        await page.wait_for_load_state("networkidle")
        loads.bytes.append(sum(received))
    await context.close()
    return loads


_SINCE_START = """() => new Promise((resolve) =>
  requestAnimationFrame(() => setTimeout(() => resolve(performance.now()))))"""


def _counting(network: CDPSession) -> list[float]:
    received: list[float] = []
    network.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
    return received


async def _switches(context: BrowserContext, hub: Server) -> list[Line]:
    page = await context.new_page()
    await page.goto(f"{hub.url}/accounts")
    await page.wait_for_selector(_ROWS)
    await page.wait_for_function("window.did_handshake")
    await page.evaluate("window.stillHere = true")
    paths = await _others(page)
    there, back = [], []
    for number in range(SWITCHES // 2):
        path = paths[number % len(paths)]
        there.append(await page.evaluate(_SWITCH, [path, ".section h1"]))
        back.append(await page.evaluate(_SWITCH, ["/accounts", _ROWS]))
    lost = sum(each < 0 for each in there + back)
    reloads = 0 if await page.evaluate("Boolean(window.stillHere)") else 1
    await context.close()
    return [
        Line(what="page: switch to a section, p50", ours=percentile(there, 0.5), unit="ms",
             goal=100, note=f"N={len(there)} over {', '.join(paths)}"),
        Line(what="page: switch back to the accounts, p50", ours=percentile(back, 0.5), unit="ms",
             goal=100, note=f"N={len(back)}, rows read and drawn"),
        Line(what="page: reloads while switching", ours=reloads, unit="", goal=0, counts=True),
        Line(what="page: switches that never settled", ours=lost, unit="", goal=0, counts=True),
    ]  # fmt: skip


async def _others(page: Page) -> list[str]:
    """Sections that the navigation leads to, without the one that is open."""
    links = await page.eval_on_selector_all("nav a", "all => all.map((a) => a.pathname)")
    return [path for path in dict.fromkeys(links) if path.startswith("/") and path != "/accounts"][
        :4
    ]
