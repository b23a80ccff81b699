"""What pods take their configuration from, and whether it is there."""

from collections.abc import Iterator

from daytwo.model.config import ConfigMap, Secret, ServiceAccount
from daytwo.model.control_plane import ManagedCertificate
from daytwo.model.foreign import ForeignObject
from daytwo.model.gap import Gap, Unseen
from daytwo.model.network import Gateway, Ingress
from daytwo.model.pod import Pod
from daytwo.model.pod_spec import Reference
from daytwo.model.ref import Cell, Ref
from daytwo.model.runnable import Runnable
from daytwo.model.snapshot import Snapshot

PULL = "imagePullSecrets"


def asked_for(runnable: Runnable, kind: str) -> Iterator[Reference]:
    """The ConfigMaps or Secrets without which its containers do not start, and their keys."""
    for reference in runnable.pod_spec.references():
        if reference.kind == kind and reference.name and not reference.is_optional:
            yield reference


def find_config(kind: str, namespace: str, name: str, snapshot: Snapshot) -> ConfigMap | Secret | Ref | None:
    """A ConfigMap or Secret that was looked for; a Ref is what makes it as soon as it runs; None when there is none. Raises Unseen.

    Files that hold none of the kind in that namespace say nothing about which there are: Secrets are rarely written down.
    """
    found: ConfigMap | Secret | None
    found = snapshot.get(ConfigMap, namespace, name) if kind == ConfigMap.KIND else snapshot.get(Secret, namespace, name)
    if found is not None:
        return found
    maker = snapshot.once(makers).get((namespace, name))
    if maker is not None:
        return maker
    if snapshot.is_of_files and not snapshot.seen(ConfigMap if kind == ConfigMap.KIND else Secret, namespace):
        raise Unseen(Gap("files", f"{kind.lower()}s of namespace {namespace}", "not among these files", Cell(kind, namespace)))
    return None


def makers(snapshot: Snapshot) -> dict[tuple[str, str], Ref]:
    """What makes a Secret or ConfigMap, by its name: certificates, and any custom object of that name (SealedSecret, ExternalSecret)."""
    found: dict[tuple[str, str], Ref] = {}
    for other in snapshot.seen(ForeignObject):
        found[other.namespace, other.name] = other.ref
    for certificate in snapshot.seen(ManagedCertificate):
        found[certificate.namespace, certificate.spec.secret_name] = certificate.ref
    return found


def used(snapshot: Snapshot) -> set[Ref]:
    """Every ConfigMap and Secret that an object daytwo reads refers to by name."""
    refs: set[Ref] = set()
    for runnable in (*snapshot.runnables, *snapshot.seen(Pod)):
        refs.update(Ref(reference.kind, runnable.namespace, reference.name) for reference in runnable.pod_spec.references())
    for account in snapshot.seen(ServiceAccount):
        refs.update(Ref(Secret.KIND, account.namespace, secret.name) for secret in account.image_pull_secrets)
    for ingress in snapshot.seen(Ingress):
        refs.update(Ref(Secret.KIND, ingress.namespace, tls.secret_name) for tls in ingress.spec.tls)
    for gateway in snapshot.seen(Gateway):
        for listener in gateway.spec.listeners:
            if listener.tls is not None:
                refs.update(Ref(Secret.KIND, ref.namespace or gateway.namespace, ref.name) for ref in listener.tls.certificate_refs)
    return refs


def namespaces_of_custom_objects(snapshot: Snapshot) -> set[str]:
    """Where objects stand that may refer to anything, in fields that nobody knows."""
    return {other.namespace for other in snapshot.seen(ForeignObject)}
