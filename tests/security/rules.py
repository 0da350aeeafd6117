"""Which guards stand for which rule of security: the page for operators is made of this.

Each guard is named under one rule, so a new one fails a test until it is.
"""

from __future__ import annotations

# (part, rule): the guards by their names in the register; a `*` at the end stands for any ending.
RULES: dict[tuple[str, str], tuple[str, ...]] = {
    ("Pages", "A socket speaks for the page that its own browser loaded, and in whole frames"): (
        *("socket *", "log frames dropped", "malformed frames counted", "shape of *"),
        "binary frames",
    ),
    ("Pages", "A page ends with the right to see it, within a second, in every process"): (
        *("pages end *", "pages of ended sessions stay dead", "pages follow the switch"),
        *("other processes are heard", "pushes ask for authority", "switching *"),
    ),
    ("Pages", "A session is out of reach of scripts, begins anew at the login, and ends"): (
        *(
            "cookie attributes",
            "old session ends at login",
            "session ends",
            "sessions of one's own",
        ),
        *("a fresh sign-in *", "the same person confirms", "the provider has asked the person"),
    ),
    ("Pages", "A login is the browser's own, once, and as our rules and not the provider's say"): (
        *("attempts *", "next is ours", "iss of the answer", "claims of the id_token"),
        *("headers of the id_token", "our own algorithms", "metadata is checked"),
        *("size of the provider's answers", "key sets are refetched rarely", "starts are limited"),
        *("an invitation *", "the link of an invitation that is over", "each mail ends *"),
        "mails to one mailbox",
    ),
    ("Pages", "Bodies and files are measured while they come, and drawn anew"): (
        *("body limits", "chunked bodies are counted", "uploads *", "uploaded files are inert"),
        *("most bytes of an upload", "files of support do nothing", "pictures *"),
        *("memory of the decoder", "most bytes of a logo", "a logo *", "a preview*"),
    ),
    ("Pages", "Headers and hosts are ours; what is forwarded counts from the proxy only"): (
        *("header *", "nonces in the template", "host allow-list", "forwarded headers *"),
        *("metrics are for near machines", "a proxy is nobody near by", "request ids *"),
        *("one series *", "where from *"),
    ),
    ("Pages", "What people write is text, wherever it is shown"): (
        *(
            "names are what they look like",
            "cells of the record run nothing",
            "log lines are whole",
        ),
        "header Content-Security-Policy",
    ),
    ("Pages", "Nothing is changed by a link or by another site's form"): (
        "forms of our own pages only",
    ),
    ("Pages", "Onboarding knows no dashboard and leads to registered addresses only"): (
        *("onboarding does not see the session", "redirect URLs *", "extra origins are origins"),
        *("a flow belongs to its account", "numbers are shared *", "Meta names *"),
        "sharing needs an active solution",
    ),
    ("Addresses of partners", "Only public addresses are called, by checked names, for so long"): (
        *("only public *", "this machine is for the sandbox", "most bytes of an answer"),
        *("total time of a call", "headers that are ours", "values of partners' headers *"),
        *("most of an answer that is kept", "the test of a redirect URL *"),
    ),
    ("Money and data", "Money moves once, by what was shown, and the books only grow"): (
        *("signature over the raw bytes of payment webhooks", "age of payment webhooks"),
        *("payment webhooks once", "idempotency key of a charge", "guarded balance"),
        *("ledger and invoice lines only grow", "figures of an invoice are fixed"),
        *("quote is counted again", "the quote of an upgrade *", "licences are those of the plan"),
        "numbers end with the plan",
    ),
    ("Money and data", "The record is a chain: what was changed or removed in it is seen"): (
        *("links only grow", "a changed *", "a deleted event is seen", "a removed link is seen"),
        "an event that nobody sealed is seen",
    ),
    ("Money and data", "Rows, pages and verbs are for who may have them, as it is now"): (
        *("rows of one partner", "no statement past the filter", "no row is given *"),
        *("money is the owners'", "integration is for owners", "people are the owners' matter"),
        *("the record is for owners", "the desk is for staff", "notes are for staff"),
        *("what staff note *", "what was shown is what is done", "a request is decided once"),
        *("a partner keeps an owner", "removal is Support's *", "links tell nothing *"),
        *("where staff sit is not told", "what customers write *"),
    ),
    ("Money and data", "Programs do what their key says, at every act, and so often"): (
        *("a program's key *", "scopes of a program", "a path belongs to its partner"),
        *("passwords of system users", "disabled users *", "wrong token logins are few"),
        *("calls of a partner's programs", "a kept answer *", "no key for a number *"),
        "a number is cancelled through its own client",
    ),
    ("Money and data", "What Meta tells is signed, and stored before it is answered"): (
        "signature over the raw bytes of Meta's webhooks",
    ),
    ("Money and data", "A database that is away is said with the time to come back"): (
        "a database that is away is a 503",
    ),
    ("Money and data", "Secrets are sealed or hashed, and people can be erased"): (
        *("secrets are sealed", "the platform secret before *", "who is erased is gone: *"),
    ),
    ("Money and data", "A restored copy sends nothing until it is released"): ("a copy *",),
    ("Floods", "One address has so much at once and a minute; memory stays where it is"): (
        *("rate of public writes", "rate of public mails", "pages of one address"),
        *("requests and sockets of one address", "frames and bytes a second", "largest frame"),
        *("largest head of a request", "patience with a head"),
    ),
}
