"""What the Integration page shows of a partner's settings; never a secret."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.partners.entities import SolutionStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretState:
    """Whether there is a platform secret, and until when the one before is good as well."""

    exists: bool
    made_at: datetime | None
    previous_until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class IntegrationView:
    """All settings as they are now."""

    partner_id: str
    brand_name: str
    solution_id: str
    solution_status: str  # Meta's word, whatever it is
    redirect_url: str
    extra_origins: tuple[str, ...]
    region_default: str
    secret: SecretState
    io_signature: bool

    @property
    def has_active_solution(self) -> bool:
        """Only then can links be issued and accounts be shared."""
        return bool(self.solution_id) and self.solution_status == SolutionStatus.ACTIVE


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSecret:
    """Shown once; `previous_until` is when the one before stops being good."""

    secret: str
    previous_until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RedirectAnswer:
    """What the redirect URL answered; `failed` is the code of why there was no answer."""

    url: str
    failed: str = ""
    status: int = 0
    milliseconds: int = 0
    content_type: str = ""
    location: str = ""  # where it leads on to; not followed

    @property
    def is_good(self) -> bool:
        """A page, or a way on to one."""
        return 200 <= self.status <= 399  # noqa: PLR2004
