"""What people say to runs: approvals, and signals such as cancel; acted on at once where no worker has the run, else by that worker."""

from datetime import datetime
from typing import NoReturn

from sqlalchemy import select

from daytwo.ledger.database import Ledger, Transaction
from daytwo.ledger.run_writing import RunWriting
from daytwo.ledger.runs import read_run
from daytwo.ledger.tables import run as table
from daytwo.model.digest import digest_of_undo
from daytwo.model.errors import UsageError
from daytwo.model.outcome import Outcome, Status
from daytwo.model.person import Person
from daytwo.model.run import Act, Command, Reply, Run, RunState, Signal, StageRecord, StepState, WaitKind


def give_approval(ledger: Ledger, id: str, digest: str, person: Person, why: str = "") -> Run:
    """This person's yes to exactly this digest; what takes that step back later is approved with it. Returns the run as it is then.

    UsageError when the run is over, or the person has said so before.
    """

    def approve(transaction: Transaction) -> Run:
        run = _locked(ledger, transaction, id)
        writing = RunWriting(transaction, id, person.name)
        if not writing.approve(digest, person, why):
            raise UsageError(f"{person.name} has approved this step of run {id} before; another person must")
        waiting = run.waiting
        if waiting is not None and waiting.kind is WaitKind.APPROVAL:
            for record in run.stages:
                if isinstance(record.stage, Act) and record.stage.undoes == waiting.stage and waiting.digest == digest:
                    writing.approve(digest_of_undo(record.number, digest), person, why)
            writing.wake("an approval was given")
        return _after(transaction, id)

    return ledger.transact(approve)


def send_signal(ledger: Ledger, id: str, command: Command, person: Person, why: str = "", reply: Reply | None = None) -> Run:
    """Tells a run to stop, pause or go on, or answers its question; `reply` is for that. Returns the run as it is then.

    Where a worker has the run, that worker acts on it before its next step. UsageError when it makes no sense for this run now.
    """

    def send(transaction: Transaction) -> Run:
        run = _locked(ledger, transaction, id)
        _check(run, command, reply)
        writing = RunWriting(transaction, id, person.name)
        sent = writing.send_signal(Signal(0, command, person, transaction.now(), why, reply))
        if run.state is not RunState.RUNNING:
            act_on(writing, run, sent)
        return _after(transaction, id)

    return ledger.transact(send)


def act_on(writing: RunWriting, run: Run, sent: Signal) -> None:
    """Does what a signal says, for a run that nothing is in flight for."""
    writing.take_signal(sent)
    if sent.command is Command.ANSWER:
        _answer(writing, run, sent)
    elif sent.command is Command.PAUSE:
        writing.pause()
    elif sent.command is Command.RESUME:
        if run.state is not RunState.RUNNING:
            writing.wake("somebody resumed it")
    else:
        end(writing, run, RunState.REJECTED if sent.command is Command.REJECT else RunState.CANCELLED)


def end(writing: RunWriting, run: Run, state: RunState) -> None:
    """The run is over, whatever was still to be done."""
    for record in run.stages:
        if record.state is StepState.PENDING or (record.state is StepState.STARTED and not isinstance(record.stage, Act)):
            writing.change_stage(record.number, StepState.SKIPPED, record.detail)
        elif record.state is StepState.STARTED:
            writing.change_stage(record.number, StepState.UNKNOWN, record.detail or "nobody saw its end")
    writing.finish(state)


def _answer(writing: RunWriting, run: Run, sent: Signal) -> None:
    """Goes on as a person says. What is known of the world is not asked again, except for `repeat`."""
    assert run.waiting is not None
    assert sent.reply is not None
    record = run.stages[run.waiting.stage]
    says = f"{sent.person} says {sent.reply.value}" + (f": {sent.why}" if sent.why else "")
    at = writing.transaction.now()
    _settle(writing, record, sent.reply, says, at)
    if sent.reply is Reply.REPEAT:
        state = StepState.APPLIED if record.state is StepState.APPLIED else StepState.PENDING
    elif sent.reply is Reply.DONE or (sent.reply is Reply.SKIP and record.state is StepState.APPLIED):
        state = StepState.DONE
    elif sent.reply is Reply.SKIP:
        state = StepState.UNKNOWN if record.state is StepState.STARTED else StepState.SKIPPED
    else:
        state = StepState.FAILED
    writing.change_stage(record.number, state, says)
    writing.wake(says)


def _settle(writing: RunWriting, record: StageRecord, reply: Reply, says: str, at: datetime) -> None:
    """Of an attempt that nobody knows the end of: what the person says, or that nobody knows."""
    if record.state is not StepState.STARTED or not record.attempts:
        return
    last = record.attempts[-1]
    if reply is Reply.DONE:
        writing.settle(record.number, last.number, Outcome(Status.DONE, at, says))
    elif last.outcome is None:
        writing.settle(record.number, last.number, Outcome(Status.UNKNOWN, at, says))


def _check(run: Run, command: Command, reply: Reply | None) -> None:
    waits_for = run.waiting.kind if run.waiting is not None else None
    if command is Command.ANSWER:
        if waits_for is not WaitKind.ANSWER:
            raise UsageError(f"run {run.id} asks nothing now; `daytwo runs show {run.id}` says where it stands")
        if reply is None:
            raise UsageError(f"an answer to run {run.id} is one of: {', '.join(Reply)}")
    if command is Command.PAUSE and run.state is RunState.PAUSED:
        raise UsageError(f"run {run.id} is paused already")
    if command is Command.RESUME:
        if run.state in (RunState.READY, RunState.RUNNING):
            raise UsageError(f"run {run.id} is not paused")
        if waits_for in (WaitKind.APPROVAL, WaitKind.ANSWER, WaitKind.TIMER):
            raise UsageError(f"run {run.id} is not paused, it waits for {_what(waits_for)}; `daytwo runs show {run.id}` says for which")


def _what(kind: WaitKind) -> str:
    return {WaitKind.APPROVAL: "an approval", WaitKind.ANSWER: "an answer"}.get(kind, "its timer")


def _locked(ledger: Ledger, transaction: Transaction, id: str) -> Run:
    """The run, kept from everybody else until the end of the transaction. UsageError when there is none or it is over."""
    transaction.connection.execute(select(table.c.id).where(table.c.id == id).with_for_update())
    found = read_run(transaction.connection, id)
    if found is None:
        raise UsageError(f"there is no run {id} in {ledger.place}; `daytwo runs list` shows those that there are")
    if found.state.is_over:
        _over(found)
    return found


def _over(run: Run) -> NoReturn:
    raise UsageError(f"run {run.id} is over ({run.state.value}); nothing of it can be changed any more")


def _after(transaction: Transaction, id: str) -> Run:
    found = read_run(transaction.connection, id)
    assert found is not None
    return found
