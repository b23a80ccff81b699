"""Change what a container of a workload requests and may use, and so roll out new pods.

Why: it is killed for memory, throttled, or holds what others need.
Undo: the requests and limits before; absent ones become absent again.
Source: https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/
"""

from collections.abc import Iterator

from daytwo.actions.rolling import containers, template
from daytwo.actions.rolling.containers import Place
from daytwo.catalog import Declaration
from daytwo.model.call import Call
from daytwo.model.change import FieldChange
from daytwo.model.errors import UsageError
from daytwo.model.facts import Facts, Needs
from daytwo.model.json import Json
from daytwo.model.outcome import Outcome, Verification
from daytwo.model.parameter import Parameter, ParameterType
from daytwo.model.plan import Plan
from daytwo.model.quantity import canonical, quantity
from daytwo.model.step import Step

ACTION = Declaration(
    kinds=template.KINDS,
    parameters=(
        Parameter("container", ParameterType.TEXT, "The container, an init container too; may be left out where there is only one."),
        Parameter(
            "requests",
            ParameterType.TEXTS,
            "What it is to request, such as cpu=250m or memory=256Mi; without an amount it requests none.",
            metavar="RESOURCE=AMOUNT",
        ),
        Parameter(
            "limits",
            ParameterType.TEXTS,
            "What it may use at most, such as memory=512Mi; without an amount it has no limit.",
            metavar="RESOURCE=AMOUNT",
        ),
    ),
    writes=template.WRITES,
    reads=template.READS,
)

_SECTIONS = ("requests", "limits")


def needs(call: Call) -> Needs:
    return Needs(objects=(template.target_of(call),))


def plan(call: Call, facts: Facts) -> Plan:
    wanted = {section: _wanted(call, section) for section in _SECTIONS}
    if not any(wanted.values()):
        raise UsageError("nothing is to be changed; write for example --requests cpu=250m --limits memory=512Mi")
    live = template.found(call, facts)
    target = template.target_of(call)
    place = _place(call, tuple(containers.places(live)))
    changes = tuple(_changes(place, wanted))
    title = f"set the resources of container {place.name} of {target}"
    if not changes:
        return Plan(call, title, already=f"container {place.name} of {target} has these requests and limits")
    _refuse_requests_above_limits(place, wanted)
    told = ", ".join(f"{_name(field)} {_amount(field.new)}" for field in changes)
    before = ", ".join(f"{_name(field)} {_amount(field.old)}" for field in changes)
    return template.plan(call, live, f"{title}: {told}", changes, (place.guard,), undo=f"set {before}")


def watch(step: Step) -> Needs:
    return template.watch(step)


def verify(step: Step, done: Outcome, facts: Facts) -> Verification:
    return template.verify(step, done, facts)


def undo(step: Step, done: Outcome) -> Step | None:
    return template.undo(step, f"set the resources of {template.changed(step).target} back")


def _place(call: Call, known: tuple[Place, ...]) -> Place:
    name, target = call.text("container"), template.target_of(call)
    if name:
        return containers.place(target, known, name)
    if len(known) > 1:
        raise UsageError(f"{target} has {len(known)} containers; write --container with one of {', '.join(one.name for one in known)}")
    return known[0]


def _wanted(call: Call, section: str) -> dict[str, str | None]:
    """Each resource with its amount in the form that the API server keeps; None is to be absent."""
    wanted: dict[str, str | None] = {}
    for text in (part for given in call.texts(section) for part in given.split(",")):
        name, equals, amount = text.partition("=")
        if not name or not equals:
            raise UsageError(f'--{section}: "{text}" is no resource with its amount; write for example cpu=250m or memory=256Mi')
        try:
            wanted[name] = canonical(amount) if amount else None
        except ValueError as error:
            raise UsageError(f"--{section} {name}: {error}") from error
    return wanted


def _changes(place: Place, wanted: dict[str, dict[str, str | None]]) -> Iterator[FieldChange]:
    for section in _SECTIONS:
        for name, amount in wanted[section].items():
            now = _now(place, section).get(name)
            if not _is_same(now, amount):
                yield FieldChange(place.path("resources", section, name), old=now, new=amount)


def _refuse_requests_above_limits(place: Place, wanted: dict[str, dict[str, str | None]]) -> None:
    """As the API server would, in words that say what to do."""
    requests, limits = ({**_now(place, section), **wanted[section]} for section in _SECTIONS)
    for name, request in requests.items():
        limit = limits.get(name)
        if isinstance(request, str) and isinstance(limit, str) and quantity(request) > quantity(limit):
            raise UsageError(f"{name}: the request {request} would be above the limit {limit}; change both, or write {name}= for no limit")


def _now(place: Place, section: str) -> dict[str, Json]:
    resources = place.value.get("resources")
    found = resources.get(section) if isinstance(resources, dict) else None
    return found if isinstance(found, dict) else {}


def _is_same(now: Json, amount: str | None) -> bool:
    return now == amount or (isinstance(now, str) and amount is not None and quantity(now) == quantity(amount))


def _name(field: FieldChange) -> str:
    *_, section, name = field.path.replace("~1", "/").rsplit("/resources/", 1)[1].split("/", 1)
    return f"{name} {section.removesuffix('s')}"


def _amount(value: Json) -> str:
    return "none" if value is None else str(value)
