"""Steps 5 and 6: the client's permission per number, and the way back to the partner."""

from __future__ import annotations

from core.accounts.entities import ConsentState
from core.events import EventType
from core.onboarding.channels import channels_by_id, go_live, grant, revoke
from core.onboarding.entities import RunStatus, RunStep
from core.onboarding.errors import OnboardingRefused
from core.onboarding.noting import clear_trouble, move_to, note
from core.onboarding.numbers import is_connected
from core.onboarding.room import Opened, Room
from core.onboarding.seeing import exit_of
from core.onboarding.views import RunKey, RunView


class Closing(Room):
    """The end of a run."""

    def permission(self, key: RunKey, granted_channel_ids: list[str]) -> RunView:
        """The client's consent per number; a number of the run left out is withdrawn.

        Ids that are not of this run are nobody's business and change nothing.
        """
        with self.acting(key) as opened:
            run = opened.run
            if run.step != RunStep.PERMISSION:
                raise OnboardingRefused("wrong_step", language=run.language, step=run.step)
            for channel in channels_by_id(opened.session, run.channel_ids):
                if channel.id in granted_channel_ids:
                    grant(opened.session, self.clock, channel, actor="client")
                    connected = is_connected({"status": channel.meta_status})
                    go_live(opened.session, self.clock, channel, connected=connected)
                else:
                    revoke(opened.session, self.clock, channel, actor="client")
            keep_consent(opened)
            self._tell(opened, "permission")
            return self.view(opened)

    def finish(self, key: RunKey) -> str | None:
        """End the run; the exact exit URL, or None when it ends on our own page.

        Finishing twice gives the same answer, and tells once.
        """
        with self.acting(key) as opened:
            run = opened.run
            if run.status == RunStatus.FINISHED:
                return exit_of(run)
            if run.step not in (RunStep.PERMISSION, RunStep.DONE):
                raise OnboardingRefused("wrong_step", language=run.language, step=run.step)
            keep_consent(opened)
            clear_trouble(run)
            move_to(run, RunStep.DONE, RunStatus.FINISHED)
            run.finished_at = self.clock.now()
            note(
                opened.session,
                self.clock,
                run,
                EventType.RUN_FINISHED,
                actor="client",
                client_id=run.client_id,
                channels=run.granted_ids,
                revoked=run.revoked_ids,
                redirected=bool(run.redirect_url),
            )
            return exit_of(run)

    def _tell(self, opened: Opened, step: str) -> None:
        note(
            opened.session,
            self.clock,
            opened.run,
            EventType.RUN_STEP,
            actor="client",
            step=step,
            granted=opened.run.granted_ids,
            revoked=opened.run.revoked_ids,
        )


def finish_shared(room: Room, opened: Opened) -> None:
    """Nobody is there to press the last button: the run is over when its work is."""
    run = opened.run
    move_to(run, RunStep.DONE, RunStatus.FINISHED)
    run.finished_at = room.clock.now()
    note(
        opened.session,
        room.clock,
        run,
        EventType.RUN_FINISHED,
        client_id=run.client_id,
        channels=run.granted_ids,
    )


def keep_consent(opened: Opened) -> None:
    """Write down which numbers go back to the partner as granted and which as revoked."""
    channels = channels_by_id(opened.session, opened.run.channel_ids)
    opened.run.granted_ids = [c.id for c in channels if c.consent == ConsentState.GRANTED]
    opened.run.revoked_ids = [c.id for c in channels if c.consent == ConsentState.REVOKED]
    opened.session.add(opened.run)
