"""A proposal as somebody reads it at night: what will change, where and as whom, what else happens, how it is taken back."""

from collections.abc import Sequence
from typing import Final

from daytwo.model.change import Apply, Change, Delete, Evict, Execute, Wait
from daytwo.model.person import Person
from daytwo.model.plan import BlastRadius, Diff, Plan
from daytwo.model.proposal import Proposal, Proposed
from daytwo.model.ruling import Answer
from daytwo.model.run import Act, Run, StageRecord
from daytwo.model.step import Step
from daytwo.model.tier import Class
from daytwo.render import fields
from daytwo.render.page import Line, Span, Style, lay_out, line, padded
from daytwo.render.words import counted, listed, percent

_LABEL: Final = 10
_INNER: Final = _LABEL + 2
_MOST_LISTED: Final = 12
_MOST_STEPS: Final = 40
_ANSWER_STYLE: Final = {Answer.ALLOW: Style.PLAIN, Answer.WARN: Style.MEDIUM, Answer.UNKNOWN: Style.UNKNOWN, Answer.DENY: Style.CRITICAL}
_CLASS_STYLE: Final = {Class.READ: Style.PLAIN, Class.MUTATING: Style.STRONG, Class.DESTRUCTIVE: Style.CRITICAL}
# Told in a row of their own.
_TOLD_ELSEWHERE: Final = frozenset({"fighter", "diff", "unseen", "undo"})


def proposal(proposal: Proposal, *, width: int | None, is_coloured: bool) -> str:
    """Which cluster and who, then each call."""
    lines = [header(proposal)]
    for item in proposal.items:
        lines += [Line(), *_item(item, width)]
    return lay_out(lines, width=width, is_coloured=is_coloured)


def step_to_approve(
    run: Run, record: StageRecord, diff: Diff, person: Person, before: Sequence[str], people: int, width: int | None
) -> list[Line]:
    """One step of a run that waits for approval, as it would be sent now, and who has approved just this."""
    assert isinstance(record.stage, Act)
    step = record.stage.step
    lines = [
        line(Span(run.cluster_name or run.cluster, Style.STRONG), f" · as {person} · run {run.id} of {run.actor}", hang=2),
        Line(),
        line(Span(step.title, Style.STRONG), "  ", Span(step.class_.upper(), _CLASS_STYLE[step.class_]), hang=2),
        *_change(step, diff, width),
        _row("undo", step.undo) if step.undo else _row("undo", f"none: {step.no_undo or 'nothing takes it back'}", Style.MEDIUM),
    ]
    if run.why:
        lines.append(_row("why", run.why))
    who = listed(before) if before else "nobody"
    lines.append(_row("approved", f"by {who} so far; {counted(people, 'person', 'people')} must"))
    return [*lines, Line()]


def header(proposal: Proposal) -> Line:
    cluster, person = proposal.cluster, proposal.person
    origin = f" ({person.origin})" if person.origin else ""
    through = f" through {person.through}" if person.through else ""
    parts: list[Span | str] = [Span(cluster.name or cluster.uid, Style.STRONG), f" · as {person.name}{origin}{through}"]
    if cluster.version:
        parts.append(f" · Kubernetes {cluster.version.partition('-')[0].partition('+')[0]}")
    if proposal.undoes:
        parts.append(f" · takes back run {proposal.undoes}")
    return line(*parts, hang=2)


def _item(item: Proposed, width: int | None) -> list[Line]:
    plan, ruling = item.plan, item.ruling
    title = [line(Span(plan.title, Style.STRONG), hang=2)]
    if plan.already:
        return [*title, _row("nothing", f"to do: {plan.already}")]
    lines = [
        line(
            Span(plan.title, Style.STRONG),
            "  ",
            Span(ruling.class_.upper(), _CLASS_STYLE[ruling.class_]),
            Span(f"  {ruling.tier}" if ruling.class_ is not Class.READ else "", Style.FAINT),
            hang=2,
        )
    ]
    lines += _steps(item, width)
    lines += _rows("then", plan.effects)
    touched = blast(plan.blast)
    if touched:
        lines.append(_row("touches", touched))
    for fighter in plan.fighters:
        instead = f"; {fighter.instead}" if fighter.instead else ""
        evidence = f" ({fighter.evidence})" if fighter.evidence else ""
        label, style = ("later", Style.PLAIN) if fighter.is_later else ("reverts", Style.MEDIUM)
        lines.append(_row(label, f"{fighter.who} {fighter.what}{evidence}{instead}", style))
    lines += _rows("beware", (*plan.warnings, *(warning for diff in item.diffs for warning in diff.warnings)), Style.MEDIUM)
    lines += _rows("unknown", plan.unknowns, Style.UNKNOWN)
    if plan.blocked:
        lines.append(_row("blocked", plan.blocked, Style.CRITICAL))
    if plan.steps and ruling.class_ is not Class.READ:
        lines.append(_undo(plan))
    return lines + _policy(item)


def _undo(plan: Plan) -> Line:
    if plan.undo:
        return _row("undo", plan.undo)
    return _row("undo", f"none: {plan.no_undo or 'nothing takes it back'}", Style.MEDIUM)


def _policy(item: Proposed) -> list[Line]:
    reasons = [reason for reason in item.ruling.reasons if reason.rule not in _TOLD_ELSEWHERE]
    lines = [
        line(
            Span(padded("policy" if index == 0 else "", _LABEL), Style.FAINT),
            Span("denied" if reason.answer is Answer.DENY else reason.answer.value, _ANSWER_STYLE[reason.answer]),
            f"  {reason.text}",
            hang=_LABEL + 2,
        )
        for index, reason in enumerate(reasons)
    ]
    if item.ruling.people > 1 and item.plan.steps and not item.ruling.is_denied:
        lines.append(
            _row("" if lines else "policy", f"{counted(item.ruling.people, 'person', 'people')} must approve, whoever starts it included")
        )
    return lines


def _steps(item: Proposed, width: int | None) -> list[Line]:
    """The change of a single step; of several, each with its number."""
    steps = item.plan.steps
    diffs = (*item.diffs, *(Diff(),) * (len(steps) - len(item.diffs)))
    lines: list[Line] = []
    if len(steps) == 1:
        return _change(steps[0], diffs[0], width)
    digits = len(str(len(steps)))
    for number, (step, diff) in enumerate(zip(steps, diffs, strict=True), 1):
        if number > _MOST_STEPS and len(steps) > _MOST_STEPS + 1:
            lines.append(_row("", f"and {counted(len(steps) - _MOST_STEPS, 'more step')}: -o json"))
            break
        label = Span(padded("steps" if number == 1 else "", _LABEL), Style.FAINT)
        lines.append(line(label, Span(f"{number:>{digits}}  ", Style.FAINT), step.title, hang=_LABEL + digits + 2))
        lines += _fields(diff, _INNER + digits, width)
    return lines


def _change(step: Step, diff: Diff, width: int | None) -> list[Line]:
    change = step.change
    if isinstance(change, Wait):
        return [_row("change", f"none; waits until {change.until}")]
    if isinstance(change, Execute):
        import shlex

        return [_row("runs", shlex.join(change.argv), Style.STRONG, is_whole=True), *_unknown_diff(diff, _LABEL)]
    where = change.target
    name = f"{where.main}  ({where.subresource})" if where.subresource else str(where)
    fate = _fate(change)
    told = _fields(diff, _INNER, width)
    return [_row("change", f"{name}  ({fate})" if fate else name), *told]


def _fate(change: Change) -> str:
    """What becomes of the object as a whole."""
    match change:
        case Apply() if not change.target.uid:
            return "is created"
        case Delete():
            return "is deleted"
        case Evict():
            return "is evicted"
    return ""


def _fields(diff: Diff, indent: int, width: int | None) -> list[Line]:
    lines = [*_unknown_diff(diff, indent), *fields.rows(diff.asked, indent, width)]
    if diff.besides:
        lines.append(line(" " * indent, Span("changed besides by admission:", Style.MEDIUM), hang=indent))
        lines += fields.rows(diff.besides, indent + 2, width)
    return lines


def _unknown_diff(diff: Diff, indent: int) -> list[Line]:
    return [line(" " * indent, Span(f"diff unknown: {diff.unknown}", Style.UNKNOWN), hang=indent + 2)] if diff.unknown else []


def blast(found: BlastRadius) -> str:
    """`2 pods end · 1 workload · up to 67 % of it away at once`; empty where nothing is touched."""
    parts = []
    if found.nodes:
        parts.append(counted(found.nodes, "node"))
    if found.workloads:
        parts.append(counted(found.workloads, "workload"))
    if found.pods:
        parts.append(f"{counted(found.pods, 'pod')} {'ends' if found.pods == 1 else 'end'}")
    if found.share_ratio > 0:
        whose = "it" if found.workloads == 1 else "one workload"
        parts.append(f"up to {percent(found.share_ratio)} of {whose} away at once")
    return " · ".join(parts)


def _row(label: str, text: str, style: Style = Style.PLAIN, *, is_whole: bool = False) -> Line:
    return line(Span(padded(label, _LABEL), Style.FAINT), Span(text, style), hang=_LABEL, is_whole=is_whole)


def _rows(label: str, texts: tuple[str, ...], style: Style = Style.PLAIN) -> list[Line]:
    unique = tuple(dict.fromkeys(texts))
    rows = [_row(label if index == 0 else "", text, style) for index, text in enumerate(unique[:_MOST_LISTED])]
    if len(unique) > _MOST_LISTED:
        rows.append(_row("", f"and {len(unique) - _MOST_LISTED:,} more: -o json"))
    return rows
