"""The check `readiness/host-aliases`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.model.finding import Hit
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    Runnable,
    heading=Heading.OPERATIONS,
    severity=Severity.INFO,
    by_hand="where the name should lead only its owner knows",
)
def host_aliases(runnable: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """Names that pods resolve to fixed addresses.

    Why: the address stands in a manifest; when the host behind it moves, every pod goes on asking the old one until it is rolled out anew.
    Fix: use DNS, or a Service of type ExternalName or with endpoints of its own.
    Source: https://kubernetes.io/docs/tasks/network/customize-hosts-file-for-pods/
    Not: names for the pod itself (127.0.0.1 and ::1).
    """
    for index, alias in enumerate(runnable.pod_spec.host_aliases):
        if not alias.ip.startswith("127.") and alias.ip != "::1":
            names = ", ".join(alias.hostnames[:3])
            yield Hit(f"{names} is {alias.ip} for its pods, whatever DNS says", f"{runnable.pod_path}.hostAliases[{index}]", item=alias.ip)
