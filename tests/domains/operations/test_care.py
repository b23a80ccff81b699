"""Entries of catalogues and mapping files are found by an index, and it finds what looking at each of them finds."""

from dataclasses import replace
from random import Random
from typing import Any

from daytwo.domains.operations.care import entries
from daytwo.model.ownership import KUBERNETES_ID, Entry, Ownership
from daytwo.model.selector import Requirement, Selector
from tests.specimen import snapshot_of

_VALUES = ("a", "b", "c")


def test_index_finds_what_looking_at_each_entry_finds() -> None:
    draw = Random(5)
    items = [_deployment(draw, number) for number in range(60)]
    catalogue = tuple(_entry(draw, number) for number in range(300))
    snapshot = replace(snapshot_of({"at": "2026-11-20T08:00:00Z", "items": items}), ownership=Ownership(catalogue))
    count = 0
    for subject in snapshot.runnables:
        wanted = {entry.place for entry in catalogue if entry.covers(subject.ref, subject.labels, subject.pod_labels)}
        found = entries(subject, snapshot)
        assert {entry.place for entry in found} == wanted
        assert len(found) == len(wanted)
        count += len(found)
    assert count > 500, "too few to mean anything"


def test_what_names_an_object_comes_before_what_names_its_namespace_and_the_catalogue_before_both() -> None:
    of_namespace = Entry(owner="platform", namespace="shop", place="1")
    of_object = Entry(owner="shop", name="web", place="2")
    of_catalogue = Entry(owner="cart", kubernetes_id="cart", place="3", is_of_catalog=True)
    web = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "shop", "labels": {KUBERNETES_ID: "cart"}},
    }
    snapshot = snapshot_of({"at": "2026-11-20T08:00:00Z", "items": [web]})
    snapshot = replace(snapshot, ownership=Ownership((of_namespace, of_object, of_catalogue)))
    assert entries(snapshot.runnables[0], snapshot) == (of_catalogue, of_object, of_namespace)


def _deployment(draw: Random, number: int) -> dict[str, Any]:
    def labels() -> dict[str, str]:
        return {key: draw.choice(_VALUES) for key in ("app", "tier", KUBERNETES_ID) if draw.random() < 0.6}

    return {
        "apiVersion": "apps/v1",
        "kind": draw.choice(("Deployment", "StatefulSet")),
        "metadata": {"name": f"{draw.choice(_VALUES)}{number}", "namespace": draw.choice(_VALUES), "labels": labels()},
        "spec": {"template": {"metadata": {"labels": labels()}}},
    }


def _entry(draw: Random, number: int) -> Entry:
    selector = draw.choice(
        (
            None,
            Selector(),
            Selector({"app": draw.choice(_VALUES)}),
            Selector(match_expressions=(Requirement("tier", "In", (draw.choice(_VALUES), draw.choice(_VALUES))),)),
            Selector(match_expressions=(Requirement("tier", draw.choice(("NotIn", "Exists", "DoesNotExist")), ("a",)),)),
        )
    )
    return Entry(
        owner="shop",
        selector=selector,
        kubernetes_id=draw.choice((*_VALUES, "", "", "")),
        kind=draw.choice(("Deployment", "", "")),
        namespace=draw.choice((*_VALUES, "", "")),
        name=draw.choice(("a1", "b2", "", "", "", "")),
        place=str(number),
    )
