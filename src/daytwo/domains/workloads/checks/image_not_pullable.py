"""The check `workloads/image-not-pullable`."""

import re
from collections.abc import Iterator
from datetime import timedelta
from enum import StrEnum
from typing import Final

from daytwo.catalog import check
from daytwo.domains.workloads import pods
from daytwo.model.config import Secret
from daytwo.model.event import Event
from daytwo.model.finding import Evidence, Hit, Since
from daytwo.model.pod import ContainerStatus, Pod
from daytwo.model.ref import Ref
from daytwo.model.severity import Basis, Harm, Heading, Severity
from daytwo.model.snapshot import Snapshot

# One failed pull is normal; these two never heal by trying again.
PATIENCE: Final = timedelta(minutes=2)
AT_ONCE: Final = frozenset({"InvalidImageName", "ErrImageNeverPull"})
DEFAULT_REGISTRY: Final = "docker.io"


class Cause(StrEnum):
    RATE_LIMIT = "rate limit"
    CERTIFICATE = "certificate"
    DISK = "disk"
    UNREACHABLE = "unreachable"
    UNAUTHORIZED = "unauthorized"
    PROCESSOR = "processor"
    NOT_FOUND = "not found"
    OTHER = "other"


# What registries and container runtimes write, in the order in which one message may hold several.
_CAUSES: Final = (
    (Cause.RATE_LIMIT, re.compile(r"\b429\b|too ?many ?requests|rate limit", re.IGNORECASE)),
    (Cause.CERTIFICATE, re.compile(r"x509|certificate|tls: |HTTP response to HTTPS client", re.IGNORECASE)),
    (Cause.DISK, re.compile(r"no space left on device", re.IGNORECASE)),
    (
        Cause.UNREACHABLE,
        re.compile(
            r"no such host|i/o timeout|connection refused|connection reset|no route to host|network is unreachable|deadline exceeded"
            r"|TLS handshake timeout|server misbehaving|Client\.Timeout|request canceled|unexpected EOF|: EOF\b|proxyconnect"
            r"|\b50[0234]\b|bad gateway|service unavailable|gateway time-?out",
            re.IGNORECASE,
        ),
    ),
    (
        Cause.UNAUTHORIZED,
        re.compile(
            r"\b40[13]\b|unauthorized|forbidden|authentication required|authorization (?:failed|required)|may require authorization"
            r"|access denied|access to the resource is denied|no basic auth credentials|insufficient_scope|permission denied|expired token",
            re.IGNORECASE,
        ),
    ),
    (Cause.PROCESSOR, re.compile(r"no match(?:ing manifest)? for (?:platform|\S+/\S+)|no matching manifest", re.IGNORECASE)),
    (Cause.NOT_FOUND, re.compile(r"not found|manifest unknown|name unknown|NAME_UNKNOWN|does not exist|\b404\b|NotFound", re.IGNORECASE)),
)
_NAMES = re.compile(r'"[^"]*"|https?://\S+')


@check(Pod, heading=Heading.RELIABILITY, severity=Severity.HIGH, harm=Harm.ACTIVE, applies=pods.is_starting, basis=Basis.STATE)
def image_not_pullable(pod: Pod, snapshot: Snapshot) -> Iterator[Hit]:
    """A container whose image cannot be had: not found, not allowed, or its registry out of reach.

    Why: the container cannot start, here or on any other node that lacks the image; a rollout hangs, and a rescheduled pod stays away.
    Fix: the registry's answer says which: correct the name or tag, repair the pull secret, or repair the way to the registry.
    Source: https://kubernetes.io/docs/concepts/containers/images/#imagepullbackoff
    Not: a pull that fails for less than two minutes. Pods of a Job are judged: their Job would wait for ever without saying so.
    """
    for status in pods.waiting(pod, pods.IMAGE_REASONS):
        failures = [event for event in snapshot.events_of(pod) if _is_about_pull(event, status)]
        since = pods.earliest(pods.unready_since(pod), failures)
        if status.waiting_reason in AT_ONCE or pods.is_older(since, PATIENCE, snapshot):
            yield _hit(pod, status, failures, since, snapshot)


def _is_about_pull(event: Event, status: ContainerStatus) -> bool:
    """The kubelet's events about this container's image; its BackOff for images is of type Normal."""
    if event.reason not in ("Failed", "BackOff", "ErrImageNeverPull", "InspectFailed"):
        return False
    field = event.involved_object.field_path
    if field and not field.endswith(f"{{{status.name}}}"):
        return False
    return "restarting failed container" not in event.message and ("image" in event.message or "ErrImage" in event.message)


def _hit(pod: Pod, status: ContainerStatus, failures: list[Event], since: Since | None, snapshot: Snapshot) -> Hit:
    name, image = status.name, _image(pod, status)
    message = status.state.waiting.message if status.state.waiting is not None else ""
    told = _telling(message, failures, image)
    cause = _cause(told, image)
    why, because = _conclusion(pod, status, image, cause, told)
    missing = _missing_secret(pod, snapshot) if cause is Cause.UNAUTHORIZED else None
    lost = pods.lost_node(pod, snapshot)
    pull_failure = next((event for event in failures if event.message == told), None)
    return Hit(
        f"{pods.role(pod, name)} has no image: {why}",
        path=f"{pods.container_path(pod, name)}.image",
        item=name,
        fix=_fix(cause, missing),
        state="waiting for an image",
        why=why,
        since=since,
        evidence=tuple(_evidence(pod, status, told, pull_failure, missing, cause, snapshot)),
        because=pods.causes(lost, missing or because),
        confirm=pods.show_waiting_message(pod, name),
    )


def _image(pod: Pod, status: ContainerStatus) -> str:
    container = pods.container_of(pod, status.name)
    return container.image if container is not None and container.image else status.image


def _telling(message: str, failures: list[Event], image: str) -> str:
    """The message that tells the cause: the waiting message, or where it only says that it waits, the event of the failed pull."""
    if _cause(message, image) is not Cause.OTHER:
        return message
    return next((event.message for event in failures if _cause(event.message, image) is not Cause.OTHER), message)


def _cause(message: str, image: str) -> Cause:
    # Names and addresses may hold any word: only what stands between them counts.
    text = _NAMES.sub("…", message)
    if image:
        bare = image.rpartition("/")[2]
        text = re.sub(rf"\S*{re.escape(bare)}", "", text)
    return next((cause for cause, pattern in _CAUSES if pattern.search(text)), Cause.OTHER)


def _registry(image: str) -> str:
    first, slash, _ = image.partition("/")
    is_host = slash and ("." in first or ":" in first or first == "localhost")
    return first if is_host and first != "index.docker.io" else DEFAULT_REGISTRY


def _conclusion(pod: Pod, status: ContainerStatus, image: str, cause: Cause, told: str) -> tuple[str, Ref]:
    registry = _registry(image)
    of_image, of_registry = Ref("Image", "", image), Ref("Registry", "", registry)
    by_reason = {
        "InvalidImageName": f"{image or 'its image'} is not a valid image name",
        "ErrImageNeverPull": f"image {image} is not on the node, and imagePullPolicy Never forbids to pull it",
        "SignatureValidationFailed": f"the signature of image {image} is not valid",
        "ImageInspectError": f"the container runtime cannot read image {image}",
    }
    if status.waiting_reason in by_reason:
        return by_reason[status.waiting_reason], of_image
    match cause:
        case Cause.RATE_LIMIT:
            return f"registry {registry} limits the rate of pulls", of_registry
        case Cause.CERTIFICATE if "expired" in told:
            return f"the certificate of registry {registry} has expired", of_registry
        case Cause.CERTIFICATE if "HTTP response to HTTPS" in told:
            return f"registry {registry} does not speak HTTPS", of_registry
        case Cause.CERTIFICATE:
            return f"the certificate of registry {registry} is not trusted", of_registry
        case Cause.UNREACHABLE:
            return f"registry {registry} cannot be reached", of_registry
        case Cause.DISK:
            return f"no space left on the node for image {image}", Ref("Node", "", pod.spec.node_name)
        case Cause.UNAUTHORIZED if "may require authorization" in told or "pull access denied" in told:
            return f"image {image} does not exist or may not be pulled", of_image
        case Cause.UNAUTHORIZED:
            return f"image {image} may not be pulled", of_image
        case Cause.PROCESSOR:
            return f"image {image} does not exist for the node's processor", of_image
        case Cause.NOT_FOUND:
            return f"image {image} not found", of_image
    if status.waiting_reason == "RegistryUnavailable":
        return f"registry {registry} cannot be reached", of_registry
    return f"image {image} cannot be pulled" if image else "its image cannot be pulled", of_image


def _missing_secret(pod: Pod, snapshot: Snapshot) -> Ref | None:
    """A pull secret that the pod names and that is proven not to exist; nothing where Secrets were not read."""
    if not snapshot.is_read("Secret", pod.namespace):
        return None
    for secret in pod.spec.image_pull_secrets:
        if snapshot.get(Secret, pod.namespace, secret.name) is None:
            return Ref("Secret", pod.namespace, secret.name)
    return None


def _fix(cause: Cause, missing: Ref | None) -> str:
    if missing is not None:
        return f"create the pull secret {missing.name} of type kubernetes.io/dockerconfigjson"
    return {
        Cause.NOT_FOUND: "correct the image name or tag, or push the image",
        Cause.UNAUTHORIZED: "correct the image name, or give the pod a pull secret that may read it",
        Cause.PROCESSOR: "build the image for this processor, or choose nodes of the processor it is built for",
        Cause.RATE_LIMIT: "pull with an account, or through a mirror",
        Cause.DISK: "free disk space on the node",
    }.get(cause, "")


def _evidence(
    pod: Pod, status: ContainerStatus, told: str, event: Event | None, missing: Ref | None, cause: Cause, snapshot: Snapshot
) -> Iterator[Evidence]:
    yield Evidence(f"pod {pod.name}: {pods.role(pod, status.name)} is waiting, {status.waiting_reason}")
    if told:
        yield Evidence(pods.brief(told, 300), event.at if event is not None else None)
    if missing is not None:
        yield Evidence(f"pull secret {missing.name}, which the pod names, does not exist")
    elif cause is Cause.UNAUTHORIZED:
        names = ", ".join(secret.name for secret in pod.spec.image_pull_secrets)
        unread = "" if snapshot.is_read("Secret", pod.namespace) or not names else " (Secrets could not be read)"
        yield Evidence(f"pull secrets of the pod: {names or 'none'}{unread}")
