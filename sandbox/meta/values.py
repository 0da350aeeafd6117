"""Closed lists and calendars that Meta publishes; data, so that a new value is one line.

Unknown enum values may still be injected through the control routes: nothing here validates a
webhook value.
"""

from datetime import date
from typing import Any

Node = dict[str, Any]

# The last day on which a Graph version answers; None while no end is announced.
GRAPH_VERSIONS: dict[str, date | None] = {
    "v26.0": None,
    "v25.0": date(2028, 7, 29),
    "v24.0": date(2028, 2, 18),
    "v23.0": date(2027, 10, 8),
    "v22.0": date(2027, 5, 20),
    "v21.0": date(2027, 1, 21),
    "v20.0": date(2026, 9, 24),
}

STORAGE_REGIONS = frozenset("AU ID IN JP KR SG DE CH GB BR AE BH ZA CA".split())
STORAGE_STATUSES = frozenset(
    {
        "DEFAULT",
        "IN_COUNTRY_STORAGE_ENABLED",
        "IN_COUNTRY_STORAGE_DISABLED",
        "NO_STORAGE_ENABLED",
    }
)
VERTICALS = frozenset(
    (
        "OTHER AUTO BEAUTY APPAREL EDU ENTERTAIN EVENT_PLAN FINANCE GROCERY GOVT HOTEL HEALTH "
        "NONPROFIT PROF_SERVICES RETAIL TRAVEL RESTAURANT ALCOHOL ONLINE_GAMBLING "
        "PHYSICAL_GAMBLING OTC_DRUGS"
    ).split()
)
USER_TASKS = frozenset(
    (
        "MANAGE DEVELOP MANAGE_TEMPLATES MANAGE_PHONE VIEW_COST MANAGE_EXTENSIONS "
        "VIEW_PHONE_ASSETS MANAGE_PHONE_ASSETS VIEW_TEMPLATES VIEW_INSIGHTS "
        "RECEIVE_INCOMING_MESSAGES MANAGE_BILLING MANAGE_USERS MESSAGING FULL_CONTROL"
    ).split()
)
MESSAGING_TIERS = ("TIER_250", "TIER_2K", "TIER_10K", "TIER_100K", "TIER_UNLIMITED")
TEMPLATE_CATEGORIES = frozenset({"MARKETING", "UTILITY", "AUTHENTICATION"})
FLOW_CATEGORIES = frozenset(
    (
        "SIGN_UP SIGN_IN APPOINTMENT_BOOKING LEAD_GENERATION SHOPPING CONTACT_US CUSTOMER_SUPPORT "
        "SURVEY OTHER"
    ).split()
)
CREDIT_CURRENCIES = frozenset({"AUD", "EUR", "GBP", "IDR", "INR", "USD"})

MANAGEMENT_SCOPE = "whatsapp_business_management"
MESSAGING_SCOPE = "whatsapp_business_messaging"

# Six screens of the popup, in their order, named as Meta names them in `current_step`.
SIGNUP_STEPS = (
    "BUSINESS_ACCOUNT_SELECTION",
    "WABA_PHONE_PROFILE_PICKER",
    "WHATSAPP_BUSINESS_PROFILE_SETUP",
    "PHONE_NUMBER_SETUP",
    "PHONE_NUMBER_VERIFICATION",
    "PERMISSIONS",
)

# What a client may report from the popup: code → our own words for it.
SIGNUP_ERRORS = {
    "2388098": "Too many accounts before the business is verified",
    "2494067": "Too many accounts for this business",
    "3441030": "The number is already registered",
    "3441049": "The number is tied to another platform",
    "3441041": "The number belongs to another business",
    "3441045": "Too little activity in the app for coexistence",
    "3441042": "Coexistence is not offered in this country",
    "2655093": "The account is already shared with another partner",
    "2655089": "The account is restricted",
    "2494158": "Too many tries",
    "2494091": "The partner has to finish business verification",
    "2494030": "Verification is still running",
    "2859009": "Two-factor authentication is required",
}
