"""The check `pod-security/namespace-policy-unpinned`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.pod_security.namespaces import ENFORCE, ENFORCE_VERSION
from daytwo.domains.pod_security.standards import Level
from daytwo.model.control_plane import Namespace
from daytwo.model.finding import Hit
from daytwo.model.path import join
from daytwo.model.repair import setting
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(Namespace, heading=Heading.SECURITY, severity=Severity.INFO, by_hand="which version the cluster has is not known here")
def namespace_policy_unpinned(namespace: Namespace, snapshot: Snapshot) -> Iterator[Hit]:
    """A namespace that enforces the newest version of its Pod Security Standard.

    Why: the standards grow stricter with Kubernetes: after an upgrade pods may be refused that were let in before.
    Fix: set `pod-security.kubernetes.io/enforce-version` to the cluster's version, and raise it after each upgrade.
    Source: https://kubernetes.io/docs/concepts/security/pod-security-admission/
    """
    level = namespace.labels.get(ENFORCE)
    if level not in (Level.BASELINE, Level.RESTRICTED) or namespace.labels.get(ENFORCE_VERSION, "latest") != "latest":
        return
    minor = snapshot.cluster.minor
    place = join("metadata.labels", ENFORCE_VERSION)
    yield Hit(
        f"enforces {level} as of whichever version its cluster has",
        path=place,
        fix=f"set label {ENFORCE_VERSION} to {f'v1.{minor}' if minor is not None else 'the version of the cluster'}",
        repair=setting(place, f"v1.{minor}") if minor is not None else None,
    )
