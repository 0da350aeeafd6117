"""Where a run may go, what each ending needs, what comes next, and whose turn an error makes it."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.onboarding.entities import Ending, RunStatus, RunStep
from core.onboarding.guidance import for_graph, for_key, for_signup, keys
from core.onboarding.mail_texts import LANGUAGES, TEXTS, text_of
from core.onboarding.moves import Move, MoveKind, Situation, next_move
from core.onboarding.numbers import ending_of, take
from core.onboarding.retrying import WAITS, wait_for
from core.onboarding.signals import is_from_meta, read_signal
from core.onboarding.steps import (
    STATUS_MOVES,
    STEP_MOVES,
    ServerStep,
    may_move,
    people_steps,
    server_steps,
    tasks,
)
from core.onboarding.views import Turn

DONE = "2026-11-22T12:00:00+00:00"


def test_every_state_has_its_moves_and_an_end_has_none() -> None:
    assert set(STEP_MOVES) == set(RunStep)
    assert set(STATUS_MOVES) == set(RunStatus)
    assert STATUS_MOVES[RunStatus.FINISHED] == {RunStatus.FINISHED}
    assert STEP_MOVES[RunStep.DONE] == {RunStep.DONE}


@pytest.mark.parametrize(
    ("step", "to", "allowed"),
    [
        (RunStep.SIGN_UP, RunStep.META, False),  # nobody gets past the code
        (RunStep.SIGN_UP, RunStep.DONE, False),
        (RunStep.CODE, RunStep.META, True),
        (RunStep.META, RunStep.PERMISSION, False),
        (RunStep.REGISTER, RunStep.META, True),
        (RunStep.PERMISSION, RunStep.META, False),
    ],
)
def test_steps_are_not_skipped(step: RunStep, to: RunStep, allowed: bool) -> None:
    assert may_move(step, to, RunStatus.OPEN, RunStatus.OPEN) is allowed


def test_payment_is_counted_for_direct_paid_only() -> None:
    assert len(people_steps(direct_paid=False)) == 5
    assert RunStep.PAYMENT in people_steps(direct_paid=True)


@pytest.mark.parametrize("ending", [Ending.COEXISTENCE, Ending.OBO_MIGRATION, Ending.ONLY_WABA])
def test_some_endings_never_register(ending: Ending) -> None:
    steps = server_steps(ending, region="DE")
    assert not {ServerStep.REGION, ServerStep.PIN, ServerStep.REGISTRATION} & set(steps)


def test_the_region_comes_before_the_registration_and_only_when_wanted() -> None:
    steps = server_steps(Ending.FINISH, region="DE")
    assert steps.index(ServerStep.REGION) < steps.index(ServerStep.REGISTRATION)
    assert ServerStep.REGION not in server_steps(Ending.FINISH, region="")


def test_left_and_failed_popups_need_nothing_and_a_new_word_is_taken_for_finish() -> None:
    assert server_steps(Ending.CANCEL, region="") == server_steps(Ending.ERROR, region="") == ()
    assert server_steps("FINISH_SOMETHING_NEW", region="") == server_steps("FINISH", region="")


def test_no_number_at_the_end_is_a_task_but_not_for_a_grant() -> None:
    assert tasks(Ending.ONLY_WABA, [], over=True) == ("add_number",)
    assert tasks(Ending.FINISH, [], over=False) == ()
    assert tasks(Ending.GRANT_ONLY, [], over=True) == ()


def situation(ending: str = Ending.FINISH, waba: str = "31", **progress: Any) -> Situation:
    return Situation(ending=ending, waba_id=waba, has_code=True, region="", progress=progress)


def kind(now: Situation) -> MoveKind:
    return next_move(now).kind


def test_the_code_goes_first_and_never_twice() -> None:
    assert kind(situation()) is MoveKind.EXCHANGE
    begun = situation(begun={"exchange_code": DONE})
    assert kind(begun) is MoveKind.RECALL
    assert next_move(situation(begun={"exchange_code": DONE}, asked=["recall_waba"])) == Move(
        kind=MoveKind.STOP, target="code_lost"
    )


def test_a_waba_is_looked_for_in_the_contracts_order() -> None:
    seen = []
    progress: dict[str, Any] = {"token": DONE, "awaited": 9, "shared": ["33"], "asked": []}
    for _ in range(9):
        move = next_move(situation("", "31", **progress))
        seen.append((move.kind, move.target))
        if move.kind is MoveKind.STOP:
            break
        if move.kind is MoveKind.VERIFY:
            progress["refused"] = [*progress.get("refused", []), move.target]
        else:
            found = {MoveKind.INSPECT: ["32"], MoveKind.SEARCH: ["32", "34"]}[move.kind]
            progress["candidates"] = found
            progress["asked"] = [*progress["asked"], move.kind]
    assert seen == [
        (MoveKind.VERIFY, "31"),  # the message
        (MoveKind.INSPECT, ""),
        (MoveKind.VERIFY, "32"),  # the token
        (MoveKind.VERIFY, "33"),  # the webhook
        (MoveKind.SEARCH, ""),
        (MoveKind.VERIFY, "34"),
        (MoveKind.STOP, "waba_not_found"),
    ]


def test_a_lost_message_is_waited_for_a_little() -> None:
    assert kind(situation("", "", token=DONE)) is MoveKind.AWAIT_MESSAGE
    assert kind(situation("", "", token=DONE, awaited=4)) is MoveKind.INSPECT


ENDINGS = st.sampled_from([*Ending, "", "NEW"])
PHONE = st.fixed_dictionaries({"id": st.sampled_from(["41", "42"]), "registered": st.booleans()})


@given(ENDINGS, st.lists(PHONE, max_size=2, unique_by=lambda phone: phone["id"]), st.booleans())
def test_every_ending_comes_to_an_end(
    ending: str, phones: list[Mapping[str, Any]], with_region: bool
) -> None:
    progress: dict[str, Any] = {"token": DONE, "awaited": 9, "verified": "31", "phones": phones}
    for _ in range(60):
        now = Situation(
            ending=ending,
            waba_id="31",
            has_code=True,
            region="DE" if with_region else "",
            progress=progress,
        )
        move = next_move(now)
        if move == Move(kind=MoveKind.COMPLETE):
            return
        done = {
            MoveKind.READ_ACCOUNT: "account",
            MoveKind.SUBSCRIBE: "subscription",
            MoveKind.TAKE_NUMBERS: "numbers",
            MoveKind.MAKE_PIN: "pin",
            MoveKind.READ_TEMPLATES: "templates",
            MoveKind.COMPLETE: move.target,
        }.get(move.kind)
        if done:
            progress[done] = DONE
        else:
            progress["finished"] = {**progress.get("finished", {}), move.mark: DONE}
    raise AssertionError(f"{ending} goes round in circles")


FRESH = {"id": "41", "platform_type": "NOT_APPLICABLE", "code_verification_status": "VERIFIED"}
UNVERIFIED = {"id": "42", "platform_type": "NOT_APPLICABLE", "status": "UNVERIFIED"}
ON_APP = {"id": "43", "platform_type": "CLOUD_API", "status": "CONNECTED", "is_on_biz_app": True}


def test_the_named_number_is_taken_else_all_that_are_verified() -> None:
    every = [FRESH, UNVERIFIED, ON_APP]
    assert take(Ending.FINISH, every, "42") == [UNVERIFIED]
    assert take(Ending.FINISH, every, "") == [FRESH, ON_APP]
    assert take(Ending.COEXISTENCE, every, "") == [ON_APP]


def test_the_numbers_tell_an_ending_that_was_lost() -> None:
    assert ending_of("", [ON_APP], "") == Ending.COEXISTENCE
    assert ending_of(Ending.FINISH, [ON_APP], "43") == Ending.COEXISTENCE
    assert ending_of("", [FRESH], "") == Ending.FINISH
    assert ending_of("", [UNVERIFIED], "") == Ending.ONLY_WABA
    assert ending_of(Ending.OBO_MIGRATION, [ON_APP], "") == Ending.OBO_MIGRATION


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "not json",
        "[]",
        "null",
        '{"type":"other"}',
        '{"type":"WA_EMBEDDED_SIGNUP"}',
        "[" * 5000,
        None,
        7,
        '{"type":"WA_EMBEDDED_SIGNUP","event":""}',
    ],
)
def test_what_is_no_message_of_the_popup_is_no_signal(raw: object) -> None:
    assert read_signal(raw) is None


def test_string_and_object_say_the_same() -> None:
    data = {"waba_id": 31, "phone_number_id": "41", "business_id": "51"}
    message = {"type": "WA_EMBEDDED_SIGNUP", "event": "FINISH", "version": 3, "data": data}
    signal = read_signal(message)
    assert signal == read_signal(json.dumps(message))
    assert signal is not None
    assert (signal.waba_id, signal.phone_id, signal.business_id) == ("31", "41", "51")


@pytest.mark.parametrize("waba_id", ["../31", "31?x", "", None, [], {}, True, "3" * 40, "３１"])
def test_an_id_that_is_none_never_gets_into_a_path(waba_id: object) -> None:
    signal = read_signal(
        {"type": "WA_EMBEDDED_SIGNUP", "event": "FINISH", "data": {"waba_id": waba_id}}
    )
    assert signal is not None
    assert signal.waba_id == ""


def test_both_forms_of_cancel_are_read() -> None:
    left = read_signal(
        {"type": "WA_EMBEDDED_SIGNUP", "event": "CANCEL", "data": {"current_step": "NEW"}}
    )
    assert left is not None
    assert (left.is_failure, left.left_at) == (True, "NEW")
    data = {"error_message": "No", "error_code": 2655093, "error_id": "f1"}
    failed = read_signal({"type": "WA_EMBEDDED_SIGNUP", "event": "CANCEL", "data": data})
    assert failed is not None
    assert (failed.error_code, failed.session_id) == ("2655093", "f1")


def test_origins_are_compared_exactly() -> None:
    allowed = ["https://www.facebook.com"]
    assert is_from_meta("https://www.facebook.com", allowed)
    assert not is_from_meta("https://evilfacebook.com", allowed)
    assert not is_from_meta("https://www.facebook.com/", allowed)


@pytest.mark.parametrize(
    ("codes", "key"),
    [
        ((2388098, "2494067"), "too_many_wabas"),
        ((3441030, 3441049, 2655094), "number_registered_elsewhere"),
        ((2655093, 2655049, 2494028, 2494119), "waba_shared_elsewhere"),
        ((2494158, 3441033, 3441046, 1675004), "too_many_tries"),
        ((2859009, 4612001), "two_factor_needed"),
        (("new", None, 5, "9" * 30), "meta_unknown"),
    ],
)
def test_codes_of_the_popup_become_guidance(codes: tuple[object, ...], key: str) -> None:
    assert {for_signup(code).key for code in codes} == {key}


def test_who_has_to_act_on_a_graph_error() -> None:
    assert for_graph(100, 33).key == "not_visible"
    assert for_graph(100).turn is Turn.PARTNER
    assert for_graph(250).key == "permission_missing"
    assert for_graph(133005).needs_pin
    assert for_graph(4).itself
    assert for_graph(80007).wait == 300
    assert for_graph(987654).key == "meta_unknown"
    assert for_graph(987654, transient=True).itself


def test_every_key_leads_back_to_its_advice() -> None:
    assert {for_key(key).key for key in keys()} == keys()


def test_waiting_grows_and_ends() -> None:
    busy = for_graph(1)
    waits = [wait_for(busy, tries) for tries in range(len(WAITS) + 1)]
    assert waits == [*WAITS, None]
    assert wait_for(for_graph(4), 0) == 300
    assert wait_for(for_graph(133005), 0) is None


def test_every_mail_speaks_every_language_and_fills_in_the_same() -> None:
    for kind_, texts in TEXTS.items():
        assert set(texts) == set(LANGUAGES)
        for text in texts.values():
            whole = text.subject + text.body
            assert ("{code}" in whole) is (kind_ == "code")
            assert "{brand}" in text.subject
            assert text.button
    assert text_of("code", "fr") == text_of("code", "en")
