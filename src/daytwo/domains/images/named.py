"""The images that a subject names, with the containers that name them."""

from collections.abc import Iterator

from daytwo.model.image import Image, parse_image
from daytwo.model.runnable import Placed, Runnable

# What Istio's injection replaces by the proxy's image, where a gateway's template asks for it.
# Source: https://istio.io/latest/docs/setup/additional-setup/gateway/
_INJECTED = "auto"
_INJECTION = ("inject.istio.io/templates", "sidecar.istio.io/inject", "istio.io/rev")


def containers(subject: Runnable) -> Iterator[Placed]:
    """Every container whose image the declaration itself decides."""
    is_injected = any(key in subject.pod_annotations or key in subject.pod_labels for key in _INJECTION)
    for placed in subject.all_containers():
        if placed.container.image and not (is_injected and placed.container.image == _INJECTED):
            yield placed


def images(subject: Runnable) -> Iterator[tuple[Placed, Image]]:
    """The images of all containers; what is no reference at all is a matter for the check of that name."""
    for placed in containers(subject):
        image = parse_image(placed.container.image)
        if image is not None:
            yield placed, image


def pull_policy(placed: Placed, image: Image) -> str:
    """As declared, else what the API server writes.

    Source: https://kubernetes.io/docs/concepts/containers/images/#imagepullpolicy-defaulting
    """
    return placed.container.image_pull_policy or ("Always" if image.is_latest else "IfNotPresent")
