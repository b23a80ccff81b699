"""Fields by JSON patch: what it writes, what it leaves, and that it is accepted once and only on what it was planned on."""

import json
from copy import deepcopy
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from daytwo.actions.forms import patch
from daytwo.model.change import FieldChange, Guard, Patch
from daytwo.model.json import Object, pointer
from daytwo.model.live import Live
from daytwo.model.standing import Stand
from daytwo.model.target import ResourceType, Target
from tests.actions.forms.json_patch import Refused, carry_out
from tests.servers.client import ApiError
from tests.servers.control_plane import ControlPlane

KEYS = st.sampled_from(["a", "b", "c", "a/b", "~", "~1", "0", "x y", "ä"])
LEAVES = st.one_of(st.booleans(), st.integers(-5, 5), st.sampled_from([0.5, 3.5]), st.sampled_from(["", "0", "true", "text"]))
VALUES = st.recursive(LEAVES, lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)), max_leaves=8)
SPECS = st.dictionaries(KEYS, VALUES, max_size=4)
WIDGET = ResourceType("test.daytwo.dev", "v1", "widgets", "Widget")


@st.composite
def changes(draw: st.DrawFn) -> tuple[Live, Patch]:
    """An object, and a patch of one to four of its fields: present or absent, in maps and in lists."""
    spec = draw(SPECS)
    live = Live({"metadata": {"uid": "u-1", "resourceVersion": "7", "name": "w"}, "spec": spec})
    fields: dict[str, FieldChange] = {}
    for _ in range(draw(st.integers(1, 4))):
        place, value = ["spec"], cast(Any, spec)
        while True:
            is_list = isinstance(value, list)
            part = str(draw(st.integers(0, len(value) - 1))) if is_list else draw(KEYS)
            place.append(part)
            found = value[int(part)] if is_list else value.get(part)
            if found is None and draw(st.booleans()):
                place.append(draw(KEYS))
            if not found or not isinstance(found, dict | list) or draw(st.booleans()):
                break
            value = found
        path = pointer(*place)
        new = draw(VALUES if isinstance(live.at(pointer(*place[:-1])), list) else st.one_of(st.none(), VALUES))
        fields[path] = FieldChange(path, old=live.at(path), new=new)
    chosen = [field for field in fields.values() if not any(_within(field.path, other) or _within(other, field.path) for other in fields)]
    assume(chosen)
    return live, Patch(Target(WIDGET, "shop", "w", "u-1"), tuple(chosen))


@given(changes())
def test_what_is_asked_for_is_written_and_nothing_else(made: tuple[Live, Patch]) -> None:
    """The new values stand, and with the old ones put back the object is as it was, but for maps left empty."""
    live, change = made
    assume(patch.standing(change, live).stand is Stand.OPEN)
    after = _sent(change, live)
    for field in change.fields:
        assert after.at(field.path) == field.new
    assert patch.standing(change, after).stand is Stand.DONE
    assert patch.lost(change, after) == ""
    back = patch.inverse(change)
    assert patch.standing(back, after).stand is Stand.OPEN
    restored = _sent(back, after)
    assert _without_empty(restored.value["spec"]) == _without_empty(live.value["spec"])
    assert patch.standing(back, restored).stand is Stand.DONE


@given(changes())
def test_sent_twice_it_is_accepted_once(made: tuple[Live, Patch]) -> None:
    """Also where a field has its old value again: the resourceVersion has moved."""
    live, change = made
    assume(patch.standing(change, live).stand is Stand.OPEN)
    operations = json.loads(patch.request(change, live).body)
    with pytest.raises(Refused):
        carry_out(operations, _sent(change, live).value)
    with pytest.raises(Refused):
        carry_out(operations, _moved(live).value)


@given(changes(), st.data())
def test_it_is_refused_where_anything_differs_that_it_was_planned_on(made: tuple[Live, Patch], data: st.DataObject) -> None:
    """Another uid, another value in a field or a guard: neither we nor the API server take it for what was planned on."""
    live, change = made
    assume(patch.standing(change, live).stand is Stand.OPEN)
    other = deepcopy(live.value)
    field = data.draw(st.sampled_from(change.fields))
    *way, last = field.path.split("/")[1:]
    parent: Any = other
    for part in (part.replace("~1", "/").replace("~0", "~") for part in way):
        if isinstance(parent, dict):
            assume(part in parent)
        parent = parent[int(part)] if isinstance(parent, list) else parent[part]
    parent[int(last) if isinstance(parent, list) else last.replace("~1", "/").replace("~0", "~")] = "somebody else's"
    with pytest.raises(Refused):
        carry_out(json.loads(patch.request(change, live).body), other)
    assume(field.new != "somebody else's")
    assert patch.standing(change, Live(other)).stand is Stand.DIFFERS
    replaced = deepcopy(live.value)
    replaced["metadata"]["uid"] = "u-2"  # type: ignore[call-overload,index]
    assert patch.standing(change, Live(replaced)).stand is Stand.REPLACED
    with pytest.raises(Refused):
        carry_out(json.loads(patch.request(change, live).body), replaced)


@pytest.mark.cluster
def test_the_api_server_carries_it_out_as_these_tests_do(control_plane: ControlPlane, namespace: str) -> None:
    """The very bytes, on objects of a kind that may hold any JSON; and a second time they are refused."""
    client = control_plane.client()
    client.create(_definition())
    client.wait_for("CustomResourceDefinition", "widgets.test.daytwo.dev", "", _is_established)
    number = iter(range(10_000))

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
    @given(changes())
    def check(made: tuple[Live, Patch]) -> None:
        specimen, change = made
        assume(patch.standing(change, specimen).stand is Stand.OPEN)
        name = f"w-{next(number)}"
        live = Live(
            client.create(
                {
                    "apiVersion": "test.daytwo.dev/v1",
                    "kind": "Widget",
                    "metadata": {"name": name, "namespace": namespace},
                    "spec": specimen.value["spec"],
                }
            )
        )
        real = Patch(Target(WIDGET, namespace, name, live.uid), change.fields)
        assert patch.standing(real, live).stand is Stand.OPEN
        request = patch.request(real, live)
        operations = json.loads(request.body)
        answer = client.request("PATCH", request.path, operations, dict(request.query), request.content_type)
        assert answer["spec"] == carry_out(operations, live.value)["spec"]
        assert patch.standing(real, Live(answer)).stand is Stand.DONE
        if answer["metadata"]["resourceVersion"] != live.resource_version:
            with pytest.raises(ApiError) as refused:
                client.request("PATCH", request.path, operations, dict(request.query), request.content_type)
            assert refused.value.code == 422

    try:
        check()
    finally:
        client.delete("CustomResourceDefinition", "widgets.test.daytwo.dev")


ABSENT: Object = {"metadata": {"uid": "u-1", "resourceVersion": "7"}, "spec": {}}


@pytest.mark.parametrize(
    ("spec", "fields", "written"),
    [
        ({}, {"/spec/a/b/c": 1, "/spec/a/b/d": 2}, {"a": {"b": {"c": 1, "d": 2}}}),
        ({}, {"/spec/a/b/c": 1, "/spec/a/d": 2, "/spec/e": 3}, {"a": {"b": {"c": 1}, "d": 2}, "e": 3}),
        ({"a": {}}, {"/spec/a/x~1y": 1, "/spec/a/x~0y": 2}, {"a": {"x/y": 1, "x~y": 2}}),
        ({"list": [{"image": "a"}, {"image": "b"}]}, {"/spec/list/1/image": "c"}, {"list": [{"image": "a"}, {"image": "c"}]}),
        ({"list": [1, 2]}, {"/spec/list": [1]}, {"list": [1]}),
        ({"a": 1, "b": 2}, {"/spec/a": None, "/spec/b": None}, {}),
        ({"a": {"b": 1}}, {"/spec/a/b": None, "/spec/a/c": 2}, {"a": {"c": 2}}),
    ],
    ids=["two below one absent parent", "depths", "escapes", "within a list", "a whole list", "removals", "removal beside an addition"],
)
def test_shapes(spec: dict[str, Any], fields: dict[str, Any], written: dict[str, Any]) -> None:
    """The branches that are missing are added once, whatever fields share them."""
    live = Live({**ABSENT, "spec": spec})
    change = _patch(*(FieldChange(path, old=live.at(path), new=new) for path, new in fields.items()))
    assert _sent(change, live).value["spec"] == written


@pytest.mark.parametrize("path", ["/spec/list/2", "/spec/list/-", "/spec/text/x"])
def test_what_a_patch_cannot_say_safely_is_an_error(path: str) -> None:
    """An element added by its index means another place after somebody else has added one."""
    live = Live({**ABSENT, "spec": {"list": [1, 2], "text": "t"}})
    with pytest.raises(ValueError, match="spec/"):
        patch.request(_patch(FieldChange(path, new="x")), live)


def test_an_element_of_a_list_is_never_removed_by_its_index() -> None:
    """The index may name another by then."""
    live = Live({**ABSENT, "spec": {"list": [1, 2]}})
    with pytest.raises(ValueError, match="with its whole list"):
        patch.request(_patch(FieldChange("/spec/list/0", old=1)), live)


def test_a_field_within_another_is_an_error() -> None:
    """Which of them would win is nobody's to guess."""
    live = Live({**ABSENT, "spec": {"a": {"b": 1}}})
    fields = FieldChange("/spec/a", old={"b": 1}, new={}), FieldChange("/spec/a/b", old=1, new=2)
    with pytest.raises(ValueError, match="/spec/a/b is changed twice: it lies within /spec/a"):
        patch.request(_patch(*fields), live)


@pytest.mark.parametrize(("found", "old"), [(3, 3.0), ("80", 80), (True, 1), (1, True), (0, False), ([], {})])
def test_values_are_compared_as_the_api_server_does(found: Any, old: Any) -> None:
    """What looks alike to Python is refused by a `test`."""
    live = Live({**ABSENT, "spec": {"x": found}})
    assert patch.standing(_patch(FieldChange("/spec/x", old=old, new="new")), live).stand is Stand.DIFFERS


def test_zero_that_the_api_server_leaves_out_counts_as_written() -> None:
    """A Scale of no replicas has no field `replicas`; taking that back asks for what stands there."""
    change = _patch(FieldChange("/spec/replicas", old=3, new=0))
    stored = Live(ABSENT)
    assert patch.standing(change, stored).stand is Stand.DONE
    back = patch.inverse(change)
    assert patch.standing(back, stored).stand is Stand.OPEN
    assert _sent(back, stored).value["spec"] == {"replicas": 3}


def test_absent_is_not_taken_for_false_that_was_never_written() -> None:
    """Where the field was absent before, absent is where it began."""
    assert patch.standing(_patch(FieldChange("/spec/x", old=None, new=False)), Live(ABSENT)).stand is Stand.OPEN


def test_a_guard_holds_until_done_or_for_good() -> None:
    """The revision moves with the change; the name of the container does not."""
    lasting, moving = Guard("/spec/name", "app"), Guard("/spec/revision", "3", until_done=True)
    change = Patch(Target(WIDGET, "shop", "w", "u-1"), (FieldChange("/spec/x", old=1, new=2),), (lasting, moving))

    def stand(**spec: Any) -> Stand:
        return patch.standing(change, Live({**ABSENT, "spec": spec})).stand

    assert stand(name="app", revision="3", x=1) is Stand.OPEN
    assert stand(name="app", revision="4", x=1) is Stand.DIFFERS
    assert stand(name="app", revision="4", x=2) is Stand.DONE
    assert stand(name="other", revision="3", x=2) is Stand.DIFFERS
    assert patch.inverse(change).guards == (lasting,)
    operations = json.loads(patch.request(change, Live({**ABSENT, "spec": {"name": "app", "revision": "3", "x": 1}})).body)
    assert {"op": "test", "path": "/spec/revision", "value": "3"} in operations


def test_what_the_dry_run_stores_is_what_is_waited_for() -> None:
    """Admission may write another value than was asked for."""
    change = _patch(FieldChange("/spec/memory", old="1Gi", new="1024Mi"))
    stored = Live({**ABSENT, "spec": {"memory": "2Gi"}})
    assert patch.lost(change, stored) == '/spec/memory was set to "2Gi" meanwhile'
    assert patch.lost(patch.as_stored(change, stored), stored) == ""


SECRET = "correct-horse-battery"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("/spec/env/0", {"name": "DB_PASSWORD", "value": SECRET}),
        ("/spec/args", ["--password", SECRET]),
        ("/spec/annotations/api-token", SECRET),
    ],
)
def test_what_stands_there_is_told_without_its_secrets(path: str, value: Any) -> None:
    """Somebody else's secret is no more to be shown than ours."""
    live = Live({**ABSENT, "spec": {"env": [value], "args": value, "annotations": {"api-token": value}}})
    change = _patch(FieldChange(path, old="before", new="after"))
    for said in (patch.standing(change, live).detail, patch.lost(change, live)):
        assert path in said
        assert SECRET not in said


def test_a_change_without_its_secrets_is_never_sent() -> None:
    """What the ledger holds of it would write the mask into the object."""
    masked: Object = {"name": "DB_PASSWORD", "value": "‹masked›"}
    live = Live({**ABSENT, "spec": {"env": masked}})
    for change in (_patch(FieldChange("/spec/env", old=masked, new=None)), _patch(FieldChange("/spec/env", old=None, new=masked))):
        assert patch.standing(change, live).stand is Stand.DIFFERS
        assert patch.standing(change, live).detail == "what it changes is secret and was not written down"


def _patch(*fields: FieldChange) -> Patch:
    return Patch(Target(WIDGET, "shop", "w", "u-1"), fields)


def _sent(change: Patch, live: Live) -> Live:
    return _moved(Live(carry_out(json.loads(patch.request(change, live).body), live.value)))


def _moved(live: Live) -> Live:
    after = deepcopy(live.value)
    after["metadata"]["resourceVersion"] = str(int(live.resource_version) + 1)  # type: ignore[call-overload,index]
    return Live(after)


def _within(path: str, other: str) -> bool:
    return path != other and path.startswith(other + "/")


def _without_empty(value: Any) -> Any:
    if isinstance(value, dict):
        found = {key: _without_empty(one) for key, one in value.items()}
        return {key: one for key, one in found.items() if one != {}}
    if isinstance(value, list):
        return [_without_empty(one) for one in value]
    return value


def _is_established(definition: dict[str, Any]) -> bool:
    conditions = definition.get("status", {}).get("conditions") or ()
    return any(condition["type"] == "Established" and condition["status"] == "True" for condition in conditions)


def _definition() -> dict[str, Any]:
    schema = {"type": "object", "properties": {"spec": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "widgets.test.daytwo.dev"},
        "spec": {
            "group": "test.daytwo.dev",
            "names": {"plural": "widgets", "singular": "widget", "kind": "Widget", "listKind": "WidgetList"},
            "scope": "Namespaced",
            "versions": [{"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}],
        },
    }
