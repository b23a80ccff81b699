"""The check `pod-security/host-path-volume`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.pod_security import baseline
from daytwo.domains.pod_security.pods import policy_minor
from daytwo.model.finding import Hit
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(Runnable, heading=Heading.SECURITY, severity=Severity.MEDIUM, by_hand="where the data is to live instead is a decision")
def host_path_volume(subject: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A volume that is a directory or file of the node.

    Why: what the pod writes stays on the node for whoever comes next, what it reads may not be meant for it, and the pod finds other
    content on each node.
    Fix: use a claim, an emptyDir, a ConfigMap, or a `local` volume with its node affinity.
    Source: https://kubernetes.io/docs/concepts/storage/volumes/#hostpath
    Not: what is mounted read-only everywhere counts for little here; see `sensitive-host-path-mounted` and `runtime-socket-mounted`.
    """
    yield from baseline.host_path_volume(subject, policy_minor(snapshot))
