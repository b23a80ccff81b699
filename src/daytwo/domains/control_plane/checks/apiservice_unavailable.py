"""The check `control-plane/apiservice-unavailable`."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from daytwo.catalog import check
from daytwo.domains.control_plane.backend import expired, workloads_behind
from daytwo.model.command import kubectl
from daytwo.model.control_plane import APIService
from daytwo.model.finding import Evidence, Hit, Since
from daytwo.model.network import Service
from daytwo.model.ref import Ref
from daytwo.model.severity import Basis, Harm, Heading, Severity
from daytwo.model.snapshot import Snapshot

PATIENCE: Final = timedelta(minutes=2)
# Reasons that lie in the Service itself; the others are about what stands behind it.
_OF_THE_SERVICE: Final = frozenset({"ServiceNotFound", "ServicePortError", "EndpointsNotFound", "MissingEndpoints"})
_CALL_ERRORS: Final = (
    (re.compile(r"certificate has expired"), "its certificate has expired"),
    (re.compile(r"x509:|tls:"), "its certificate is not trusted"),
    (re.compile(r"connection refused"), "it refuses connections"),
    (re.compile(r"deadline exceeded|timeout|timed out", re.IGNORECASE), "it does not answer in time"),
    (re.compile(r"no route to host|network is unreachable"), "it cannot be reached"),
    (re.compile(r"no such host"), "its host name is not known"),
)
_LONGEST: Final = 160


@check(APIService, heading=Heading.RELIABILITY, severity=Severity.MEDIUM, harm=Harm.ACTIVE, basis=Basis.STATE)
def apiservice_unavailable(api: APIService, snapshot: Snapshot) -> Iterator[Hit]:
    """An aggregated API whose server does not answer, for two minutes or longer.

    Why: every request for the kinds of its group fails. Without metrics.k8s.io no autoscaler works; while discovery of any group
    fails, no namespace can be deleted.
    Fix: repair the workload behind its Service; if its maker is gone from the cluster for good, delete the APIService.
    Source: https://kubernetes.io/docs/tasks/extend-kubernetes/configure-aggregation-layer/
    Not: groups that the API server serves itself.
    """
    available = api.condition("Available")
    if available is None or available.status != "False":
        return
    since = available.last_transition_time
    if since is not None and snapshot.taken_at - since < PATIENCE:
        return
    ended = expired(api.spec.certificates, snapshot.taken_at)
    why = "every certificate in its caBundle has expired" if ended is not None else _plain(api, available.reason, available.message)
    group = f"{api.spec.group}/{api.spec.version}" if api.spec.group else api.name
    yield Hit(
        f"the API {group} does not answer: {why}",
        path="status.conditions[Available]",
        since=Since(since, exact=False) if since is not None else None,
        evidence=(Evidence(f"APIService {api.name}: Available is False, {available.reason}: {available.message}", since),),
        because=_because(api, available.reason, snapshot),
        confirm=kubectl("get", "apiservice", api.name),
    )


def _plain(api: APIService, reason: str, message: str) -> str:
    target = api.spec.service
    service = f"Service {target.namespace}/{target.name}" if target is not None else "its Service"
    match reason:
        case "ServiceNotFound":
            return f"{service} does not exist"
        case "ServicePortError":
            return f"{service} has no port {target.port if target is not None else ''}".rstrip()
        case "EndpointsNotFound" | "MissingEndpoints":
            return f"{service} has no ready endpoint"
    for pattern, words in _CALL_ERRORS:
        if pattern.search(message):
            return words
    return message[:_LONGEST].rstrip() or reason or "no reason is given"


def _because(api: APIService, reason: str, snapshot: Snapshot) -> tuple[Ref, ...]:
    target = api.spec.service
    if target is None:
        return ()
    ref = Ref(Service.KIND, target.namespace, target.name)
    service = snapshot.find(ref)
    behind = workloads_behind(service, snapshot) if isinstance(service, Service) else ()
    # A Service that has endpoints is not at fault when what stands behind it answers wrongly.
    return (ref, *behind) if reason in _OF_THE_SERVICE or behind else ()
