"""What the Meta room needs from the rest of the sandbox: some settings and a movable clock."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """The one time of the sandbox; it may jump."""

    def now(self) -> datetime:
        """Aware UTC time."""
        ...


class MetaSettings(Protocol):
    """One app of one partner, and where its webhooks go."""

    @property
    def public_url(self) -> str: ...
    @property
    def app_id(self) -> str: ...
    @property
    def app_secret(self) -> str: ...
    @property
    def config_id(self) -> str: ...
    @property
    def verify_token(self) -> str: ...
    @property
    def system_user_token(self) -> str: ...
    @property
    def business_id(self) -> str: ...
    @property
    def webhook_url(self) -> str: ...
