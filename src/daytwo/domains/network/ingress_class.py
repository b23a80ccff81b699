"""Which controller an Ingress is for, as far as its class tells."""

from typing import Final

from daytwo.model.network import Ingress, IngressClass
from daytwo.model.ref import Ref
from daytwo.model.snapshot import Snapshot

# Deprecated since spec.ingressClassName is there.
# Source: https://kubernetes.io/docs/concepts/services-networking/ingress/#deprecated-annotation
CLASS_ANNOTATION: Final = "kubernetes.io/ingress.class"
# GKE reads the annotation alone, and has no IngressClass objects.
# Source: https://cloud.google.com/kubernetes-engine/docs/how-to/load-balance-ingress
GOOGLE: Final = frozenset({"gce", "gce-internal"})
AWS: Final = "ingress.k8s.aws/alb"
INGRESS_NGINX: Final = "k8s.io/ingress-nginx"
# Where the certificate stands outside the Ingress: the annotation that names it, or has the controller serve TLS.
_TLS_BY_ANNOTATION: Final = (
    # https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/ingress/annotations/#ssl
    "alb.ingress.kubernetes.io/certificate-arn",
    # https://cloud.google.com/kubernetes-engine/docs/how-to/managed-certs
    "networking.gke.io/managed-certificates",
    "ingress.gcp.kubernetes.io/pre-shared-cert",
    # https://doc.traefik.io/traefik/reference/routing-configuration/kubernetes/ingress/
    "traefik.ingress.kubernetes.io/router.tls",
    # https://azure.github.io/application-gateway-kubernetes-ingress/annotations/
    "appgw.ingress.kubernetes.io/appgw-ssl-certificate",
)


def class_of(ingress: Ingress) -> str:
    """The name of its class; empty leaves it to the cluster's default."""
    return ingress.spec.ingress_class_name or ingress.annotations.get(CLASS_ANNOTATION, "")


def controller_of(ingress: Ingress, snapshot: Snapshot) -> str:
    """The controller of its class; empty where the class was not seen."""
    found = snapshot.find(Ref(IngressClass.KIND, "", class_of(ingress)))
    return found.spec.controller if isinstance(found, IngressClass) else ""


def has_own_load_balancer(ingress: Ingress, snapshot: Snapshot) -> bool:
    """Whether each such Ingress gets a load balancer of its own, at the cloud: hosts cannot clash, certificates come from the cloud."""
    name = class_of(ingress)
    return name in GOOGLE or name == "alb" or controller_of(ingress, snapshot) == AWS


def is_tls_elsewhere(ingress: Ingress) -> bool:
    """Whether an annotation brings TLS, or an AWS load balancer is told to listen for HTTPS and finds the certificate by host."""
    annotations = ingress.annotations
    if any(annotations.get(key) not in (None, "", "false") for key in _TLS_BY_ANNOTATION):
        return True
    return "HTTPS" in annotations.get("alb.ingress.kubernetes.io/listen-ports", "")
