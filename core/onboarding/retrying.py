"""How long the server sequence waits before it asks Meta again; pure."""

from __future__ import annotations

from core.onboarding.guidance import Guidance

# *Seconds*; together a little over an hour. A client looks at the page for the first minute, the
# rest is for an outage: it goes on by itself and the mailed link brings the client back.
WAITS = (1.0, 2.0, 5.0, 15.0, 60.0, 300.0, 900.0, 2700.0)
# Up to here a workflow keeps its place while it waits, in *seconds*.
HELD = 5.0
# A registered number is connected within seconds, nearly always.
CONFIRM_WAITS = (0.5, 1.0, 2.0, 5.0)


def wait_for(advice: Guidance, tries: int) -> float | None:
    """*Seconds* until the next try, or None when a person has to look; `tries` were in vain."""
    if not advice.itself or tries >= len(WAITS):
        return None
    return max(WAITS[tries], float(advice.wait))
