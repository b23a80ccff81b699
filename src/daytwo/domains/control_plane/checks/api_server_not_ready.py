"""The check `control-plane/api-server-not-ready`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.model.command import kubectl
from daytwo.model.control_plane import Namespace
from daytwo.model.finding import Evidence, Hit
from daytwo.model.gap import Gap, Unseen
from daytwo.model.ref import Ref
from daytwo.model.severity import Basis, Harm, Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    Namespace,
    heading=Heading.RELIABILITY,
    severity=Severity.CRITICAL,
    harm=Harm.ACTIVE,
    # Its uid is the cluster's own name, so it stands for the control plane, which is no object.
    applies=lambda namespace: namespace.name == "kube-system",
    basis=Basis.STATE,
)
def api_server_not_ready(namespace: Namespace, snapshot: Snapshot) -> Iterator[Hit]:
    """The API server says that it is not ready.

    Why: what it shows may be stale and what it is told may be lost; symptoms elsewhere, nodes above all, may be only its own.
    Fix: look at the parts it names: etcd first, then the API server's log on the control plane's machines.
    Source: https://kubernetes.io/docs/reference/using-api/health-checks/
    """
    if not snapshot.cluster.readyz:
        found = next((gap for gap in snapshot.gaps if "readyz" in gap.wanted), None)
        raise Unseen(found or Gap("kubernetes", "/readyz of the API server", "was not read"))
    failed = [line for line in snapshot.cluster.readyz if not line.ok]
    if not failed:
        return
    names = ", ".join(line.name for line in failed[:3]) + (f" and {len(failed) - 3} more" if len(failed) > 3 else "")
    yield Hit(
        f"the API server is not ready: {names} {'fails' if len(failed) == 1 else 'fail'}",
        evidence=tuple(Evidence(f"/readyz: {line.name} {line.reason or 'failed'}") for line in failed),
        because=(Ref("ControlPlane", "", "api-server"),),
        confirm=kubectl("get", "--raw", "/readyz?verbose"),
    )
