"""The check `network/served-port-closed`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.model.finding import Evidence, Hit
from daytwo.model.isolation import ingress_rules, is_closed, policies_selecting
from daytwo.model.network import NetworkPolicy, Service, ServicePort
from daytwo.model.runnable import Runnable
from daytwo.model.serving import serving_services
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot
from daytwo.model.targets import leads_to, number_of
from daytwo.model.workload import CronJob, Job


@check(
    Runnable,
    heading=Heading.RELIABILITY,
    severity=Severity.HIGH,
    applies=lambda runnable: not runnable.pod_spec.host_network and not isinstance(runnable, Job | CronJob),
    by_hand="who has to get in there is for those who know the program to say",
)
def served_port_closed(runnable: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """Pods that a Service leads to, at a port that no network policy lets anybody in at.

    Why: every connection to the Service times out. Most often the policy names the Service's port; what counts is the pod's.
    Fix: allow the port that the container listens on, by number or by the name that the container gives it.
    Source: https://kubernetes.io/docs/concepts/services-networking/network-policies/#networkpolicy-resource
    Not: pods that some policy of Cilium, Calico or the cluster's administrators selects, which may let in what others do not. Where the
    policies allow nothing at all this may be meant: medium.
    """
    told: set[tuple[int, str]] = set()
    for service in serving_services(runnable, snapshot):
        for port in service.spec.ports:
            number = number_of(port.pod_port, runnable)
            if not isinstance(number, int) or not leads_to(port, runnable) or (number, port.protocol) in told:
                continue
            if is_closed(runnable, number, port.protocol, snapshot):
                told.add((number, port.protocol))
                yield _closed(runnable, service, port, number, snapshot)


def _closed(runnable: Runnable, service: Service, port: ServicePort, number: int, snapshot: Snapshot) -> Hit:
    policies = [policy for policy in policies_selecting(runnable, snapshot) if policy.isolates_ingress]
    allowed = sorted({str(one.port) for rule in ingress_rules(policies) for one in rule.ports if one.port is not None})
    is_mistaken = str(port.port) in allowed and port.port != number
    has = f"; allowed {'is' if len(allowed) == 1 else 'are'} {', '.join(allowed[:5])}" if allowed else ""
    fix = (
        f"write {number} instead of {port.port}: policies go by the pod's port" if is_mistaken else f"allow port {number} to whom it serves"
    )
    return Hit(
        f"Service {service.name} leads to its port {number}/{port.protocol}, where network policies let nobody in{has}",
        path=f"{runnable.template_path}metadata.labels",
        item=f"{number}/{port.protocol}",
        fix=fix,
        evidence=tuple(Evidence(f"NetworkPolicy {policy.name} selects them for ingress") for policy in _shown(policies)),
        severity=None if allowed else Severity.MEDIUM,
    )


def _shown(policies: list[NetworkPolicy]) -> list[NetworkPolicy]:
    return sorted(policies, key=lambda policy: policy.name)[:3]
