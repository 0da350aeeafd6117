"""The one frame of all pages that the sandbox itself draws.

Everything that is put into a page goes through `text()`; the pages run no inline scripts, so
even a hostile mail or name can only ever be read.
"""

from html import escape

from fastapi import Response
from fastapi.responses import HTMLResponse

CONTENT_POLICY = (
    "default-src 'none'; style-src 'self' 'unsafe-inline'; script-src 'self'; "
    "img-src 'self' data:; connect-src 'self'; frame-src 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)


def text(value: object) -> str:
    """The value as harmless text, also inside a quoted attribute."""
    return escape(str(value), quote=True)


def page(
    title: str, body: str, *, status: int = 200, script: str = "", wide: bool = False
) -> Response:
    """A whole page: *body* is finished markup, *script* the name of a file under /assets."""
    tag = f'<script src="/sandbox-assets/{text(script)}" defer></script>' if script else ""
    width = "wide" if wide else "narrow"
    markup = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{text(title)}</title>"
        '<link rel="icon" href="data:,"><link rel="stylesheet" href="/sandbox-assets/sandbox.css">'
        f'{tag}</head><body><main class="{width}">{body}</main></body></html>'
    )
    return HTMLResponse(markup, status_code=status, headers=_headers())


def _headers() -> dict[str, str]:
    return {
        "Content-Security-Policy": CONTENT_POLICY,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
    }
