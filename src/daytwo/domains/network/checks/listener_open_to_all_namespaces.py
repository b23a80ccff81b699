"""The check `network/listener-open-to-all-namespaces`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.model.finding import Hit
from daytwo.model.network import Gateway
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    Gateway,
    heading=Heading.SECURITY,
    severity=Severity.LOW,
    by_hand="which namespaces the Gateway is for is for those who run it to say",
)
def listener_open_to_all_namespaces(gateway: Gateway, snapshot: Snapshot) -> Iterator[Hit]:
    """A Gateway listener that takes routes of every namespace, for hosts that it does not limit.

    Why: whoever may write routes anywhere in the cluster may serve any host at it, another team's with it.
    Fix: select the namespaces by a label, or give the listener the one host it is for.
    Source: https://gateway-api.sigs.k8s.io/concepts/security-model/
    Not: listeners for one host, without wildcard.
    """
    for index, listener in enumerate(gateway.spec.listeners):
        if listener.allowed_routes.namespaces.from_ == "All" and (not listener.hostname or listener.hostname.startswith("*")):
            yield Hit(
                f"listener {listener.name} takes routes of every namespace, for {listener.hostname or 'any host'}",
                path=f"spec.listeners[{listener.name or index}].allowedRoutes.namespaces.from",
                item=listener.name,
                fix="write from: Selector with a label of the namespaces it is for",
            )
