"""Who looks and who types, told to open pages and kept nowhere.

Notices of these types go straight to the change feed. Their subject is ("conversation", id); a
page forgets what it was told after `FORGET_AFTER`.
"""

from __future__ import annotations

from datetime import timedelta

PARTNER_HERE = "support_partner_here"
PARTNER_TYPING = "support_partner_typing"
STAFF_HERE = "support_staff_here"
STAFF_TYPING = "support_staff_typing"
READ = "support_read"  # unread counts and `is_seen` may have changed

FORGET_AFTER = timedelta(seconds=15)
