"""What the benchmarks of one run share: a hub with its demo world, a browser, a signed-in person.

Everything is started when it is first asked for and stopped at the end.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, BrowserContext, async_playwright

from bench import processes
from bench.processes import Server
from tests.support.chromium import launch_options

_PERSON = "Ada Martins ada@acme.example"
VIEWPORT = {"width": 1440, "height": 900}


class Stage:
    """One per run."""

    def __init__(self, stack: AsyncExitStack) -> None:
        self._stack = stack
        self._hub: Server | None = None
        self._browser: Browser | None = None
        self._cookie = ""

    async def hub(self) -> Server:
        """`main.py run` on SQLite, as `make run` starts it."""
        if self._hub is None:
            self._hub = await self._stack.enter_async_context(processes.hub(self.folder()))
        return self._hub

    def folder(self) -> Path:
        """A new folder that lasts as long as the run."""
        return self._stack.enter_context(processes.folder())

    def at_end(self, stop: Callable[[], object]) -> None:
        self._stack.callback(stop)

    async def browser(self) -> Browser:
        if self._browser is None:
            playwright = await self._stack.enter_async_context(async_playwright())
            self._browser = await playwright.chromium.launch(**launch_options())
            self._stack.push_async_callback(self._browser.close)
        return self._browser

    async def context(self) -> BrowserContext:
        """A browser of its own (empty cache) in which Ada is signed in."""
        hub, browser = await self.hub(), await self.browser()
        context = await browser.new_context(viewport=VIEWPORT)  # type: ignore[arg-type]
        name, value = (await self.cookie()).split("=", 1)
        await context.add_cookies([{"name": name, "value": value, "url": hub.url}])
        return context

    async def cookie(self) -> str:
        """Ada's session as a Cookie header."""
        if not self._cookie:
            self._cookie = await sign_in(await self.browser(), await self.hub())
        return self._cookie


async def sign_in(browser: Browser, hub: Server) -> str:
    """Ada signs in through the sandbox's identity provider; returns `name=value`."""
    context = await browser.new_context(viewport=VIEWPORT)  # type: ignore[arg-type]
    page = await context.new_page()
    await page.goto(f"{hub.url}/accounts")
    if page.url.startswith(f"{hub.url}/login"):
        await page.locator("form[action='/login/start'] button").click()
    await page.get_by_role("button", name=_PERSON).click()
    await page.wait_for_url(f"{hub.url}/accounts")
    cookies = await context.cookies(hub.url)
    await context.close()
    session = next(c for c in cookies if "session" in c["name"])
    return f"{session['name']}={session['value']}"


@asynccontextmanager
async def stage() -> AsyncIterator[Stage]:
    async with AsyncExitStack() as stack:
        yield Stage(stack)
