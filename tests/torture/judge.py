"""What came of tortured runs: nothing lost, nothing done twice, nothing done unasked, and a history that agrees with all of it."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import msgspec

from daytwo.ledger.database import Ledger
from daytwo.ledger.events import Wanted, read_events
from daytwo.ledger.proof import prove
from daytwo.ledger.replay import replay
from daytwo.ledger.runs import find_run
from daytwo.model import json as pointers
from daytwo.model.change import Apply, Delete, Evict, FieldChange, Patch
from daytwo.model.json import Json
from daytwo.model.outcome import Status
from daytwo.model.remembered import Event
from daytwo.model.request import Request
from daytwo.model.run import Act, Run, RunState, StageRecord, StepState
from tests.servers.audit import Write, comparable, writes
from tests.servers.client import Object
from tests.servers.control_plane import ControlPlane
from tests.servers.history import History
from tests.torture.arena import OPERATOR


@dataclass(frozen=True)
class Tally:
    """What was counted: steps, attempts for them, stored writes, and writes that the audit log alone cannot tell."""

    steps: int = 0
    attempts: int = 0
    stored: int = 0
    perhaps: int = 0

    def __str__(self) -> str:
        return f"{self.steps} steps in {self.attempts} attempts, {self.stored} stored for certain and {self.perhaps} perhaps, none twice"

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(self.steps + other.steps, self.attempts + other.attempts, self.stored + other.stored, self.perhaps + other.perhaps)


def judge(plane: ControlPlane, history: History, ledger: Ledger, ids: Sequence[str], user: str = OPERATOR) -> Tally:
    """Raises AssertionError for whatever was lost, repeated, or done without an intent and enough approvals."""
    runs = [find_run(ledger, id) for id in ids]
    for run in runs:
        assert run.state is RunState.DONE, f"{run.id} is {run.state}: {run.waiting}; {failures(run)}"
        for record in run.stages:
            assert record.state is StepState.DONE, f"{run.id} step {record.number} is {record.state}: {record.detail}"
            assert all(attempt.outcome is not None for attempt in record.attempts), f"{run.id} step {record.number} forgot an attempt"
    _every_attempt_was_approved(runs)
    tally = _count(history, runs, list(writes_of(plane, runs, user)))
    events = list(_events(ledger))
    _each_intent_comes_before_its_outcome(events)
    told = replay(events)
    for run in runs:
        assert _comparable(told[run.id]) == _comparable(run), f"the events of {run.id} tell another story than its rows"
    assert prove(ledger).fault is None
    return tally


def failures(run: Run) -> list[str]:
    return [f"{record.number} {record.state}: {record.detail}" for record in run.stages if record.state is not StepState.DONE]


def _every_attempt_was_approved(runs: Iterable[Run]) -> None:
    for run in runs:
        approved = {approval.digest for approval in run.approvals}
        assert all(attempt.digest in approved for record in run.stages for attempt in record.attempts)


def _count(history: History, runs: Sequence[Run], found: Iterable[Write]) -> Tally:
    """Each write of the audit log belongs to an intent; each step was stored once, or not at all when it was so already."""
    steps = {(run.id, record.number): record for run in runs for record in run.stages}
    sent: dict[tuple[str, str, str], set[tuple[str, int]]] = defaultdict(set)
    for key, record in steps.items():
        for attempt in record.attempts:
            assert attempt.request is not None
            sent[_key(attempt.request)].add(key)
    stored: Counter[tuple[str, int]] = Counter()
    perhaps: Counter[tuple[str, int]] = Counter()
    namespaces = {
        record.stage.step.change.target.namespace
        for record in steps.values()
        if isinstance(record.stage, Act) and record.stage.step.change.target
    }
    for write in found:
        owners = sent.get((write.verb, write.path, write.body))
        assert owners, f"{write} was never intended: {write.body}"
        assert len(owners) == 1, f"{write} is of several steps: {owners}"
        (stored if write.is_stored else perhaps)[next(iter(owners))] += 1
    for key, record in steps.items():
        assert stored[key] <= 1, f"step {key} was stored {stored[key]} times: {record.attempts}"
        seen = times_seen(history, record)
        assert seen == 1, f"step {key} ({title(record)}) is {seen} times in the object's history"
        assert record.attempts, f"step {key} was done by nobody"
        assert stored[key] + perhaps[key] >= 1, f"step {key} was done by somebody else: {record}"
    assert namespaces
    return Tally(len(steps), sum(len(record.attempts) for record in steps.values()), stored.total(), perhaps.total())


def title(record: StageRecord) -> str:
    return record.stage.step.title if isinstance(record.stage, Act) else record.stage.title


def writes_of(plane: ControlPlane, runs: Sequence[Run], user: str = OPERATOR) -> Iterator[Write]:
    """Those on what these runs are about: other tests have their own."""
    paths = {
        record.stage.step.change.target.main.path
        for run in runs
        for record in run.stages
        if isinstance(record.stage, Act) and record.stage.step.change.target
    }
    for write in writes(plane.audited(), user):
        if any(write.path == path or write.path.startswith(f"{path}/") for path in paths):
            yield write


def _key(request: Request) -> tuple[str, str, str]:
    """A request as the audit log has it."""
    verb = {"PATCH": "patch", "POST": "create", "DELETE": "delete", "PUT": "update"}[request.method]
    return verb, request.path, comparable(json.loads(request.body))


def times_seen(history: History, record: StageRecord) -> int:
    """How often the change shows in the states that its object went through."""
    assert isinstance(record.stage, Act)
    change = record.stage.step.change
    assert change.target is not None
    target = change.target.main
    states = history.of(target.type.name, target.name, target.namespace)
    if isinstance(change, Delete | Evict):
        return int(any("deletionTimestamp" in state["metadata"] for state in states if state["metadata"]["uid"] == target.uid))
    if isinstance(change, Apply):
        has_it = [all(state["data"].get(key) == value for key, value in data_of(change).items()) for state in states]
        return _becomes([False, *has_it])
    assert isinstance(change, Patch)
    times = {_changes(states, field) for field in change.fields}
    assert len(times) == 1, f"the fields of one patch came apart: {times}"
    return times.pop()


def data_of(change: Apply) -> dict[str, Json]:
    """What a ConfigMap shall hold."""
    data = change.manifest["data"]
    assert isinstance(data, dict)
    return data


def _changes(states: Sequence[Object], field: FieldChange) -> int:
    """How often a field became what was wanted."""
    return _becomes([pointers.at(state, field.path) == field.new for state in states])


def _becomes(has_it: Sequence[bool]) -> int:
    return sum(not before and after for before, after in pairwise(has_it))


def _each_intent_comes_before_its_outcome(events: Iterable[Event]) -> None:
    open_: set[tuple[str, object, object]] = set()
    for event in events:
        key = (event.about, event.data.get("stage"), event.data.get("attempt"))
        if event.kind == "intent_recorded":
            assert key not in open_, f"{key} was intended twice"
            open_.add(key)
        elif event.kind == "outcome_recorded":
            assert key in open_, f"{key} has an outcome without an intent"


def unknown_outcomes(runs: Iterable[Run]) -> int:
    return sum(
        attempt.outcome is not None and attempt.outcome.status is Status.UNKNOWN
        for run in runs
        for record in run.stages
        for attempt in record.attempts
    )


def _events(ledger: Ledger) -> Iterator[Event]:
    with ledger.read() as connection:
        after = 0
        while page := read_events(connection, Wanted(after=after)):
            yield from page
            after = page[-1].seq


def _comparable(run: Run) -> Run:
    """Approvals have no order of their own, and times in a transaction differ by less than they are told with."""
    approvals = tuple(sorted(run.approvals, key=lambda approval: (approval.digest, approval.person.name)))
    return msgspec.structs.replace(run, approvals=approvals)
