"""What people see around signing in: the door, who was refused, who has left, provider down.

Drawn without the dashboard's frame. Nothing that the provider or the address bar said is shown,
but for the e-mail address of somebody who was not invited, as text.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from nicegui import ui

from ui.components import Tone, tag


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Why somebody is not signed in, with the status of the answer and what helps."""

    status: int
    title: str
    text: str
    tone: Tone = "warning"
    button: str = "Sign in again"
    asks_provider_again: bool = False


PROBLEMS = {
    "login_not_open": Problem(
        status=400,
        title="This sign-in is no longer open",
        text="It was used already, took longer than ten minutes, or was begun in another browser. "
        "You are not signed in by it. Please start once more.",
    ),
    "login_refused": Problem(
        status=400,
        title="The sign-in could not be confirmed",
        text="The answer of the sign-in provider did not pass our checks, so nobody was signed in. "
        "Please start once more; if it happens again, tell the operator of this hub.",
        tone="danger",
    ),
    "access_denied": Problem(
        status=403,
        title="You did not sign in",
        text="The sign-in was cancelled or not allowed at the provider. Nothing was changed.",
    ),
    "not_invited": Problem(
        status=403,
        title="This address is not invited yet",
        text="Ask an owner of your company's account to invite exactly this address under Users. "
        "When the invitation is there, sign in once more and you are in.",
        button="Sign in as someone else",
        asks_provider_again=True,
    ),
    "provider_down": Problem(
        status=502,
        title="Signing in is not possible right now",
        text="The sign-in provider does not answer. People who are signed in can go on working. "
        "Please try again in a minute.",
        tone="danger",
        button="Try again",
    ),
    "unavailable": Problem(
        status=503,
        title="Signing in is not possible right now",
        text="The hub's database does not answer. Nothing is lost. Please try again in a minute.",
        tone="danger",
        button="Try again",
    ),
}

_STYLE = """
.door{min-height:100vh;display:grid;place-items:center;padding:var(--space-6);width:100%;
 box-sizing:border-box;background:var(--bg);color:var(--text);font-family:var(--font)}
.door-card{width:100%;max-width:400px;box-sizing:border-box;padding:var(--space-8);
 background:var(--surface);border:1px solid var(--border);border-radius:var(--radius);
 display:flex;flex-direction:column;gap:var(--space-4)}
.door-hub{font-size:var(--size-13);font-weight:600;color:var(--text-quiet)}
.door h1{font-size:var(--size-20);font-weight:600;line-height:1.3;margin:0;overflow-wrap:anywhere}
.door p{font-size:var(--size-14);line-height:1.5;color:var(--text-quiet);margin:0;
 overflow-wrap:anywhere}
.door .door-who{color:var(--text);font-weight:600}
.door-mark{padding:var(--space-2) var(--space-3);font-size:var(--size-13);font-weight:600;
 border:1px solid var(--tone-border);border-radius:var(--radius-small);
 background:var(--tone-bg);color:var(--tone-text)}
.door button{width:100%;min-height:44px;border:0;border-radius:var(--radius-small);cursor:pointer;
 background:var(--primary);color:var(--on-primary);font:600 var(--size-16)/1.2 var(--font)}
.door button:hover{background:var(--primary-hover)}
.door button:focus-visible{outline:2px solid var(--focus);outline-offset:2px}
.door form{margin:0}
"""


def sign_in_page(hub_name: str, next_path: str) -> None:
    """The door: one button that leads to the provider."""
    with _card(hub_name):
        tag("h1", "Sign in")
        tag("p", "You continue at your company's sign-in provider and come back here.")
        start_form("Sign in", next_path=next_path)


def signed_out_page(hub_name: str) -> None:
    """After signing out, here or in another tab."""
    with _card(hub_name):
        tag("h1", "You are signed out")
        tag("p", "Every open page of this session is closed. Nothing you saved is lost.")
        start_form("Sign in again")


def problem_page(hub_name: str, code: str, *, email: str = "") -> int:
    """Why it did not work and what to do; returns the status of the answer."""
    problem = PROBLEMS.get(code, PROBLEMS["login_refused"])
    with _card(hub_name):
        tag("div", "You are not signed in", f"door-mark tone-{problem.tone}", role="status")
        tag("h1", problem.title)
        if email:
            tag("p", email, "door-who")
        tag("p", problem.text)
        start_form(problem.button, asks_provider_again=problem.asks_provider_again)
    return problem.status


def onward(url: str) -> str:
    """A page that does nothing but lead to `url`, with a link for who waits."""
    target = escape(url)
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Signing out</title>'
        f'<meta http-equiv="refresh" content="0;url={target}">'
        f'<p><a href="{target}">Continue signing out</a></p></html>'
    )


def start_form(label: str, *, next_path: str = "/", asks_provider_again: bool = False) -> None:
    """A plain form: it works before the page's socket is there."""
    with tag("form", method="post", action="/login/start"):
        _hidden("next", next_path)
        if asks_provider_again:
            _hidden("again", "1")
        tag("button", label, type="submit")


def _hidden(field: str, value: str) -> None:
    tag("input", type="hidden", value=value).props["name"] = field


def _card(hub_name: str) -> ui.element:
    # Not `ui.add_css`: it works by an inline script, which our content policy does not run.
    ui.add_head_html(f"<style>{_STYLE}</style>")
    with tag("div", classes="door", id="main"):  # NiceGUI draws the `main` around it
        card = tag("section", classes="door-card")
    with card:
        tag("div", hub_name, "door-hub")
    return card
