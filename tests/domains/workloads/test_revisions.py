"""The templates that a workload had before, out of what its controller keeps."""

from typing import Any

import pytest

from daytwo.domains.workloads.revisions import plain_template, revisions
from daytwo.model.json import Json, Object
from daytwo.model.live import Live


def template(image: str, **labels: str) -> dict[str, Any]:
    return {
        "metadata": {"creationTimestamp": None, "labels": {"app": "web", **labels}},
        "spec": {"containers": [{"name": "app", "image": image}]},
    }


def deployment(image: str) -> Live:
    return Live({"metadata": {"uid": "u-web"}, "spec": {"template": template(image)}})


def replica_set(number: str, image: str, owner: str = "u-web", cause: str = "", is_controller: bool = True) -> Live:
    notes: Object = {"deployment.kubernetes.io/revision": number, **({"kubernetes.io/change-cause": cause} if cause else {})}
    owners: list[Json] = [{"uid": owner, "kind": "Deployment", "name": "web", "controller": is_controller}]
    return Live(
        {
            "metadata": {"name": f"web-{number}", "annotations": notes, "ownerReferences": owners},
            "spec": {"template": template(image, **{"pod-template-hash": "abc"})},
        }
    )


def test_replica_sets_are_revisions_the_newest_first() -> None:
    """By number and not by name or age; the present one is known by its template."""
    kept = [replica_set("9", "web:9"), replica_set("11", "web:11", cause="CVE"), replica_set("10", "web:10")]
    found = revisions(deployment("web:11"), kept)
    assert [(one.number, one.images, one.is_current, one.cause) for one in found] == [
        (11, ("app web:11",), True, "CVE"),
        (10, ("app web:10",), False, ""),
        (9, ("app web:9",), False, ""),
    ]


def test_what_belongs_to_others_is_no_revision() -> None:
    """A namespace is full of ReplicaSets; only those that the workload controls are its own."""
    kept = [replica_set("1", "web:1", owner="u-other"), replica_set("2", "web:2", is_controller=False), Live({"metadata": {}})]
    assert revisions(deployment("web:1"), kept) == ()


@pytest.mark.parametrize("hash_label", ["controller-revision-hash", "pod-template-hash"])
def test_a_controller_revision_holds_a_patch(hash_label: str) -> None:
    """Its data is the patch that kubectl sends; what makes it one is no part of the template."""
    held = {"$patch": "replace", **template("db:1", **{hash_label: "abc"})}
    owners: list[Json] = [{"uid": "u-web", "controller": True}]
    kept = Live({"metadata": {"name": "db-5d", "ownerReferences": owners}, "revision": 3, "data": {"spec": {"template": held}}})
    (found,) = revisions(deployment("db:1"), [kept])
    assert (found.number, found.name, found.is_current) == (3, "db-5d", True)
    assert found.template == plain_template(template("db:1"))


@pytest.mark.parametrize("odd", [None, "text", 3, {"metadata": None}, {"metadata": {"labels": None}, "spec": None}])
def test_a_template_may_be_anything(odd: Any) -> None:
    """What a controller keeps is not validated."""
    assert plain_template(odd) in ({}, {"metadata": {}}, {"metadata": {"labels": {}}})
