"""What people see around signing in: the door, who was refused, who has left, provider down.

Drawn without the dashboard's frame. Nothing that the provider or the address bar said is shown,
but for the e-mail address of somebody who was not invited, as text.
"""

from __future__ import annotations

from html import escape

from nicegui import ui

from ui.components import tag
from ui.confirming import CONFIRMED_PATH, confirm_form
from ui.pages.login_problems import NOT_CONFIRMED, PROBLEMS

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
.door button.door-second{background:none;border:1px solid var(--border);color:var(--text)}
.door button.door-second:hover{background:var(--sunken)}
.door form{margin:0}
.door a{color:var(--primary);font-size:var(--size-14)}
"""


def sign_in_page(hub_name: str, next_path: str) -> None:
    """The door: one button that leads to the provider."""
    with door_card(hub_name):
        tag("h1", "Sign in")
        tag("p", "You continue at your company's sign-in provider and come back here.")
        start_form("Sign in", next_path=next_path)


def signed_out_page(hub_name: str) -> None:
    """After signing out, here or in another tab."""
    with door_card(hub_name):
        tag("h1", "You are signed out")
        tag("p", "Every open page of this session is closed. Nothing you saved is lost.")
        start_form("Sign in again")


def confirmed_page(hub_name: str, *, is_fresh: bool) -> None:
    """Where the provider leads back to, in a tab of its own."""
    with door_card(hub_name):
        if is_fresh:
            tag("div", "Confirmed", "door-mark tone-success", role="status")
            tag("h1", "It is you")
            tag("p", "The page that you came from goes on by itself. You can close this tab.")
            tag("a", "Go on here instead", href="/")
            return
        tag("div", NOT_CONFIRMED, "door-mark tone-warning", role="status")
        tag("h1", "Confirm that it is you")
        tag("p", "Your sign-in provider asks you once more. You stay signed in either way.")
        _confirm_button("Confirm at the provider")


def problem_page(hub_name: str, code: str, *, email: str = "") -> int:
    """Why it did not work and what to do; returns the status of the answer."""
    problem = PROBLEMS.get(code, PROBLEMS["login_refused"])
    with door_card(hub_name):
        tag("div", problem.mark, f"door-mark tone-{problem.tone}", role="status")
        tag("h1", problem.title)
        if email:
            tag("p", email, "door-who")
        tag("p", problem.text)
        if problem.confirms:
            _confirm_button(problem.button)
        else:
            start_form(problem.button, asks_provider_again=problem.asks_provider_again)
    return problem.status


def onward(url: str, word: str) -> str:
    """A page that does nothing but lead to `url`, with a link for who waits."""
    target, word = escape(url), escape(word)
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{word}</title>'
        f'<meta http-equiv="refresh" content="0;url={target}">'
        f'<p><a href="{target}">{word}</a></p></html>'
    )


def start_form(
    label: str,
    *,
    next_path: str = "/",
    asks_provider_again: bool = False,
    invitation: str = "",
    is_second: bool = False,
) -> None:
    """A plain form: it works before the page's socket is there."""
    with tag("form", method="post", action="/login/start"):
        _hidden("next", next_path)
        if invitation:
            _hidden("invitation", invitation)
        if asks_provider_again:
            _hidden("again", "1")
        tag("button", label, "door-second" if is_second else "", type="submit")


def _confirm_button(label: str) -> None:
    with confirm_form(CONFIRMED_PATH):
        tag("button", label, type="submit")


def _hidden(field: str, value: str) -> None:
    tag("input", type="hidden", value=value).props["name"] = field


def door_card(hub_name: str) -> ui.element:
    """The one card of a page without the frame; the slot for what it says."""
    # Not `ui.add_css`: it works by an inline script, which our content policy does not run.
    ui.add_head_html(f"<style>{_STYLE}</style>")
    with tag("div", classes="door", id="main"):  # NiceGUI draws the `main` around it
        card = tag("section", classes="door-card")
    with card:
        tag("div", hub_name, "door-hub")
    return card
