"""A partner's own website: the connect button, and the page that the client comes back to.

With Node's packages installed it is the real, unmodified `360dialog-connect-button`, served
from node_modules; without them a few lines of our own keep the same protocol.
"""

from pathlib import Path

from fastapi import APIRouter, HTTPException, Response
from fastapi.responses import FileResponse

from sandbox.html import page, text
from sandbox.settings import SandboxSettings

PACKAGE = Path("node_modules", "360dialog-connect-button", "dist", "dialog-connect-button.umd.js")
REPOSITORY = Path(__file__).resolve().parent.parent


class PartnerSite:
    """`/partner-site/` and everything below it."""

    def __init__(self, settings: SandboxSettings, repository: Path = REPOSITORY) -> None:
        self._settings = settings
        self._package = repository / PACKAGE

    def router(self) -> APIRouter:
        router = APIRouter(prefix="/partner-site", include_in_schema=False)
        router.get("/")(self.home)
        router.get("/redirect")(self.redirect_target)
        router.get("/assets/dialog-connect-button.umd.js")(self.real_button)
        return router

    async def home(self, button: str = "") -> Response:
        """The partner id comes from `?partner=`; `?button=own` leaves the real button out."""
        body = (
            "<h1>Example Partner</h1>"
            "<p>Connect your WhatsApp number to Example Partner.</p>"
            f"{self._mount(button)}"
            '<p class="problem" data-testid="no-partner" hidden>'
            "Add ?partner=&lt;partner id&gt; to the address.</p>"
            '<section class="card"><h2>What the button reported</h2>'
            f'<pre data-testid="result" aria-live="polite"></pre>{_WHICH}</section>'
        )
        return page("Example Partner", body, script="partner_site.js")

    async def redirect_target(self, button: str = "") -> Response:
        """In the popup the button reports and closes; in the same window the page stays."""
        body = (
            '<section data-testid="welcome" hidden><h1>Welcome back</h1>'
            "<p>Your WhatsApp number is connected to Example Partner.</p>"
            '<h2>Address query</h2><pre data-testid="query"></pre>'
            '<h2>What the button reported</h2><pre data-testid="result"></pre></section>'
            f"<div hidden>{self._mount(button)}</div>"
        )
        return page("Welcome back · Example Partner", body, script="partner_site.js")

    async def real_button(self) -> Response:
        if not self._package.is_file():
            raise HTTPException(404, "Not installed: run `npm ci` in the repository")
        return FileResponse(self._package, media_type="text/javascript")

    def _mount(self, button: str) -> str:
        """Where the script of the page puts the button, and which one."""
        real = self._package.is_file() and button != "own"
        hub = text(self._settings.hub_url)
        kind = "real" if real else "own"
        return f'<div data-testid="button" data-button="{kind}" data-hub="{hub}"></div>'


_WHICH = '<p class="soft">Button: <span data-testid="which-button"></span></p>'
