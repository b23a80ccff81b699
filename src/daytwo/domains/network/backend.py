"""Whether what an Ingress or a route names as its backend exists and answers."""

from dataclasses import dataclass

from daytwo.domains.network.outage import outage
from daytwo.model.command import Command, kubectl
from daytwo.model.finding import Evidence, Since
from daytwo.model.gap import Gap, Unseen
from daytwo.model.nearness import nearest
from daytwo.model.network import BackendPort, Service
from daytwo.model.ref import Cell, Ref
from daytwo.model.severity import Harm
from daytwo.model.snapshot import Snapshot
from daytwo.model.templates import maker_in


@dataclass(frozen=True, slots=True)
class DeadBackend:
    """Why nothing answers behind a backend."""

    why: str
    evidence: tuple[Evidence, ...]
    because: tuple[Ref, ...] = ()
    since: Since | None = None
    fix: str = ""
    confirm: Command | None = None


def dead_backend(
    namespace: str, name: str, port: BackendPort, field: str, snapshot: Snapshot, *, is_declared: bool = False
) -> DeadBackend | None:
    """Why this Service cannot answer on this port; None when it can. Raises Unseen where that cannot be told.

    Where `is_declared`, whether somebody answers is not asked: only a cluster could tell.
    """
    service = snapshot.get(Service, namespace, name)
    if service is None and snapshot.is_of_files:
        _require_services(namespace, name, snapshot)
    named = Evidence(f"{field} names Service {name}")
    if service is None:
        meant = nearest(name, (other.name for other in snapshot.seen(Service, namespace)))
        fix = f"name Service {meant}, or create Service {name}" if meant else f"create Service {name}, or name another"
        among = f"no Service {name} among the {len(snapshot.seen(Service, namespace))} of namespace {namespace}"
        if snapshot.is_of_files:
            # Its file may not have been named.
            among, fix = f"{among} in these files", f"{fix}; if it stands in another file, check that one with these"
        return DeadBackend(
            f"there is no Service {name} in namespace {namespace}",
            (named, Evidence(among)),
            because=(Ref(Service.KIND, namespace, name),),
            fix=fix,
            confirm=kubectl("get", "services", namespace=namespace),
        )
    if service.spec.type == "ExternalName":
        # Its ports are not checked by anyone: traffic leaves the cluster.
        return None
    ports = service.spec.ports
    if (port.name or port.number) and not any(
        (port.name and one.name == port.name) or (port.number and one.port == port.number) for one in ports
    ):
        wanted = port.name or str(port.number)
        has = ", ".join(f"{one.name} ({one.port})" if one.name else str(one.port) for one in ports) or "none"
        meant = nearest(port.name, (one.name for one in ports)) if port.name else ""
        return DeadBackend(
            f"Service {name} has no port {wanted}",
            (Evidence(f"{field} names port {wanted} of Service {name}"), Evidence(f"Service {name} has the ports {has}")),
            fix=f"name port {meant}" if meant else f"name one of the ports of Service {name}: {has}",
            confirm=kubectl("get", "svc", name, "-o", "jsonpath={.spec.selector} {.spec.ports[*].targetPort}", namespace=namespace),
        )
    if is_declared:
        return None
    dead = outage(service, snapshot)
    if dead is None or dead.harm is not Harm.ACTIVE:
        return None
    return DeadBackend(
        f"Service {name} has no ready endpoint",
        (named, Evidence(f"Service {name}: {dead.why}")),
        because=(service.ref,),
        since=dead.since,
        confirm=kubectl("get", "endpointslice", "-l", f"kubernetes.io/service-name={name}", namespace=namespace),
    )


def _require_services(namespace: str, name: str, snapshot: Snapshot) -> None:
    """Raises Unseen unless the files hold the Services of a namespace. Those of another chart, or an operator's, they do not hold."""
    known = [other.name for other in snapshot.seen(Service, namespace)]
    if nearest(name, known):
        return
    if not known:
        raise Unseen(Gap("files", f"Services of namespace {namespace}", "not among these files", Cell(Service.KIND, namespace)))
    maker = maker_in(namespace, snapshot)
    if maker is not None:
        reason = f"{maker.kind} {maker.name} may make some"
        raise Unseen(Gap("files", f"Services of namespace {namespace}", reason, Cell(Service.KIND, namespace)))
