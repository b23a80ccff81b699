"""Policy: each rule says what it is for, and all together never allow what one forbids."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from daytwo.domains.changes.policy import Holder, PolicyFacts, rule
from daytwo.model.brakes import Brakes
from daytwo.model.call import Call
from daytwo.model.change import FieldChange, Patch
from daytwo.model.plan import BlastRadius, Diff, Fighter, Plan
from daytwo.model.ruling import Answer, Consent, Ruling
from daytwo.model.step import Step
from daytwo.model.target import built_in
from daytwo.model.tier import Class, Tier
from daytwo.settings import Acting, Ceilings, People

AT = datetime(2026, 11, 20, 3, 12, tzinfo=UTC)
TARGET = built_in("Deployment", "shop", "web", "u-1", "scale")
CALL = Call("scale", TARGET, {"replicas": 5})
STEP = Step("scale deployment shop/web from 3 to 5", CALL, Patch(TARGET, (FieldChange("/spec/replicas", 3, 5),)), undo="scale back to 3")
PLAN = Plan(CALL, STEP.title, (STEP,), blast=BlastRadius(workloads=1), undo=STEP.undo)
AROUND = PolicyFacts(Acting(), AT)
BRAKED = Acting(
    brakes=Ceilings(cooldown=timedelta(minutes=5), runs_per_day=10, most_pods=2, most_nodes=1, most_share=0.5),
)


def plan(**changes: object) -> Plan:
    return msgspec.structs.replace(PLAN, **changes)


def texts(ruling: Ruling) -> list[str]:
    return [reason.text for reason in ruling.reasons]


def test_an_ordinary_change_is_allowed_and_asked_by_y() -> None:
    ruling = rule(PLAN, AROUND)
    assert ruling == Ruling(Answer.ALLOW, (), Class.MUTATING, Tier.T1, 1)
    assert (ruling.consent, ruling.yes_will_do) == (Consent.YES, True)


def test_the_brakes_deny_everything_repairs_included() -> None:
    around = replace(AROUND, brakes=Brakes("network is down", "ada", AT - timedelta(minutes=4)))
    for each in (PLAN, plan(call=msgspec.structs.replace(CALL, is_repair=True))):
        ruling = rule(each, around)
        assert ruling.is_denied
        assert texts(ruling) == ["the brakes were put on by ada 4 min ago: network is down (`daytwo brakes off` takes them off)"]


def test_brakes_and_locks_do_not_stop_what_only_waits() -> None:
    waits = plan(class_=Class.READ, steps=(), undo="")
    ruling = rule(waits, replace(AROUND, brakes=Brakes("why not"), holder=Holder("r7k2", "scale deployment shop/web")))
    assert (ruling.answer, ruling.consent, ruling.people) == (Answer.ALLOW, Consent.NONE, 0)


@pytest.mark.parametrize(
    ("settings", "around", "change", "told"),
    [
        (Acting(enabled=("drain",)), {}, {}, "settings do not enable scale (act.enabled)"),
        (
            Acting(),
            {"holder": Holder("r7k2", "set image web=web:2")},
            {},
            "run r7k2 works on it (set image web=web:2): wait for it, or `daytwo runs cancel r7k2`",
        ),
        (BRAKED, {"runs_today": 10}, {}, "10 runs started within 24 hours and settings allow 10 (act.brakes.runs_per_day)"),
        (BRAKED, {}, {"blast": BlastRadius(pods=3)}, "3 pods may end and settings allow 2 (act.brakes.most_pods)"),
        (BRAKED, {}, {"blast": BlastRadius(nodes=2)}, "2 nodes are touched and settings allow 1 (act.brakes.most_nodes)"),
        (
            BRAKED,
            {},
            {"blast": BlastRadius(share_ratio=2 / 3)},
            "66.667 % of a workload may be away at once and settings allow 50 % (act.brakes.most_share)",
        ),
        (
            BRAKED,
            {"last_run_at": AT - timedelta(minutes=2)},
            {},
            "the last run on it ended 2 min ago and settings leave it alone for 5 min: again in 3 min (act.brakes.cooldown)",
        ),
        (
            Acting(people=People(mutating=2)),
            {},
            {},
            "settings ask for 2 people (act.people.mutating) and this ledger is a file of one machine: "
            "name one that they share, --ledger postgresql://…",
        ),
    ],
)
def test_what_is_denied_says_why(settings: Acting, around: dict[str, object], change: dict[str, object], told: str) -> None:
    ruling = rule(plan(**change), replace(AROUND, settings=settings, **around))  # type: ignore[arg-type]
    assert ruling.is_denied
    assert texts(ruling) == [told]


@pytest.mark.parametrize(
    ("around", "change"),
    [
        ({"runs_today": 9}, {}),
        ({"last_run_at": AT - timedelta(minutes=5)}, {}),
        ({}, {"blast": BlastRadius(pods=2, nodes=1, share_ratio=0.5)}),
    ],
)
def test_what_just_fits_is_allowed(around: dict[str, object], change: dict[str, object]) -> None:
    assert rule(plan(**change), replace(AROUND, settings=BRAKED, **around)).answer is Answer.ALLOW  # type: ignore[arg-type]


def test_a_repair_is_warned_and_not_denied_by_rules_for_ordinary_times() -> None:
    repair = plan(call=msgspec.structs.replace(CALL, is_repair=True), blast=BlastRadius(pods=9, nodes=9, share_ratio=1.0))
    ruling = rule(repair, replace(AROUND, settings=BRAKED, runs_today=99, last_run_at=AT))
    assert ruling.answer is Answer.WARN
    assert len(ruling.reasons) == 5


def test_several_people_may_approve_where_they_share_a_ledger() -> None:
    ruling = rule(PLAN, replace(AROUND, settings=Acting(people=People(mutating=2)), is_shared=True))
    assert (ruling.answer, ruling.people) == (Answer.ALLOW, 2)


def test_an_unknown_diff_is_asked_about() -> None:
    ruling = rule(PLAN, replace(AROUND, diffs=(Diff(unknown="you may not patch deployments/scale in namespace shop"),)))
    assert ruling.answer is Answer.UNKNOWN
    assert not ruling.yes_will_do
    assert "you may not patch deployments/scale in namespace shop" in ruling.no_yes


def test_what_could_not_be_seen_is_asked_about() -> None:
    ruling = rule(plan(unknowns=("who owns it: applications.argoproj.io may not be read",)), AROUND)
    assert (ruling.answer, ruling.yes_will_do) == (Answer.UNKNOWN, False)


def test_who_would_revert_it_is_asked_about() -> None:
    fighter = Fighter("HPA shop/web", "sets the replicas itself", "spec.scaleTargetRef", "set its bounds instead")
    ruling = rule(plan(fighters=(fighter,)), AROUND)
    assert (ruling.answer, ruling.yes_will_do) == (Answer.WARN, False)
    assert texts(ruling) == ["HPA shop/web sets the replicas itself; set its bounds instead"]


def test_destruction_takes_the_name_and_the_third_tier() -> None:
    ruling = rule(
        plan(class_=Class.DESTRUCTIVE, undo="", no_undo="deleted is deleted"), replace(AROUND, settings=Acting(people=People(1, 1)))
    )
    assert (ruling.consent, ruling.tier, ruling.yes_will_do) == (Consent.NAME, Tier.T3, False)
    assert texts(ruling) == ["it cannot be undone: deleted is deleted"]


def test_one_destructive_step_makes_the_whole_destructive() -> None:
    step = msgspec.structs.replace(STEP, class_=Class.DESTRUCTIVE)
    assert rule(plan(steps=(STEP, step)), AROUND).class_ is Class.DESTRUCTIVE


def test_a_restart_has_no_undo_and_stays_mutating() -> None:
    ruling = rule(plan(undo="", no_undo="what has restarted has restarted"), AROUND)
    assert (ruling.consent, ruling.tier, ruling.yes_will_do) == (Consent.YES, Tier.T2, True)


def test_an_action_that_says_nothing_about_undo_is_destructive() -> None:
    assert rule(plan(undo=""), AROUND).class_ is Class.DESTRUCTIVE


@pytest.mark.parametrize(
    ("settings", "change", "tier"),
    [
        (Acting(), {}, Tier.T1),
        (Acting(), {"blast": BlastRadius(workloads=2)}, Tier.T2),
        (Acting(tiers={"scale": Tier.T3}), {}, Tier.T3),
        (Acting(tiers={"scale": Tier.T1}), {"tier": Tier.T2}, Tier.T2),
        (Acting(tiers={"drain": Tier.T3}), {}, Tier.T1),
    ],
)
def test_a_tier_is_raised_and_never_lowered(settings: Acting, change: dict[str, object], tier: Tier) -> None:
    assert rule(plan(**change), replace(AROUND, settings=settings)).tier is tier


def test_settings_may_forbid_yes() -> None:
    ruling = rule(PLAN, replace(AROUND, settings=Acting(allow_yes=False)))
    assert (ruling.answer, ruling.no_yes) == (Answer.ALLOW, "settings do not allow it (act.allow_yes)")


PLANS = st.builds(
    plan,
    class_=st.sampled_from(list(Class)),
    blast=st.builds(BlastRadius, pods=st.integers(0, 5), nodes=st.integers(0, 3), workloads=st.integers(0, 3), share_ratio=st.floats(0, 1)),
    undo=st.sampled_from(["", "scale back"]),
    no_undo=st.sampled_from(["", "gone is gone"]),
    unknowns=st.sampled_from([(), ("something",)]),
    tier=st.sampled_from(list(Tier)),
    call=st.sampled_from([CALL, msgspec.structs.replace(CALL, is_repair=True)]),
)
FACTS = st.builds(
    PolicyFacts,
    settings=st.sampled_from([Acting(), BRAKED, Acting(allow_yes=False), Acting(people=People(2, 2)), Acting(enabled=())]),
    at=st.just(AT),
    diffs=st.sampled_from([(), (Diff(),), (Diff(unknown="hidden"),)]),
    brakes=st.sampled_from([None, Brakes("stop")]),
    holder=st.sampled_from([None, Holder("r1", "other")]),
    last_run_at=st.sampled_from([None, AT]),
    runs_today=st.integers(0, 20),
    is_shared=st.booleans(),
)


@given(PLANS, FACTS)
def test_no_rule_makes_another_milder(each: Plan, around: PolicyFacts) -> None:
    """The answer is the gravest of the reasons; brakes and locks always deny a change; `--yes` never stands for destruction."""
    ruling = rule(each, around)
    assert all(reason.answer.rank <= ruling.answer.rank for reason in ruling.reasons)
    if ruling.class_ is not Class.READ and (around.brakes is not None or around.holder is not None):
        assert ruling.is_denied
    if ruling.yes_will_do:
        assert ruling.class_ is not Class.DESTRUCTIVE
        assert not any(reason.is_asked for reason in ruling.reasons)
    assert ruling.class_.rank >= each.class_.rank
    assert ruling.tier >= each.tier


@given(PLANS, FACTS)
def test_a_repair_is_never_treated_worse(each: Plan, around: PolicyFacts) -> None:
    repair = msgspec.structs.replace(each, call=msgspec.structs.replace(CALL, is_repair=True))
    ordinary = msgspec.structs.replace(each, call=CALL)
    assert rule(repair, around).answer.rank <= rule(ordinary, around).answer.rank
