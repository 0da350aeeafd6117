"""Which test asks each case of the corpora that is told in words: ids and sentences to tests.

Corpora of values (`VALUES`) are read by their tests as a whole, case by case.
"""

from __future__ import annotations

_ATTACKS = "security/test_login_attacks.py::"
_PROVIDER = "security/test_login_provider.py::"
_LIES = f"{_PROVIDER}test_an_id_token_that_lies_signs_nobody_in"
_SIGN_IN = "services/test_sign_in.py::"
_ENTRY = "services/test_onboarding_entry.py::"
_WAY = "services/test_onboarding_way.py::"
_TROUBLES = "services/test_onboarding_troubles.py::"
_PAGE = "ui/test_onboarding_entry.py::"
_OPEN_PAGES = "security/test_open_pages.py::"

ATTACKS: dict[str, str] = {
    "O01": f"{_ATTACKS}test_o01_o02_a_callback_without_a_known_state_is_refused",
    "O02": f"{_ATTACKS}test_o01_o02_a_callback_without_a_known_state_is_refused",
    "O03": f"{_ATTACKS}test_o03_a_callback_in_another_browser_signs_nobody_in",
    "O04": f"{_ATTACKS}test_o04_a_callback_works_once",
    "O05": f"{_ATTACKS}test_o05_old_cookies_do_not_bring_a_used_callback_back",
    "O06": f"{_ATTACKS}test_o06_a_callback_is_too_late_after_ten_minutes",
    "O07": f"{_ATTACKS}test_o07_two_tabs_both_finish",
    "O08": f"{_ATTACKS}test_o08_a_code_of_another_login_is_refused",
    "O09": f"{_ATTACKS}test_o09_the_challenge_is_s256_and_new_each_time",
    "O10": f"{_PROVIDER}test_o10_metadata_cannot_talk_us_out_of_s256",
    **dict.fromkeys(("O11", "O12", "O13", "O14", "O15", "O16", "O17", "O18", "O19"), _LIES),
    "O20": f"{_PROVIDER}test_o20_o32_metadata_that_cannot_be_trusted_stops_the_login",
    "O21": f"{_PROVIDER}test_o21_the_code_of_another_provider_is_not_sent_anywhere",
    **dict.fromkeys(("O22", "O23"), _LIES),
    "O24": f"{_ATTACKS}test_o24_an_unverified_address_of_an_owner_is_a_stranger",
    "O25": f"{_SIGN_IN}test_an_address_that_changes_at_the_provider_is_shown_and_moves_nobody",
    "O26": f"{_ATTACKS}test_o26_no_spelling_of_an_owners_address_is_that_owner",
    "O27": f"{_ATTACKS}test_o27_a_planted_session_is_worth_nothing_after_the_login",
    "O28": f"{_ATTACKS}test_o28_markup_in_an_error_answer_is_not_shown",
    "O29": f"{_ATTACKS}test_o29_a_foreign_next_leads_home",
    "O30": f"{_PROVIDER}test_o30_a_provider_that_fails_half_way_is_said_plainly",
    "O31": f"{_PROVIDER}test_o31_rotated_keys_are_fetched_once_and_forged_key_ids_once_a_minute",
    "O32": f"{_PROVIDER}test_o32_an_endpoint_that_is_not_safe_is_refused",
    "O33": f"{_OPEN_PAGES}test_o33_signing_out_ends_every_open_page_of_the_session",
    "O34": f"{_ATTACKS}test_o34_foreign_sites_cannot_act",
    "O35": f"{_OPEN_PAGES}test_o35_a_removed_or_demoted_members_pages_start_again",
    "O36": f"{_ATTACKS}test_o36_twenty_equal_answers_make_one_session_and_one_exchange",
    "O37": f"{_ENTRY}test_a_foreign_redirect_is_refused_and_an_extra_origin_is_taken",
    "O38": f"{_WAY}test_a_changed_redirect_url_does_not_move_a_run_that_has_begun",
    "O39": f"{_PAGE}test_a_run_is_not_shown_under_another_partner_s_address",
    "O40": f"{_PAGE}test_a_flood_of_openings_from_one_address_is_held_off",
    "O41": f"{_TROUBLES}test_messages_of_foreign_origins_are_ignored",
    "O42": "../e2e/test_connect_button.py::test_our_own_lines_do_the_same",
    "O43": f"{_TROUBLES}test_the_same_code_is_exchanged_once_from_two_tabs",
    "O44": f"{_WAY}test_finishing_twice_gives_the_same_exit_and_tells_once",
    "O45": f"{_TROUBLES}test_a_waba_of_another_partner_is_refused_and_nothing_of_it_is_shown",
    "O46": "services/test_meta_gateway.py::test_no_secret_gets_into_a_log",
    "O47": (
        "security/test_http_guards.py::test_onboarding_keeps_its_opener_and_may_load_metas_script"
    ),
    "O48": (
        "../e2e/test_connect_button.py"
        "::test_the_real_button_gets_client_and_channel_in_its_callback"
    ),
}

_ANY_ORDER = (
    "services/test_inbound.py"
    "::test_ten_thousand_facts_in_any_order_with_duplicates_end_in_the_same_state"
)
_MONEY_ORDER = (
    "services/test_payments_top_up.py::test_the_webhook_may_come_first_last_twice_or_never"
)
_INTAKE = "api/test_meta_intake.py::"
SEQUENCES: dict[str, str] = {
    "every event once in order": _ANY_ORDER,
    "every event twice in a row": _ANY_ORDER,
    "whole batch twice": (
        "services/test_inbound.py::test_the_same_body_twice_is_one_row_and_one_event"
    ),
    "reverse order": _ANY_ORDER,
    "random order x 500 seeds": _ANY_ORDER,
    "each event 20x in parallel on 4 workers": (
        "services/test_metering.py"
        "::test_whatever_the_order_and_the_repeats_each_message_is_charged_once"
    ),
    "the same event id with a different body (must be refused or ignored, and alarmed)": (
        "security/test_money.py::test_a_webhook_told_twice_is_kept_once"
    ),
    "delivered/read before sent: status never goes backwards": (
        "services/test_metering.py"
        "::test_whatever_the_order_and_the_repeats_each_message_is_charged_once"
    ),
    "payment succeeded before our own answer to the create call": _MONEY_ORDER,
    "refund before charge": (
        "services/test_payments_refunds.py"
        "::test_a_refund_at_the_desk_is_told_by_every_webhook_and_booked_once"
    ),
    "charge failed after succeeded (late): ignored with audit line": _MONEY_ORDER,
    "event for an unknown account: kept and retried, not dropped, 200": (
        "services/test_inbound.py::test_an_unknown_account_is_kept_and_applied_once_it_appears"
    ),
    "event of tenant A addressed to tenant B resource: ignored, alarmed": (
        "services/test_onboarding_troubles.py::test_a_webhook_of_another_solution_concerns_nobody"
    ),
    "1,000 changes in one POST": (
        "services/test_metering_inbound.py::test_many_large_bodies_are_taken_in_small_transactions"
    ),
    "3 MB body accepted, 3 MB + 1 refused with 413": (
        "security/test_http_guards.py::test_a_body_is_taken_up_to_its_limit"
    ),
    "unknown field and unknown enum value: stored, not crashed": (
        "rules/test_meta_updates.py::test_no_shape_of_value_crashes_the_translation"
    ),
    "timestamps 7 days old: still applied": (
        "services/test_inbound.py::test_an_account_that_never_appears_is_given_up_after_seven_days"
    ),
    "kill -9 between the 200 and the processing: event is processed after restart": (
        "services/test_metering_killed.py::test_after_a_kill_each_message_is_charged_once"
    ),
    "DB down: 5xx (never 200), applied after the sender retries": (
        f"{_INTAKE}test_a_database_that_is_gone_never_answers_200"
    ),
}

# By the corpus' heading: the test that is killed at its points. What stands in `ELSEWHERE` has
# another test than the others under its heading.
CRASHES: dict[str, str] = {
    "top_up": "crash/test_money_crash.py"
    "::test_killed_at_each_point_a_top_up_is_charged_once_and_booked_once",
    "auto_renewal": "crash/test_money_crash.py"
    "::test_killed_at_each_point_an_auto_renewal_is_charged_once_or_backs_off_once",
    "upgrade": "services/test_subscriptions_killed.py"
    "::test_killed_at_every_point_in_turn_an_upgrade_happens_once",
    "onboarding": "crash/test_onboarding_crash.py"
    "::test_killed_at_each_step_an_onboarding_goes_on_and_ends_and_nothing_is_doubled",
    "delivery": "services/test_webhooks_killed.py"
    "::test_after_a_kill_everything_is_sent_with_the_same_id_and_bytes",
    "usage_metering": "services/test_metering_killed.py"
    "::test_after_a_kill_each_message_is_charged_once",
}
ELSEWHERE: dict[str, str] = {
    "while disabling endpoint": "services/test_webhooks_killed.py"
    "::test_a_dead_workers_locks_are_free_and_an_endpoint_is_switched_off_once",
    # One transaction: the job of the mail is in it, and pages follow the event that is in it.
    "invite row written, mail not": "services/test_users.py"
    "::test_a_mail_that_is_late_is_not_sent_any_more",
    "role changed, sessions not revoked": "security/test_open_pages.py"
    "::test_o35_a_removed_or_demoted_members_pages_start_again",
    # Steps are transactions; a file that is half there is not taken for a whole one.
    "migration step n of m": "storage/test_migrations.py"
    "::test_up_down_up_ends_in_the_schema_that_the_entities_say",
    "restore half way": "storage/test_backup.py"
    "::test_only_a_whole_backup_that_this_hub_knows_is_put_in_place",
    "backup running": "storage/test_backup.py"
    "::test_everything_comes_back_and_waits_for_its_release",
    "schema lock held": "storage/test_database.py::test_a_locked_database_is_unavailable",
}

# Points that the hub does not have, and why.
NOT_OURS: dict[str, str] = {
    "log rotation": "logs go to the standard output; there is no file of ours to rotate",
}

# Corpora of values, and the tests that are given every one of them.
VALUES: dict[str, tuple[str, ...]] = {
    "host_and_forwarding": ("security/test_http_guards.py",),
    "inbound_webhooks": ("security/test_corpora.py",),
    "inputs_and_crash_points": ("security/test_corpora.py",),
    "meta_signatures": ("api/test_meta_intake.py",),
    "next_param": ("rules/test_partners_rules.py",),
    "oauth_attacks": ("security/test_corpora.py",),
    "partner_redirects": (
        "rules/test_onboarding_links.py",
        "services/test_integration_settings.py",
    ),
    "proration": ("rules/test_subscription_rules.py",),
    "ssrf_urls": ("security/test_outgoing.py",),
    "tenant_matrix": ("security/matrix/words.py",),
    "texts": ("services/test_mail_gateway.py",),
    "uploads": ("services/test_uploads.py",),
    "xss": ("../e2e/test_support.py", "../e2e/test_foreign_texts.py"),
}
