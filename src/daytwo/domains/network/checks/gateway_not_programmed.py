"""The check `network/gateway-not-programmed`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.network.outage import GRACE
from daytwo.model.command import Command, kubectl
from daytwo.model.finding import Evidence, Hit, Since
from daytwo.model.metadata import Condition
from daytwo.model.network import Gateway
from daytwo.model.severity import Basis, Harm, Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    Gateway,
    heading=Heading.RELIABILITY,
    severity=Severity.HIGH,
    harm=Harm.ACTIVE,
    applies=lambda gateway: not gateway.is_terminating,
    basis=Basis.STATE,
)
def gateway_not_programmed(gateway: Gateway, snapshot: Snapshot) -> Iterator[Hit]:
    """A Gateway whose configuration no data plane serves: not accepted, not programmed, or no controller answered.

    Why: no route attached to it gets traffic, whatever the routes say.
    Fix: see the condition's message: an address that cannot be assigned, an invalid listener, missing infrastructure; without any
    condition install the controller of its GatewayClass.
    Source: https://gateway-api.sigs.k8s.io/reference/spec/#gatewayconditiontype
    Not: the first two minutes, and conditions about an older generation of the Gateway.
    """
    for type in ("Accepted", "Programmed"):
        condition = gateway.condition(type)
        if condition is None or condition.status == "True" or _is_stale(condition, gateway):
            continue
        at = condition.last_transition_time
        if condition.status == "Unknown":
            # The API's default, "Waiting for controller", carries the epoch as its time.
            if gateway.created is not None and snapshot.taken_at - gateway.created >= GRACE:
                yield _unanswered(gateway)
            return
        if at is not None and snapshot.taken_at - at < GRACE:
            return
        detail = f": {condition.message.splitlines()[0]}" if condition.message else ""
        yield Hit(
            f"serves no traffic: {type} is False, {condition.reason}{detail}",
            path="status.conditions",
            since=Since(at, exact=False) if at is not None else None,
            evidence=(Evidence(f"Gateway {gateway.name}: {type} False {condition.reason}{detail}", at),),
            confirm=_read_conditions(gateway),
        )
        return
    if not gateway.status.conditions and gateway.created is not None and snapshot.taken_at - gateway.created >= GRACE:
        yield _unanswered(gateway)


def _unanswered(gateway: Gateway) -> Hit:
    name = gateway.spec.gateway_class_name
    return Hit(
        f"serves no traffic: no controller answered for GatewayClass {name}",
        path="spec.gatewayClassName",
        since=Since(gateway.created) if gateway.created is not None else None,
        evidence=(Evidence(f"Gateway {gateway.name}: no controller has written its status"),),
        confirm=_read_conditions(gateway),
    )


def _read_conditions(gateway: Gateway) -> Command:
    kind = "gateways.gateway.networking.k8s.io"
    return kubectl("get", kind, gateway.name, "-o", "jsonpath={.status.conditions}", namespace=gateway.namespace)


def _is_stale(condition: Condition, gateway: Gateway) -> bool:
    return condition.observed_generation is not None and condition.observed_generation < gateway.metadata.generation
