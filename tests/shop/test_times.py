"""Snapshots moved in time: aged for the tests, retold for the demo."""

from datetime import UTC, datetime, timedelta

from daytwo.model.event import Event
from daytwo.model.metadata import Resource
from daytwo.model.node import Lease, Node
from daytwo.model.pod import Pod
from daytwo.model.snapshot import Snapshot
from tests.shop.aging import aged
from tests.shop.retelling import Story
from tests.specimen import snapshot_of

NOW = datetime(2027, 3, 1, 12, 0, 30, tzinfo=UTC)
TOLD = datetime(2026, 11, 20, 8, tzinfo=UTC)


def snapshot(*items: object) -> Snapshot:
    return snapshot_of({"at": NOW, "items": list(items)})


def lease(name: str, renewed: str) -> object:
    metadata = {"name": name, "namespace": "kube-node-lease", "creationTimestamp": "2027-03-01T12:00:01Z"}
    return {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": metadata, "spec": {"renewTime": renewed}}


def only(kind: type[Resource], found: Snapshot) -> Resource:
    (resource,) = found.seen(kind)
    return resource


def story() -> Story:
    """Two acts, ten days and ten minutes before the look, that really lasted ten seconds each."""
    begun = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
    told = TOLD - timedelta(days=10), TOLD - timedelta(minutes=10)
    return Story(TOLD, [begun, begun + timedelta(seconds=10)], list(told))


def test_aging_keeps_living_nodes_alive() -> None:
    """Their kubelets would have gone on; the lease of a lost one only gets older."""
    found = aged(snapshot(lease("here", "2027-03-01T12:00:20.000001Z"), lease("lost", "2027-03-01T11:50:00.000000Z")), timedelta(hours=1))
    leases = {lease.name: lease.spec.renew_time for lease in found.seen(Lease)}
    assert found.taken_at == NOW + timedelta(hours=1)
    assert found.taken_at - (leases["here"] or NOW) == timedelta(seconds=10, microseconds=-1)
    assert leases["lost"] == datetime(2027, 3, 1, 11, 50, tzinfo=UTC)


def test_times_of_an_act_keep_their_distance_to_its_beginning() -> None:
    """Wherever they stand: in metadata, in a list of conditions, as text in an annotation."""
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": "web-1",
            "namespace": "shop",
            "creationTimestamp": "2027-03-01T12:00:03Z",
            "annotations": {"example.com/at": "2027-03-01T12:00:12Z", "kubelet.daytwo.dev/fault": "crash-loop"},
        },
        "status": {"conditions": [{"type": "Ready", "status": "False", "lastTransitionTime": "2027-03-01T12:00:15Z"}]},
    }
    found = only(Pod, story().retold(snapshot(pod)))
    assert isinstance(found, Pod)
    assert found.created == TOLD - timedelta(days=10) + timedelta(seconds=3)
    assert found.status.conditions[0].last_transition_time == TOLD - timedelta(minutes=10) + timedelta(seconds=5)
    assert found.annotations == {"example.com/at": "2026-11-20T07:50:02Z"}


def test_times_outside_the_story_keep_their_distance_to_the_look() -> None:
    """A certificate that ends in six days still does."""
    node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n", "creationTimestamp": "2027-02-28T12:00:30Z"}}
    assert only(Node, story().retold(snapshot(node))).created == TOLD - timedelta(days=1)


def test_a_renewed_lease_stays_fresh_and_a_lost_one_stays_lost() -> None:
    """A lost node's lease was written by hand, in whole seconds, within the act that lost it."""
    found = story().retold(snapshot(lease("here", "2027-03-01T12:00:20.000001Z"), lease("lost", "2027-03-01T12:00:11.000000Z")))
    leases = {lease.name: lease.spec.renew_time for lease in found.seen(Lease)}
    assert TOLD - (leases["here"] or TOLD) == timedelta(seconds=10, microseconds=-1)
    assert leases["lost"] == TOLD - timedelta(minutes=10) + timedelta(seconds=1)
    assert all(lease.created == TOLD - timedelta(days=10) + timedelta(seconds=1) for lease in found.seen(Lease))


def test_events_of_more_than_an_hour_ago_are_forgotten() -> None:
    """As the API server forgets them."""

    def event(name: str, at: str) -> object:
        metadata = {"name": name, "namespace": "shop", "creationTimestamp": at}
        return {"apiVersion": "v1", "kind": "Event", "metadata": metadata, "reason": "BackOff", "firstTimestamp": at, "lastTimestamp": at}

    found = story().retold(snapshot(event("old", "2027-03-01T12:00:05Z"), event("new", "2027-03-01T12:00:15Z")))
    assert [event.name for event in found.seen(Event)] == ["new"]
