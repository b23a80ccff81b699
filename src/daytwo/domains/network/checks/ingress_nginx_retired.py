"""The check `network/ingress-nginx-retired`."""

from collections.abc import Iterator
from typing import Final

from daytwo.catalog import check
from daytwo.domains.network.ingress_class import INGRESS_NGINX
from daytwo.model.finding import Hit
from daytwo.model.network import IngressClass
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot

# registry.k8s.io/ingress-nginx/controller, controller-chroot, and what it was called before; also where registries are mirrored.
_IMAGES: Final = ("ingress-nginx/controller", "kubernetes-ingress-controller/nginx-ingress-controller")


@check(
    IngressClass,
    Runnable,
    heading=Heading.SECURITY,
    severity=Severity.MEDIUM,
    by_hand="its Ingresses have to move to another controller, or to Gateway API",
)
def ingress_nginx_retired(subject: IngressClass | Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """The controller ingress-nginx of the Kubernetes project, which was retired in March 2026.

    Why: nobody mends it any more, and it stands on the internet: the next hole in it stays open.
    Fix: move to another Ingress controller, or to Gateway API (`ingress2gateway` translates Ingresses).
    Source: https://kubernetes.io/blog/2025/11/11/ingress-nginx-retirement/
    Not: other controllers around nginx, such as F5's (nginx.org/ingress-controller), which are maintained.
    """
    if isinstance(subject, IngressClass):
        if subject.spec.controller == INGRESS_NGINX:
            yield Hit(
                "is served by ingress-nginx, which was retired in March 2026",
                path="spec.controller",
                fix="move its Ingresses to another controller, or to Gateway API",
            )
        return
    for container, path, _ in subject.all_containers():
        if any(image in container.image for image in _IMAGES):
            yield Hit(
                f"runs ingress-nginx, which was retired in March 2026: {container.image}",
                path=f"{path}.image",
                item=container.name,
                fix="move to another Ingress controller, or to Gateway API",
            )
