"""Laws of applying: what a manifest says stands afterwards, what it does not say stays, and the way back is as long as the way there."""

from typing import cast

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from daytwo.actions.forms import apply
from daytwo.domains.changes.place import assembled, leaves
from daytwo.model.change import Apply
from daytwo.model.json import Json, Object
from daytwo.model.live import Live
from daytwo.model.standing import Stand
from daytwo.model.target import built_in

TARGET = built_in("Pod", "shop", "web")
NAMES = st.sampled_from(["a", "b", "c"])
TEXTS = st.sampled_from(["1", "1.0", "1.10", "1.1", "x"])
ENV = st.dictionaries(NAMES, TEXTS, min_size=1, max_size=3).map(lambda found: [{"name": k, "value": v} for k, v in found.items()])
CONTAINER = st.fixed_dictionaries({"image": TEXTS}, optional={"env": ENV, "args": st.lists(TEXTS, min_size=1, max_size=2)})
CONTAINERS = st.dictionaries(NAMES, CONTAINER, min_size=1, max_size=3)
LABELS = st.dictionaries(NAMES, TEXTS, min_size=1, max_size=3)


def _pod(containers: dict[str, Object], labels: dict[str, Json]) -> Object:
    listed: list[Json] = [{"name": name, **one} for name, one in containers.items()]
    metadata: Object = {"name": "web", "namespace": "shop", "labels": {**labels}}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {"containers": listed}}


PODS = st.builds(_pod, CONTAINERS, LABELS)


def stored(value: Object, version: str = "7") -> Live:
    return Live({**value, "metadata": {**cast(Object, value["metadata"]), "uid": "u", "resourceVersion": version}})


def merged(live: Live, manifest: Object) -> Live:
    """What the API server makes of it: every leaf of the manifest in its place, the others as they were."""
    return Live(assembled({**dict(leaves("Pod", live.value)), **dict(leaves("Pod", manifest))}.items()))


def same(one: Live, other: Live) -> bool:
    return dict(leaves("Pod", one.value)) == dict(leaves("Pod", other.value))


@given(PODS)
def test_leaves_make_the_object_that_they_are_of(value: Object) -> None:
    """Taken apart and put together again."""
    assert assembled(leaves("Pod", value)) == value


@given(PODS, PODS)
def test_an_apply_is_open_before_and_done_after(before: Object, manifest: Object) -> None:
    """Unless it is done already; and in between it can be sent, with the object's uid and version."""
    live = stored(before)
    change = apply.change(TARGET, manifest, live)
    after = merged(live, change.manifest)
    assert apply.standing(change, live).stand is (Stand.DONE if same(live, after) else Stand.OPEN)
    assert apply.standing(change, after).stand is Stand.DONE
    body = msgspec.json.decode(apply.request(change, live).body)
    assert (body["metadata"].pop("uid"), body["metadata"].pop("resourceVersion")) == ("u", "7")
    assert body == manifest


@given(PODS, PODS)
def test_the_way_back_is_open_after_and_done_before(before: Object, manifest: Object) -> None:
    """What comes out again is what stood there, and nothing that did not."""
    live = stored(before)
    change = apply.change(TARGET, manifest, live)
    back = apply.inverse(change)
    after = merged(live, change.manifest)
    assert apply.standing(back, after).stand is (Stand.DONE if same(live, after) else Stand.OPEN)
    assert apply.standing(back, live).stand is Stand.DONE
    there = dict(leaves("Pod", live.value))
    assert all(there[place] == value for place, value in leaves("Pod", back.manifest))
    assert apply.lost(back, live) == ""


@given(PODS, PODS, PODS)
def test_an_apply_stands_on_nothing_but_what_it_was_planned_on(before: Object, manifest: Object, other: Object) -> None:
    """On another state it is open only where the fields that it is about are as they were."""
    live, elsewhere = stored(before), stored(other, "8")
    change = apply.change(TARGET, manifest, live)
    if apply.standing(change, elsewhere).stand is Stand.OPEN:
        here, there = dict(leaves("Pod", live.value)), dict(leaves("Pod", elsewhere.value))
        assert all(here.get(place) == there.get(place) for place, _ in leaves("Pod", change.manifest))


@pytest.mark.parametrize(
    ("live", "stand"),
    [(None, Stand.GONE), (Live({"metadata": {"uid": "other"}}), Stand.REPLACED)],
)
def test_another_object_is_never_changed(live: Live | None, stand: Stand) -> None:
    """Gone, or made anew under the same name."""
    change = Apply(msgspec.structs.replace(TARGET, uid="u"), {"kind": "Pod"})
    assert apply.standing(change, live).stand is stand


def test_what_only_we_had_applied_goes_with_the_next_apply() -> None:
    """And what another owns as well, or what lies in his atomic list, stays."""
    value = _pod({"a": {"image": "1", "args": ["x"]}}, {"a": "1", "b": "2"})
    labels: Json = {"f:labels": {"f:a": {}, "f:b": {}}}
    ours: Json = {"manager": "daytwo", "operation": "Apply", "fieldsV1": {"f:metadata": labels}}
    other: Json = {"manager": "x", "operation": "Update", "fieldsV1": {"f:metadata": {"f:labels": {"f:b": {}}}}}
    live = stored(value)
    live.value["metadata"] |= {"managedFields": [ours, other]}  # type: ignore[operator]
    manifest: Object = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"}}
    change = apply.change(TARGET, manifest, live)
    assert change.before["metadata"] == {"name": "web", "namespace": "shop", "labels": {"a": "1"}}
    assert apply.standing(change, live).stand is Stand.OPEN
    assert apply.inverse(change).manifest["metadata"] == {"name": "web", "namespace": "shop", "labels": {"a": "1"}}


def test_an_equal_quantity_is_sent_as_the_api_server_wrote_it() -> None:
    """`1024Mi` beside another manager's `1Gi` would be a conflict of equals. Texts are sent as they are."""

    def pod(memory: str, label: str, image: str) -> Object:
        return _pod({"a": {"image": image, "resources": {"requests": {"memory": memory}}}}, {"a": label})

    live = stored(pod("1Gi", "1.1", "1"))
    change = apply.change(TARGET, pod("1024Mi", "1.10", "2"), live)
    body = msgspec.json.decode(apply.request(change, live).body)
    assert body["spec"]["containers"][0]["resources"]["requests"]["memory"] == "1Gi"
    assert body["metadata"]["labels"] == {"a": "1.10"}
    assert apply.standing(apply.change(TARGET, pod("1024Mi", "1.1", "1"), live), live).stand is Stand.DONE
    assert apply.standing(apply.change(TARGET, pod("1Gi", "1.10", "1"), live), live).stand is Stand.OPEN
