"""Runs as text: the list, one run whole, and the line that says what is true now."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from daytwo.model.change import Wait
from daytwo.model.moment import duration
from daytwo.model.run import Act, Run, RunState, Stage, StageRecord, StepState, Waiting, WaitKind
from daytwo.render.clock import Clock
from daytwo.render.page import Line, Span, Style, columns, lay_out, line, padded

_STATE_STYLE: Final = {
    RunState.DONE: Style.PLAIN,
    RunState.FAILED: Style.CRITICAL,
    RunState.REJECTED: Style.MEDIUM,
    RunState.CANCELLED: Style.MEDIUM,
    RunState.WAITING: Style.STRONG,
    RunState.PAUSED: Style.STRONG,
    RunState.RUNNING: Style.STRONG,
    RunState.READY: Style.STRONG,
}
_STEP_STYLE: Final = {
    StepState.FAILED: Style.CRITICAL,
    StepState.UNKNOWN: Style.UNKNOWN,
    StepState.STARTED: Style.STRONG,
    StepState.APPLIED: Style.STRONG,
    StepState.PENDING: Style.FAINT,
    StepState.SKIPPED: Style.FAINT,
}
# As a person says it: what the API server stored is not done before it has come about.
STEP_WORD: Final = {StepState.APPLIED: "applied", StepState.STARTED: "sending"}
_LABEL: Final = 10


def listing(runs: Sequence[Run], clock: Clock, *, width: int | None, is_coloured: bool) -> str:
    """One run a row, the newest first: id, state, when, who, where, what, and what it waits for."""
    rows = [(run.id, run.state.value, clock.time(run.created_at), run.actor.name, run.cluster_name, run) for run in runs]
    widths = [max(columns(word), *(columns(str(row[index])) for row in rows)) for index, word in enumerate(_HEADS)] if rows else []
    lines = [line(Span("  ".join(map(padded, _HEADS, widths)) + "  WHAT", Style.FAINT))]
    for id, state, at, who, where, run in rows:
        lines.append(
            line(
                Span(padded(id, widths[0]), Style.STRONG),
                "  ",
                Span(padded(state, widths[1]), _STATE_STYLE[run.state]),
                f"  {padded(at, widths[2])}  {padded(who, widths[3])}  {padded(where, widths[4])}  {run.title}",
                Span(f": {waits_for(run, clock)}" if waits_for(run, clock) else "", _STATE_STYLE[run.state]),
                hang=6,
            )
        )
    return lay_out(lines, width=width, is_coloured=is_coloured)


_HEADS: Final = ("RUN", "STATE", "STARTED", "BY", "CLUSTER")


def run(run: Run, clock: Clock, *, width: int | None, is_coloured: bool, program: str = "daytwo") -> str:
    """One run whole: where it stands, each stage with its outcome, who approved, what next."""
    lines = [
        line(
            Span(run.id, Style.STRONG), "  ", Span(run.state.upper(), _STATE_STYLE[run.state]), "  ", Span(run.title, Style.STRONG), hang=4
        ),
        line(f"{run.cluster_name or run.cluster} · by {run.actor} · {_times(run, clock)}", hang=2),
        Line(),
    ]
    if run.why:
        lines.append(_row("why", run.why))
    if run.undoes:
        lines.append(_row("undoes", f"run {run.undoes}"))
    waits = waits_for(run, clock)
    if waits:
        lines.append(_row("waits", waits, Style.STRONG))
    lines += _stages(run.stages, clock)
    lines += _approvals(run, clock)
    lines += [_row("next" if index == 0 else "", each, Style.STRONG) for index, each in enumerate(commands(run, program))]
    return lay_out(lines, width=width, is_coloured=is_coloured)


def ending(run: Run, *, width: int | None, is_coloured: bool, program: str = "daytwo") -> str:
    """What is true now, the run's id, and the next command."""
    acts = [record for record in run.stages if isinstance(record.stage, Act)]
    lines: list[Line] = []
    told = [record for record in acts if record.state not in (StepState.DONE, StepState.PENDING)]
    told = told or [record for record in acts if record.state is StepState.DONE][-1:]
    state = Span(run.state.upper(), _STATE_STYLE[run.state] or Style.STRONG)
    lines.append(line(state, "  ", Span(run.title, Style.STRONG), Span(f"  run {run.id}", Style.FAINT), hang=2))
    for record in told:
        detail = record.detail or record.state.value
        lines.append(line("  ", f"{_subject(record)}: {detail}" if len(acts) > 1 else detail, hang=4))
    undone = sum(record.state is StepState.PENDING for record in acts)
    if undone and run.state.is_over:
        lines.append(line(f"  {undone} of {len(acts)} steps were not started", hang=4))
    if run.waiting is not None and not run.state.is_over:
        lines.append(line(f"  waits for {run.waiting.text}", hang=4))
    lines += [line("  ", Span(each, Style.STRONG), hang=4, is_whole=True) for each in commands(run, program)]
    return lay_out(lines, width=width, is_coloured=is_coloured)


def now(run: Run, clock: Clock) -> str:
    """Where a run stands, in one line without its id: what is being done, and how far it is."""
    if run.waiting is not None and run.state is RunState.WAITING:
        return waits_for(run, clock)
    record = next((each for each in run.stages if each.state not in (StepState.DONE, StepState.SKIPPED)), None)
    if record is None or run.state.is_over:
        return run.state.value
    place = f"{record.number + 1} of {len(run.stages)}: " if len(run.stages) > 1 else ""
    detail = record.detail or STEP_WORD.get(record.state, "")
    return f"{place}{title_of(record.stage)}" + (f" · {detail}" if detail else "")


def waits_for(run: Run, clock: Clock) -> str:
    """What a run waits for: a person, a time, a lock, the brakes; empty when nothing."""
    if run.state.is_over or run.waiting is None:
        return ""
    return _waits(run.waiting, clock)


def commands(run: Run, program: str = "daytwo") -> tuple[str, ...]:
    """What a person may do about it next."""
    if run.state is RunState.DONE:
        acts = [record.stage for record in run.stages if isinstance(record.stage, Act)]
        is_taken_back = any(act.undoes is not None for act in acts)
        return (f"{program} undo {run.id}",) if any(act.step.undo for act in acts) and not run.undoes and not is_taken_back else ()
    if run.state is RunState.FAILED:
        is_changed = any(record.stored is not None and changes_something(record.stage) for record in run.stages)
        return (f"{program} runs show {run.id}", *((f"{program} undo {run.id}",) if is_changed else ()))
    if run.state is RunState.PAUSED:
        return (f"{program} runs resume {run.id}",)
    if run.state.is_over or run.state is RunState.RUNNING:
        return ()
    kind = run.waiting.kind if run.waiting is not None else None
    if kind is WaitKind.APPROVAL:
        return (f"{program} runs approve {run.id}", f"{program} runs reject {run.id}")
    if kind is WaitKind.ANSWER:
        return (f"{program} runs answer {run.id} done|repeat|skip|fail",)
    return (f"{program} runs work {run.id}",)


def changes_something(stage: Stage) -> bool:
    return isinstance(stage, Act) and not isinstance(stage.step.change, Wait)


def title_of(stage: Stage) -> str:
    if not isinstance(stage, Act):
        return stage.title
    return f"take back: {stage.step.title}" if stage.undoes is not None else stage.step.title


def _waits(waiting: Waiting, clock: Clock) -> str:
    if waiting.until is None:
        return waiting.text
    when = f"due {clock.due(waiting.until)}" if waiting.until > clock.now else f"was due {clock.due(waiting.until)}"
    return f"{waiting.text}, {when}" if waiting.text else when


def _times(run: Run, clock: Clock) -> str:
    started = f"started {clock.full(run.created_at)}"
    if run.finished_at is not None:
        took = run.finished_at - run.created_at
        return f"{started} · took {duration(took) if took.total_seconds() >= 1 else 'less than 1 s'}"
    return f"{started}, {clock.age(run.created_at)} ago"


def _stages(records: Iterable[StageRecord], clock: Clock) -> list[Line]:
    lines: list[Line] = []
    found = tuple(records)
    digits = len(str(len(found)))
    words = [STEP_WORD.get(record.state, record.state.value) for record in found]
    width = max(map(len, words), default=0)
    for record, word in zip(found, words, strict=True):
        at = _finished(record, clock)
        lines.append(
            line(
                Span(padded("steps" if record.number == 0 else "", _LABEL), Style.FAINT),
                Span(f"{record.number + 1:>{digits}}  ", Style.FAINT),
                Span(padded(word, width), _STEP_STYLE.get(record.state, Style.PLAIN)),
                f"  {title_of(record.stage)}",
                Span(f"  {at}" if at else "", Style.FAINT),
                hang=_LABEL + digits + width + 4,
            )
        )
        indent = " " * (_LABEL + digits + width + 4)
        if record.detail:
            lines.append(line(indent, Span(record.detail, _STEP_STYLE.get(record.state, Style.PLAIN)), hang=len(indent) + 2))
        for attempt in record.attempts:
            if len(record.attempts) > 1 or (attempt.outcome is None and record.state is not StepState.STARTED):
                ended = f"{attempt.outcome.status.value}  {attempt.outcome.detail}" if attempt.outcome else "no outcome was recorded"
                text = f"attempt {attempt.number} at {clock.time(attempt.at, seconds=True)}: {ended}"
                lines.append(line(indent, Span(text.rstrip(), Style.FAINT), hang=len(indent) + 2))
    return lines


def _finished(record: StageRecord, clock: Clock) -> str:
    if record.finished_at is not None:
        return clock.time(record.finished_at, seconds=True)
    return f"due {clock.due(record.due_at)}" if record.due_at is not None and record.state is StepState.PENDING else ""


def _approvals(run: Run, clock: Clock) -> list[Line]:
    """Each person once, with when they first approved."""
    first: dict[str, datetime] = {}
    for approval in run.approvals:
        first.setdefault(str(approval.person), approval.at)
    rows = [f"{person}  {clock.time(at, seconds=True)}" for person, at in first.items()]
    return [_row("approved" if index == 0 else "", row) for index, row in enumerate(rows)]


def _subject(record: StageRecord) -> str:
    return title_of(record.stage)


def _row(label: str, text: str, style: Style = Style.PLAIN) -> Line:
    return line(Span(padded(label, _LABEL), Style.FAINT), Span(text, style), hang=_LABEL)
