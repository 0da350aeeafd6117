"""The provider's pages: sign in, sign out, and what is wrong with a link."""

from fastapi import Response

from sandbox.html import page, text
from sandbox.identity.people import Person, is_hinted


def sign_in_page(ticket: str, people: list[Person], login_hint: str, problem: str) -> Response:
    """Every listed person as a button, a form for anybody else, and a way to say no."""
    hidden = f'<input type="hidden" name="request" value="{text(ticket)}">'
    warning = f'<p class="problem" role="alert">{text(problem)}</p>' if problem else ""
    listed = any(is_hinted(person, login_hint) for person in people)
    body = (
        "<h1>Sign in</h1><p>Sandbox identity. Choose who you are; there is no password.</p>"
        f"{warning}{_listed(people, login_hint, hidden)}"
        f"{_somebody_else(hidden, login_hint, listed)}"
        f'<form method="post" action="/identity/sign-in">{hidden}'
        '<button class="danger" name="deny" value="1">Deny</button></form>'
    )
    return page("Sign in · Sandbox identity", body)


def sign_out_page(form_token: str, hidden: dict[str, str]) -> Response:
    fields = "".join(
        f'<input type="hidden" name="{text(name)}" value="{text(value)}">'
        for name, value in (hidden | {"form_token": form_token}).items()
    )
    body = (
        "<h1>Sign out?</h1><p>You are signed in at the sandbox identity provider.</p>"
        f'<form method="post" action="/identity/logout/confirm">{fields}'
        "<button>Sign out</button></form>"
    )
    return page("Sign out · Sandbox identity", body)


def signed_out_page() -> Response:
    body = "<h1>You are signed out</h1><p>You can close this page.</p>"
    return page("Signed out · Sandbox identity", body)


def problem_page(title: str, explanation: str) -> Response:
    body = f"<h1>{text(title)}</h1><p>{text(explanation)}</p>"
    return page(f"{title} · Sandbox identity", body, status=400)


def _listed(people: list[Person], login_hint: str, hidden: str) -> str:
    if not people:
        return '<p class="soft">Nobody is listed. Use the form below.</p>'
    items = "".join(f"<li>{_person(person, login_hint)}</li>" for person in people)
    return (
        f'<form method="post" action="/identity/sign-in">{hidden}'
        f'<ul class="people" aria-label="People">{items}</ul></form>'
    )


def _person(person: Person, login_hint: str) -> str:
    hinted = is_hinted(person, login_hint)
    classes = "person hinted" if hinted else "person"
    focus = " autofocus" if hinted else ""
    unverified = "" if person.email_verified else " (e-mail not verified)"
    return (
        f'<button class="{classes}" name="sub" value="{text(person.sub)}"{focus}>'
        f"<strong>{text(person.name)}</strong> "
        f"<span>{text(person.email)}{unverified}</span></button>"
    )


def _somebody_else(hidden: str, login_hint: str, listed: bool) -> str:
    # Only for somebody who has no button: otherwise Enter would sign in the wrong one.
    typed = text(login_hint) if "@" in login_hint and not listed else ""
    return (
        f'<form class="card" method="post" action="/identity/sign-in">{hidden}'
        "<h2>Someone else</h2>"
        '<label>Name <input name="name" autocomplete="off"></label>'
        f'<label>E-mail <input name="email" autocomplete="off" required value="{typed}"></label>'
        '<label class="check"><input type="checkbox" name="email_verified" value="true" checked>'
        " E-mail verified</label>"
        "<button>Sign in as someone else</button></form>"
    )
