"""What a dry run shows: asked or besides, by names instead of indexes, and no secret in it."""

from copy import deepcopy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daytwo.domains.changes.diff import differences
from daytwo.model.change import Apply, Change, FieldChange, Patch
from daytwo.model.concealment import concealing
from daytwo.model.json import Json, Object, at
from daytwo.model.live import Live
from daytwo.model.plan import Diff
from daytwo.model.target import built_in

WEB = built_in("Deployment", "shop", "web", uid="u")
CONCEAL = concealing(b"a key")


def deployment(**container: Json) -> Object:
    app: Object = {"name": "app", "image": "web:1", **container}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "shop", "uid": "u", "resourceVersion": "7", "labels": {"app": "web"}},
        "spec": {"replicas": 2, "template": {"spec": {"containers": [{"name": "proxy", "image": "proxy:1"}, app]}}},
        "status": {"replicas": 2},
    }


def patch(*fields: FieldChange) -> Patch:
    return Patch(WEB, fields)


def apply(**container: Json) -> Apply:
    manifest: Object = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {"template": {"spec": {"containers": [{"name": "app", **container}]}}},
    }
    return Apply(WEB, manifest)


IMAGE = FieldChange("/spec/template/spec/containers/1/image", old="web:1", new="web:2")
APP = "/spec/template/spec/containers/[app]"


def rows(diff: Diff) -> tuple[list[tuple[str, Json, Json]], list[tuple[str, Json, Json]]]:
    return ([(each.path, each.old, each.new) for each in diff.asked], [(each.path, each.old, each.new) for each in diff.besides])


@pytest.mark.parametrize(
    ("change", "before", "after", "asked", "besides"),
    [
        pytest.param(patch(IMAGE), {}, {"image": "web:2"}, [(f"{APP}/image", "web:1", "web:2")], [], id="an image"),
        pytest.param(
            patch(IMAGE),
            {},
            {"image": "mirror/web:2"},
            [],
            [(f"{APP}/image", "web:1", "mirror/web:2")],
            id="a webhook makes something else of what was asked",
        ),
        pytest.param(
            patch(IMAGE),
            {},
            {"image": "web:2", "resources": {"limits": {"cpu": "1"}}},
            [(f"{APP}/image", "web:1", "web:2")],
            [(f"{APP}/resources/limits/cpu", None, "1")],
            id="a webhook adds limits",
        ),
        pytest.param(
            patch(FieldChange("/spec/template/spec/containers/1/resources", new={"requests": {"memory": "1024Mi", "cpu": 1}})),
            {},
            {"resources": {"requests": {"memory": "1Gi", "cpu": "1"}}},
            [(f"{APP}/resources/requests/memory", None, "1Gi"), (f"{APP}/resources/requests/cpu", None, "1")],
            [],
            id="quantities as the API server writes them",
        ),
        pytest.param(
            apply(ports=[{"containerPort": 80}, {"containerPort": 53, "protocol": "UDP"}]),
            {"ports": [{"containerPort": 53, "protocol": "TCP"}]},
            {"ports": [{"containerPort": p, "protocol": q} for p, q in ((80, "TCP"), (53, "TCP"), (53, "UDP"))]},
            [
                (f"{APP}/ports/[80,TCP]/containerPort", None, 80),
                (f"{APP}/ports/[53,UDP]/containerPort", None, 53),
                (f"{APP}/ports/[53,UDP]/protocol", None, "UDP"),
            ],
            [],
            id="ports by number and protocol; the protocol filled in is a default",
        ),
        pytest.param(
            apply(args=["-v", "2"]),
            {"args": ["-v", "1"]},
            {"args": ["-v", "2"]},
            [(f"{APP}/args", ["-v", "1"], ["-v", "2"])],
            [],
            id="arguments are one value",
        ),
        pytest.param(
            apply(env=[{"name": "B", "value": "2"}, {"name": "A", "value": "1"}]),
            {"env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]},
            {"env": [{"name": "B", "value": "2"}, {"name": "A", "value": "1"}]},
            [(f"{APP}/env/[order]", ["A", "B"], ["B", "A"])],
            [],
            id="the order of variables means something",
        ),
        pytest.param(
            apply(volumeMounts=[{"name": "b", "mountPath": "/b"}, {"name": "a", "mountPath": "/a"}]),
            {"volumeMounts": [{"name": "a", "mountPath": "/a"}, {"name": "b", "mountPath": "/b"}]},
            {"volumeMounts": [{"name": "b", "mountPath": "/b"}, {"name": "a", "mountPath": "/a"}]},
            [],
            [],
            id="the order of mounts means nothing",
        ),
        pytest.param(
            apply(env=[{"name": "DB_PASSWORD", "value": "longer than before"}]),
            {"env": [{"name": "DB_PASSWORD", "value": "hunter2"}]},
            {"env": [{"name": "DB_PASSWORD", "value": "longer than before"}]},
            [(f"{APP}/env/[DB_PASSWORD]/value", CONCEAL("hunter2"), CONCEAL("longer than before"))],
            [],
            id="a password is told by its length and a digest",
        ),
    ],
)
def test_what_changes_is_told_by_name(change: Change, before: Object, after: Object, asked: object, besides: object) -> None:
    """Each row: a change, the container before and after, what was asked and what comes besides."""
    assert rows(differences(change, Live(deployment(**before)), deployment(**after), CONCEAL)) == (asked, besides)


def test_what_only_we_applied_is_removed_on_purpose_and_the_rest_is_not() -> None:
    """Leaving out what we own removes it, as asked; what goes with it and is another's is told besides."""
    before = deployment(command=["run"], tty=True)
    owned: Json = {"f:spec": {"f:template": {"f:spec": {"f:containers": {'k:{"name":"app"}': {".": {}, "f:command": {}}}}}}}
    entry: Object = {"manager": "daytwo", "operation": "Apply", "fieldsV1": owned}
    before["metadata"]["managedFields"] = [entry]  # type: ignore[call-overload,index]
    found = differences(apply(), Live(before), deployment())
    assert rows(found) == ([(f"{APP}/command", ["run"], None)], [(f"{APP}/tty", True, None)])


def secret(**data: str) -> Object:
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "db"}, "data": dict(data)}


def test_values_of_a_secret_are_never_shown_and_a_change_is_still_seen() -> None:
    """Of equal length, too: with a key by its digest, without one in words."""
    target = built_in("Secret", "shop", "db", uid="u")
    after = secret(password="b3RoZXI=")
    change = Apply(target, {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "db"}, "stringData": {"password": "other"}})
    (row,) = differences(change, Live(secret(password="Zmlyc3Q=")), after, CONCEAL).asked
    assert row.old != row.new
    assert "Zmlyc3Q=" not in repr(row)
    assert "b3RoZXI=" not in repr(row)
    (row,) = differences(change, Live(secret(password="Zmlyc3Q=")), after).asked
    assert (row.old, row.new) == ("‹8 characters›", "‹8 characters› (another)")


def test_a_secret_created_shows_no_value() -> None:
    """Neither in what was asked nor besides, nor the copy that kubectl keeps in an annotation."""
    after = secret(a="aHVudGVyMg==")
    after["metadata"]["annotations"] = {  # type: ignore[call-overload,index]
        "kubectl.kubernetes.io/last-applied-configuration": '{"kind":"Secret","stringData":{"a":"hunter2"}}'
    }
    change = Apply(built_in("Secret", "shop", "db"), {"apiVersion": "v1", "kind": "Secret", "stringData": {"a": "hunter2"}})
    told = repr(differences(change, None, after, CONCEAL))
    assert "hunter2" not in told
    assert "aHVudGVyMg==" not in told
    assert "/data/a" in told


# -- laws -------------------------------------------------------------------------------------------------------------

NAMES = st.sampled_from(["a", "b", "c"])
SCALARS = st.one_of(st.integers(0, 3), st.booleans(), st.sampled_from(["x", "80", "1Gi", "1024Mi"]))


def _objects(children: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    return st.one_of(st.lists(children, max_size=3), st.dictionaries(NAMES, children, max_size=3))


VALUES = st.recursive(SCALARS, _objects, max_leaves=8)
CONTAINERS = st.lists(
    st.fixed_dictionaries({"name": NAMES}, optional={"image": SCALARS, "args": st.lists(SCALARS, max_size=2), "x": VALUES}),
    unique_by=lambda one: str(one["name"]),
    max_size=3,
)
OBJECTS = st.fixed_dictionaries(
    {"spec": st.fixed_dictionaries({"containers": CONTAINERS}, optional={"a": VALUES, "b": VALUES})},
)


def pod(value: Object) -> Object:
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, **deepcopy(value)}


POD = built_in("Pod", "shop", "p", uid="u")


@given(OBJECTS)
def test_nothing_differs_from_itself(value: Object) -> None:
    """Whatever the change says."""
    assert differences(Apply(POD, pod(value)), Live(pod(value)), pod(value)) == Diff()


@given(OBJECTS, OBJECTS)
def test_every_difference_is_told_once_and_on_one_side_only(before: Object, after: Object) -> None:
    """An apply of exactly what comes out has asked for all that is new; one of nothing has asked for nothing."""
    one = differences(Apply(POD, pod(after)), Live(pod(before)), pod(after))
    other = differences(Apply(POD, {}), Live(pod(before)), pod(after))
    paths = [each.path for each in (*one.asked, *one.besides)]
    assert len(paths) == len(set(paths))
    assert not other.asked
    assert all(each.new in (None, [], {}, "", 0, False) for each in one.besides)
    assert {each.path for each in other.besides} <= set(paths)


@given(OBJECTS, OBJECTS)
def test_the_way_back_has_the_same_paths(before: Object, after: Object) -> None:
    """With old and new in each other's place."""
    there = differences(Apply(POD, {}), Live(pod(before)), pod(after))
    back = differences(Apply(POD, {}), Live(pod(after)), pod(before))
    assert sorted((each.path, repr(each.old), repr(each.new)) for each in there.besides) == sorted(
        (each.path, repr(each.new), repr(each.old)) for each in back.besides
    )


@given(OBJECTS, OBJECTS)
def test_fields_put_where_they_belong_give_what_comes_out(before: Object, after: Object) -> None:
    """A patch of whole `spec` has asked for all of it."""
    fields = (FieldChange("/spec", old=at(before, "/spec"), new=at(after, "/spec")),)
    found = differences(Patch(POD, fields), Live(pod(before)), pod(after))
    assert not found.besides


def test_nothing_that_was_asked_for_is_told_as_it_was_asked_for() -> None:
    """The API server leaves zero out of its answer; who scales to 0 reads 0 and not absent."""
    before: Object = {"apiVersion": "autoscaling/v1", "kind": "Scale", "metadata": {"name": "web"}, "spec": {"replicas": 3}}
    after: Object = {"apiVersion": "autoscaling/v1", "kind": "Scale", "metadata": {"name": "web"}, "spec": {}}
    change = Patch(built_in("Deployment", "shop", "web", uid="u", subresource="scale"), (FieldChange("/spec/replicas", 3, 0),))
    (row,) = differences(change, Live(before), after).asked
    assert (row.old, row.new) == (3, 0)


def test_another_secret_among_arguments_is_told_where_it_stands() -> None:
    """Both are told alike; without a word the row would say that nothing changes."""

    def deployment(secret: str) -> Object:
        container: Object = {"name": "app", "image": "a:1", "args": ["--verbose", "--password", secret]}
        return {"apiVersion": "apps/v1", "kind": "Deployment", "spec": {"template": {"spec": {"containers": [container]}}}}

    path = "/spec/template/spec/containers/0/args"
    old, new = ["--verbose", "--password", "hunter2hunter2"], ["--verbose", "--password", "hunter3hunter3"]
    change = Patch(built_in("Deployment", "shop", "web", uid="u"), (FieldChange(path, [*old], [*new]),))
    (row,) = differences(change, Live(deployment("hunter2hunter2")), deployment("hunter3hunter3")).asked
    assert row.old != row.new
    assert "(another)" in repr(row.new)
    assert "hunter" not in repr(row)
    assert isinstance(row.new, list)
    assert row.new[:2] == ["--verbose", "--password"]
