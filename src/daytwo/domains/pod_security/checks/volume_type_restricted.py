"""The check `pod-security/volume-type-restricted`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.pod_security import restricted
from daytwo.domains.pod_security.pods import policy_minor
from daytwo.model.finding import Hit
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(Runnable, heading=Heading.SECURITY, severity=Severity.LOW, by_hand="the data has to be reached through a claim")
def volume_type_restricted(subject: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A volume of a type that the restricted standard does not allow.

    Why: these are drivers inside Kubernetes, most of them removed by now, that mount what the pod's author names with the kubelet's
    rights.
    Fix: use a claim: who may use which storage is then the cluster's decision.
    Source: https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
    """
    yield from restricted.volume_type_restricted(subject, policy_minor(snapshot))
