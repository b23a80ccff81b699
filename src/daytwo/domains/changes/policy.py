"""Whether a plan may be carried out: a list of rules, each a pure function of the plan and what is known around it.

A rule without an opinion says nothing. Rules that people set for ordinary times (cooldown, runs a day, ceilings) only warn a repair.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from daytwo.model.brakes import Brakes
from daytwo.model.change import Wait
from daytwo.model.moment import duration
from daytwo.model.plan import Diff, Plan
from daytwo.model.ruling import Answer, Reason, Ruling
from daytwo.model.tier import Class, Tier
from daytwo.settings import Acting


@dataclass(frozen=True, slots=True)
class Holder:
    """The run that holds the lock of a target."""

    run: str
    title: str


@dataclass(frozen=True, slots=True)
class PolicyFacts:
    """What is known around one plan, as of `at`.

    - `diffs`: of the plan's steps, in order; shorter where nothing was rehearsed.
    - `brakes`: None while they are off.
    - `holder`: who works on one of the plan's targets now.
    - `last_run_at`: when a run on one of its targets last ended; None when none did.
    - `runs_today`: runs started within the 24 hours before `at`.
    - `is_shared`: whether several people reach the ledger.
    """

    settings: Acting
    at: datetime
    diffs: tuple[Diff, ...] = ()
    brakes: Brakes | None = None
    holder: Holder | None = None
    last_run_at: datetime | None = None
    runs_today: int = 0
    is_shared: bool = False


Rule = Callable[[Plan, PolicyFacts], Iterator[Reason]]


def rule(plan: Plan, facts: PolicyFacts) -> Ruling:
    """What all rules say of the plan together."""
    class_ = class_of(plan)
    # What only reads or waits disturbs nobody.
    rules = RULES if class_ is not Class.READ else (action_is_enabled,)
    reasons = tuple(reason for each in rules for reason in each(plan, facts))
    answer = max((reason.answer for reason in reasons), key=lambda one: one.rank, default=Answer.ALLOW)
    people = facts.settings.people.needed(class_)
    return Ruling(answer, reasons, class_, tier_of(plan, facts.settings), people, _no_yes(class_, reasons, facts.settings))


def class_of(plan: Plan) -> Class:
    """The gravest of the plan's and its steps'. A change that neither can be undone nor says why not is destructive."""
    classes = [plan.class_, *(step.class_ for step in plan.steps)]
    if plan.steps and plan.class_ is Class.MUTATING and not plan.undo and not plan.no_undo:
        classes.append(Class.DESTRUCTIVE)
    return max(classes, key=lambda one: one.rank)


def tier_of(plan: Plan, settings: Acting) -> Tier:
    """Raised by settings, by several workloads or no undo to T2, by destruction to T3; never lowered."""
    tiers = [plan.tier, settings.tiers.get(plan.call.uses, Tier.T1)]
    class_ = class_of(plan)
    if class_ is not Class.READ and (plan.blast.workloads > 1 or not plan.undo):
        tiers.append(Tier.T2)
    if class_ is Class.DESTRUCTIVE:
        tiers.append(Tier.T3)
    return max(tiers)


def _no_yes(class_: Class, reasons: Sequence[Reason], settings: Acting) -> str:
    """Why `--yes` may not answer; empty when it may."""
    if class_ is Class.READ:
        return ""
    if class_ is Class.DESTRUCTIVE:
        return "it is destructive"
    if not settings.allow_yes:
        return "settings do not allow it (act.allow_yes)"
    return next((f"somebody must have read that {reason.text}" for reason in reasons if reason.is_asked), "")


# -- rules ------------------------------------------------------------------------------------------------------------


def brakes_are_on(plan: Plan, facts: PolicyFacts) -> Iterator[Reason]:
    """Nothing is written while the brakes are on, repairs included."""
    if facts.brakes is not None:
        who = f" by {facts.brakes.by}" if facts.brakes.by else ""
        when = f" {duration(facts.at - facts.brakes.since)} ago" if facts.brakes.since else ""
        yield Reason("brakes", Answer.DENY, f"the brakes were put on{who}{when}: {facts.brakes.why} (`daytwo brakes off` takes them off)")


def action_is_enabled(plan: Plan, facts: PolicyFacts) -> Iterator[Reason]:
    if not facts.settings.is_enabled(plan.call.uses):
        yield Reason("enabled", Answer.DENY, f"settings do not enable {plan.call.uses} (act.enabled)")


def target_is_free(plan: Plan, facts: PolicyFacts) -> Iterator[Reason]:
    """One run at a time works on a target."""
    if facts.holder is not None:
        run = facts.holder.run
        text = f"run {run} works on it ({facts.holder.title}): wait for it, or `daytwo runs cancel {run}`"
        yield Reason("lock", Answer.DENY, text)


def target_has_cooled_down(plan: Plan, facts: PolicyFacts) -> Iterator[Reason]:
    cooldown, last = facts.settings.brakes.cooldown, facts.last_run_at
    if last is not None and cooldown and facts.at - last < cooldown:
        ago, left = duration(facts.at - last), duration(cooldown - (facts.at - last))
        text = f"the last run on it ended {ago} ago and settings leave it alone for {duration(cooldown)}: again in {left}"
        yield _ordinary(plan, "cooldown", f"{text} (act.brakes.cooldown)")


def day_has_room(plan: Plan, facts: PolicyFacts) -> Iterator[Reason]:
    most = facts.settings.brakes.runs_per_day
    if most is not None and facts.runs_today >= most:
        text = f"{facts.runs_today} runs started within 24 hours and settings allow {most} (act.brakes.runs_per_day)"
        yield _ordinary(plan, "runs-per-day", text)


def blast_is_small_enough(plan: Plan, facts: PolicyFacts) -> Iterator[Reason]:
    """The ceilings of pods, nodes, and the share of a workload's replicas."""
    ceilings, blast = facts.settings.brakes, plan.blast
    if ceilings.most_pods is not None and blast.pods > ceilings.most_pods:
        yield _ordinary(plan, "blast", f"{blast.pods} pods may end and settings allow {ceilings.most_pods} (act.brakes.most_pods)")
    if ceilings.most_nodes is not None and blast.nodes > ceilings.most_nodes:
        yield _ordinary(plan, "blast", f"{blast.nodes} nodes are touched and settings allow {ceilings.most_nodes} (act.brakes.most_nodes)")
    if ceilings.most_share is not None and blast.share_ratio > ceilings.most_share:
        share, most = _percent(blast.share_ratio), _percent(ceilings.most_share)
        yield _ordinary(plan, "blast", f"{share} of a workload may be away at once and settings allow {most} (act.brakes.most_share)")


def diff_is_known(plan: Plan, facts: PolicyFacts) -> Iterator[Reason]:
    """A change that nobody could rehearse is asked about: hidden is unknown."""
    for step, diff in zip(plan.steps, facts.diffs, strict=False):
        if diff.unknown and not isinstance(step.change, Wait):
            yield Reason("diff", Answer.UNKNOWN, f"what “{step.title}” changes is unknown: {diff.unknown}", is_asked=True)


def everything_was_seen(plan: Plan, facts: PolicyFacts) -> Iterator[Reason]:
    for unknown in plan.unknowns:
        yield Reason("unseen", Answer.UNKNOWN, f"unknown: {unknown}", is_asked=True)


def nobody_fights_it(plan: Plan, facts: PolicyFacts) -> Iterator[Reason]:
    """What would revert the change is accepted by a person, not by a flag."""
    for fighter in plan.fighters:
        instead = f"; {fighter.instead}" if fighter.instead else ""
        yield Reason("fighter", Answer.WARN, f"{fighter.who} {fighter.what}{instead}", is_asked=not fighter.is_later)


def it_can_be_undone(plan: Plan, facts: PolicyFacts) -> Iterator[Reason]:
    if plan.steps and not plan.undo:
        yield Reason("undo", Answer.WARN, f"it cannot be undone: {plan.no_undo or 'the action does not say how'}")


def people_can_meet(plan: Plan, facts: PolicyFacts) -> Iterator[Reason]:
    """Several people approve in a ledger that they share."""
    class_ = class_of(plan)
    people = facts.settings.people.needed(class_)
    if people > 1 and not facts.is_shared:
        text = (
            f"settings ask for {people} people (act.people.{class_}) and this ledger is a file of one machine: "
            "name one that they share, --ledger postgresql://…"
        )
        yield Reason("people", Answer.DENY, text)


RULES: Final[Sequence[Rule]] = (
    brakes_are_on,
    action_is_enabled,
    target_is_free,
    people_can_meet,
    blast_is_small_enough,
    target_has_cooled_down,
    day_has_room,
    diff_is_known,
    everything_was_seen,
    nobody_fights_it,
    it_can_be_undone,
)


def _ordinary(plan: Plan, rule: str, text: str) -> Reason:
    """A rule for ordinary times."""
    return Reason(rule, Answer.WARN if plan.call.is_repair else Answer.DENY, text)


def _percent(ratio: float) -> str:
    return f"{ratio:.3%}".removesuffix("%").rstrip("0").rstrip(".") + " %"
