"""Who uses a TLS Secret: Ingresses, Gateways, and the workloads that mount it."""

from collections.abc import Iterator
from dataclasses import dataclass

from daytwo.model.config import Secret
from daytwo.model.control_plane import (
    APIService,
    CustomResourceDefinition,
    MutatingWebhookConfiguration,
    ServiceReference,
    ValidatingWebhookConfiguration,
    WebhookConfiguration,
)
from daytwo.model.network import Gateway, Ingress
from daytwo.model.pod import Pod
from daytwo.model.ref import Ref
from daytwo.model.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Use:
    """Who uses a Secret. `is_exposed`: an Ingress, a Gateway or a server that the API server calls depends on it.

    `is_certain` tells that all those who might use it could be read: without that nobody may call it unused.
    """

    users: tuple[Ref, ...]
    is_exposed: bool
    is_certain: bool

    @property
    def is_unused(self) -> bool:
        return self.is_certain and not self.users

    @property
    def words(self) -> str:
        """`used by Ingress shop/web and 2 more`"""
        if not self.users:
            return "nothing that can be seen uses it" if self.is_certain else "who uses it could not be read"
        more = f" and {len(self.users) - 1} more" if len(self.users) > 1 else ""
        return f"used by {self.users[0].kind} {self.users[0].short}{more}"


def use_of(secret: Ref, snapshot: Snapshot) -> Use:
    """Who uses a Secret, those first whom users of the cluster meet first."""
    found = snapshot.once(_users).get((secret.namespace, secret.name), ())
    called = snapshot.once(_called_by_the_api_server)
    exposed = [ref for ref in found if ref.kind in (Ingress.KIND, Gateway.KIND) or ref in called]
    users = tuple(dict.fromkeys((*exposed, *found)))
    is_certain = (
        snapshot.is_read(Ingress.KIND, secret.namespace) and snapshot.is_read(Gateway.KIND) and snapshot.is_read(Pod.KIND, secret.namespace)
    )
    return Use(users, bool(exposed), is_certain)


def _users(snapshot: Snapshot) -> dict[tuple[str, str], tuple[Ref, ...]]:
    """(namespace, Secret) → those who name it."""
    found: dict[tuple[str, str], list[Ref]] = {}
    for ingress in snapshot.seen(Ingress):
        for tls in ingress.spec.tls:
            found.setdefault((ingress.namespace, tls.secret_name), []).append(ingress.ref)
    for gateway in snapshot.seen(Gateway):
        for listener in gateway.spec.listeners:
            for reference in listener.tls.certificate_refs if listener.tls is not None else ():
                if reference.kind == Secret.KIND:
                    found.setdefault((reference.namespace or gateway.namespace, reference.name), []).append(gateway.ref)
    for owner, namespace, name in _mounts(snapshot):
        found.setdefault((namespace, name), []).append(owner)
    return {secret: tuple(dict.fromkeys(users)) for secret, users in found.items()}


def _mounts(snapshot: Snapshot) -> Iterator[tuple[Ref, str, str]]:
    """(workload, namespace, Secret) for every Secret that a workload's pods name; pods of one workload are alike, so one is asked."""
    templates = [(workload.ref, workload.namespace, workload.template.spec) for workload in snapshot.workloads]
    known = {ref for ref, _, _ in templates}
    for pod in snapshot.seen(Pod):
        owner = snapshot.top_owner(pod)
        if owner not in known and not pod.is_finished:
            known.add(owner)
            templates.append((owner, pod.namespace, pod.spec))
    for owner, namespace, spec in templates:
        for reference in spec.references():
            if reference.kind == Secret.KIND:
                yield owner, namespace, reference.name


def _called_by_the_api_server(snapshot: Snapshot) -> frozenset[Ref]:
    """The workloads behind the Services of webhooks, conversions and aggregated APIs."""
    called = {(target.namespace, target.name) for target in _targets(snapshot)}
    found = {
        snapshot.top_owner(pod)
        for pod in snapshot.seen(Pod)
        if any((service.namespace, service.name) in called for service in snapshot.services_selecting(pod.labels, pod.namespace))
    }
    return frozenset(found)


def _targets(snapshot: Snapshot) -> Iterator[ServiceReference]:
    configurations: tuple[WebhookConfiguration, ...] = (
        *snapshot.seen(ValidatingWebhookConfiguration),
        *snapshot.seen(MutatingWebhookConfiguration),
    )
    for configuration in configurations:
        for webhook in configuration.webhooks:
            if webhook.client_config.service is not None:
                yield webhook.client_config.service
    for api in snapshot.seen(APIService):
        if api.spec.service is not None:
            yield api.spec.service
    for definition in snapshot.seen(CustomResourceDefinition):
        if definition.conversion is not None and definition.conversion.service is not None:
            yield definition.conversion.service
