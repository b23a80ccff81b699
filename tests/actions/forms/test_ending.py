"""Deletions and evictions: what they send, and how the world stands to them."""

import msgspec
import pytest

from daytwo.actions.forms import form
from daytwo.model.change import Delete, Evict
from daytwo.model.json import Object
from daytwo.model.live import Live
from daytwo.model.standing import Stand
from daytwo.model.target import built_in
from daytwo.writers.kubernetes import dry

WEB = built_in("Pod", "shop", "web-1", uid="u-1")
CONFIG = built_in("ConfigMap", "shop", "web", uid="u-2")


def pod(uid: str = "u-1", grace_seconds: int | None = None) -> Live:
    metadata: Object = {"name": "web-1", "namespace": "shop", "uid": uid, "resourceVersion": "7"}
    if grace_seconds is not None:
        metadata |= {"deletionTimestamp": "2026-11-20T08:00:00Z", "deletionGracePeriodSeconds": grace_seconds}
    return Live({"metadata": metadata})


def test_deletion_says_everything_in_its_body() -> None:
    """A DELETE with a body has no other options than those in it: its uid, its grace, its propagation."""
    request = form.request(Delete(CONFIG, grace_seconds=0, propagation="Foreground"), None)
    assert (request.method, request.path, request.query) == ("DELETE", "/api/v1/namespaces/shop/configmaps/web", ())
    assert msgspec.json.decode(request.body) == {
        "apiVersion": "v1",
        "kind": "DeleteOptions",
        "preconditions": {"uid": "u-2"},
        "gracePeriodSeconds": 0,
        "propagationPolicy": "Foreground",
    }


def test_eviction_names_the_pod_and_its_uid() -> None:
    """The body names the pod that the URL names, and the uid that it must still have; no resourceVersion."""
    request = form.request(Evict(WEB), pod())
    assert (request.method, request.path) == ("POST", "/api/v1/namespaces/shop/pods/web-1/eviction")
    assert msgspec.json.decode(request.body) == {
        "apiVersion": "policy/v1",
        "kind": "Eviction",
        "metadata": {"name": "web-1", "namespace": "shop"},
        "deleteOptions": {"preconditions": {"uid": "u-1"}},
    }


def test_dry_run_is_said_where_the_api_server_looks_for_it() -> None:
    """A rehearsed deletion and eviction say so in the body, beside their preconditions, and never in the query."""
    for change in (Delete(WEB, grace_seconds=5), Evict(WEB)):
        request = dry(form.request(change, pod()))
        options: Object = msgspec.json.decode(request.body)
        options = options.get("deleteOptions", options)  # type: ignore[assignment]
        assert options["dryRun"] == ["All"]
        assert options["preconditions"] == {"uid": "u-1"}
        assert all(name != "dryRun" for name, _ in request.query)


@pytest.mark.parametrize(
    ("live", "grace_seconds", "stand"),
    [
        (pod(), None, Stand.OPEN),
        (None, None, Stand.DONE),
        (pod(uid="u-9"), None, Stand.DONE),
        (pod(grace_seconds=30), None, Stand.DONE),
        (pod(grace_seconds=30), 60, Stand.DONE),
        (pod(grace_seconds=30), 0, Stand.OPEN),
    ],
)
def test_standing_of_a_deletion(live: Live | None, grace_seconds: int | None, stand: Stand) -> None:
    """Gone, replaced and on its way are done; only a shorter grace is worth another deletion."""
    assert form.standing(Delete(WEB, grace_seconds=grace_seconds), live).stand is stand


@pytest.mark.parametrize(
    ("live", "stand"), [(pod(), Stand.OPEN), (None, Stand.DONE), (pod(uid="u-9"), Stand.DONE), (pod(grace_seconds=30), Stand.DONE)]
)
def test_standing_of_an_eviction(live: Live | None, stand: Stand) -> None:
    """Only the very pod that was planned, and that still stays, is open to eviction."""
    assert form.standing(Evict(WEB), live).stand is stand


@pytest.mark.parametrize("change", [Delete(built_in("Pod", "shop", "web-1")), Evict(built_in("Pod", "shop", "web-1"))])
def test_nothing_ends_by_name_alone(change: Delete | Evict) -> None:
    """Without the uid that was read there is no request."""
    with pytest.raises(AssertionError, match="by uid"):
        form.request(change, None)
