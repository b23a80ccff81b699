"""What somebody waits for, and whether an object has come to it: a status that speaks of an older spec does not count."""

import re
from dataclasses import dataclass
from typing import Final

import msgspec

from daytwo.domains.changes.json_path import JsonPath, parse_path
from daytwo.model.errors import UsageError, did_you_mean
from daytwo.model.json import Json
from daytwo.model.live import Live
from daytwo.model.outcome import Seen, Verification

DELETED: Final = "deleted"
CREATED: Final = "created"
READY: Final = "ready"
_WORDS: Final = (READY, DELETED, CREATED, "condition=NAME", "jsonpath={.status.phase}=VALUE")
_HINT: Final = "write ready, deleted, created, condition=NAME[=VALUE] or jsonpath={PATH}[=VALUE]"
_AS_KUBECTL: Final = {"delete": DELETED, "create": CREATED}
# What being ready is called, where it is not the condition Ready; a phase where there is no condition.
_READY_CONDITION: Final = {"Job": "Complete", "CustomResourceDefinition": "Established", "APIService": "Available", "Gateway": "Programmed"}
_READY_PHASE: Final = {"PersistentVolumeClaim": "Bound", "Namespace": "Active"}


@dataclass(frozen=True, slots=True)
class Until:
    """`word` is one of ready, deleted, created, condition, jsonpath; `name` of the condition, or `path`; `value` empty is any."""

    word: str
    name: str = ""
    value: str = ""
    path: JsonPath | None = None

    def __str__(self) -> str:
        if self.word == "condition":
            return f"{self.name} is {self.value}"
        if self.word == "jsonpath":
            return f"{self.name} is {self.value}" if self.value else f"{self.name} is there"
        return f"it is {self.word}"


def parse_until(text: str) -> Until:
    """`ready`, `deleted`, `condition=Available`, `condition=Ready=false`, `jsonpath={.status.phase}=Running`. Raises UsageError."""
    word, equals, rest = text.strip().partition("=")
    word = _AS_KUBECTL.get(word.lower(), word.lower())
    if word in (READY, DELETED, CREATED) and not equals:
        return Until(word)
    if word == "condition" and rest:
        name, _, value = rest.partition("=")
        return Until(word, name, value or "True")
    if word == "jsonpath" and rest:
        match = re.fullmatch(r"(\{[^}]*\}|[^={]+)(?:={1,2}(.+))?", rest.strip("'\""), re.DOTALL)
        if match is None:
            raise UsageError(f'--until: "{text}" is no path; {_HINT}')
        try:
            return Until(word, match[1].strip("{}"), match[2] or "", parse_path(match[1].strip("{}")))
        except ValueError as error:
            raise UsageError(f'--until: "{text}": {error}') from None
    raise UsageError(f'--until: "{text}" is nothing to wait for{did_you_mean(word, _WORDS)}; {_HINT}')


def look(until: Until, kind: str, live: Live | None, uid: str = "") -> Verification:
    """Whether it has come about for this object. `uid` is that of the object whose end is waited for."""
    if until.word == DELETED:
        if live is None or (uid and live.uid != uid):
            return Verification(Seen.DONE, "gone")
        finalizers = live.at("/metadata/finalizers")
        waits = f", and waits for its finalizers {_text(finalizers)}" if finalizers and live.is_terminating else ""
        return Verification(Seen.NOT_YET, f"is being deleted{waits}" if live.is_terminating else "nobody has deleted it")
    if live is None:
        return Verification(Seen.NOT_YET, "does not exist yet")
    if until.word == CREATED:
        return Verification(Seen.DONE, "exists")
    if until.word == "jsonpath":
        return _look_at_path(until, live)
    if until.word == READY and kind in _READY_PHASE:
        phase = live.text("/status/phase")
        return Verification(Seen.DONE if phase == _READY_PHASE[kind] else Seen.NOT_YET, f"its phase is {phase or 'not told'}")
    name = until.name if until.word == "condition" else _READY_CONDITION.get(kind, "Ready")
    return _look_at_condition(name, until.value or "True", kind, live)


def _look_at_condition(name: str, value: str, kind: str, live: Live) -> Verification:
    found = _condition(live, name)
    if found is None:
        return _failed(name, kind, live) or Verification(Seen.NOT_YET, f"has no condition {name}{_stale(live, None)}")
    status, reason = str(found.get("status")), str(found.get("reason") or "")
    told = f"{found.get('type')} is {status}{f' ({reason})' if reason else ''}"
    stale = _stale(live, found.get("observedGeneration"))
    if stale:
        return Verification(Seen.NOT_YET, told + stale, mark="unobserved")
    if status.lower() == value.lower():
        return Verification(Seen.DONE, told)
    return _failed(name, kind, live) or Verification(Seen.NOT_YET, told)


def _look_at_path(until: Until, live: Live) -> Verification:
    assert until.path is not None
    found = until.path.find(live.value)
    if len(found) > 1:
        return Verification(Seen.FAILED, f"{until.name} names {len(found)} values; make it name one")
    is_of_status = until.path.parts[:1] == ("status",)
    stale = _stale(live, None) if is_of_status else ""
    told = f"{until.name} is {_text(found[0])}" if found else f"{until.name} is not there"
    if stale:
        return Verification(Seen.NOT_YET, told + stale, mark="unobserved")
    is_met = bool(found) and found[0] is not None and (not until.value or _text(found[0]) == until.value)
    return Verification(Seen.DONE if is_met else Seen.NOT_YET, told)


def _failed(name: str, kind: str, live: Live) -> Verification | None:
    """What can never come about any more."""
    phase = live.text("/status/phase")
    if kind == "Pod" and name == "Ready" and phase in ("Succeeded", "Failed"):
        return Verification(Seen.FAILED, f"has ended: its phase is {phase}")
    failure = _condition(live, "Failed") if kind == "Job" and name == "Complete" else None
    if failure is not None and failure.get("status") == "True":
        return Verification(Seen.FAILED, f"has failed: {failure.get('reason') or 'no reason told'}")
    return None


def _condition(live: Live, name: str) -> dict[str, Json] | None:
    conditions = live.at("/status/conditions")
    for one in conditions if isinstance(conditions, list) else ():
        if isinstance(one, dict) and str(one.get("type")).lower() == name.lower():
            return one
    return None


def _stale(live: Live, observed: Json) -> str:
    """Why the status says nothing of the present spec; empty where it does, or where the kind does not tell."""
    if not isinstance(observed, int):
        observed = live.at("/status/observedGeneration")
    if isinstance(observed, int) and live.generation is not None and observed < live.generation:
        return ", but its controller has not looked at the latest change yet"
    return ""


def _text(value: Json) -> str:
    """As kubectl compares it: texts bare, all else as JSON."""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
