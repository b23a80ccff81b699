"""Which lists of the API are maps in disguise: what tells their elements apart. All others are changed whole.

Measured from the OpenAPI document of Kubernetes 1.36 (`x-kubernetes-list-map-keys`); a test compares this table with a real one.
"""

from typing import Final

_CONTAINERS: Final = ("containers", "initContainers", "ephemeralContainers")
_BY_PLACE: Final[dict[tuple[str, ...], tuple[str, ...]]] = {
    **{("spec", each): ("name",) for each in _CONTAINERS},
    **{(each, "env"): ("name",) for each in _CONTAINERS},
    **{(each, "ports"): ("containerPort", "protocol") for each in _CONTAINERS},
    **{(each, "volumeMounts"): ("mountPath",) for each in _CONTAINERS},
    **{(each, "volumeDevices"): ("devicePath",) for each in _CONTAINERS},
    ("metadata", "ownerReferences"): ("uid",),
    ("resources", "claims"): ("name",),
    ("spec", "hostAliases"): ("ip",),
    ("spec", "imagePullSecrets"): ("name",),
    ("spec", "resourceClaims"): ("name",),
    ("spec", "schedulingGates"): ("name",),
    ("spec", "topologySpreadConstraints"): ("topologyKey", "whenUnsatisfiable"),
    ("spec", "volumes"): ("name",),
    ("webhooks", "matchConditions"): ("name",),
}
_BY_KIND: Final[dict[tuple[str, tuple[str, ...]], tuple[str, ...]]] = {
    ("CSINode.storage.k8s.io", ("spec", "drivers")): ("name",),
    ("MutatingAdmissionPolicy.admissionregistration.k8s.io", ("spec", "matchConditions")): ("name",),
    ("MutatingWebhookConfiguration", ("webhooks",)): ("name",),
    ("Service", ("spec", "ports")): ("port", "protocol"),
    ("ServiceAccount", ("secrets",)): ("name",),
    ("ValidatingAdmissionPolicy.admissionregistration.k8s.io", ("spec", "matchConditions")): ("name",),
    ("ValidatingAdmissionPolicy.admissionregistration.k8s.io", ("spec", "variables")): ("name",),
    ("ValidatingWebhookConfiguration", ("webhooks",)): ("name",),
}
# Variables may refer to those before them, init containers run one after the other, and the first container is what `exec` takes.
_ORDERED: Final = frozenset({"env", "initContainers", "containers"})

KEY_DEFAULTS: Final = {"protocol": "TCP"}
"""What a key is taken for where an element does not say."""


def keys_of(kind: str, names: tuple[str, ...]) -> tuple[str, ...]:
    """The fields that tell the elements of a list apart; empty where the list is one value. `names` is the way to it, without elements."""
    return _BY_PLACE.get(names[-2:]) or _BY_KIND.get((kind, names)) or ()


def is_ordered(name: str) -> bool:
    """Whether the order of a keyed list means something."""
    return name in _ORDERED


def is_set(name: str) -> bool:
    """Whether a list of texts has no order."""
    return name == "finalizers"
