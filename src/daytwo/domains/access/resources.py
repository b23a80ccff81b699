"""What a person means by `deploy`, `deployments.apps/scale` or `pods/exec`: group, resource and subresource as rules name them."""

from collections.abc import Iterable
from typing import Final, NamedTuple

from daytwo.model.control_plane import CustomResourceDefinition
from daytwo.model.errors import did_you_mean
from daytwo.model.rbac import ALL


class Known(NamedTuple):
    """One resource that the API server serves."""

    resource: str
    group: str
    is_namespaced: bool
    singular: str
    short: tuple[str, ...] = ()


# Source: the discovery document of an API server 1.36, and of what is only ever named in rules
# https://kubernetes.io/docs/reference/access-authn-authz/user-impersonation/ and
# https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/#authorization
RESOURCES: Final = (
    Known("bindings", "", True, "binding"),
    Known("componentstatuses", "", False, "componentstatus", ("cs",)),
    Known("configmaps", "", True, "configmap", ("cm",)),
    Known("endpoints", "", True, "endpoints", ("ep",)),
    Known("events", "", True, "event", ("ev",)),
    Known("limitranges", "", True, "limitrange", ("limits",)),
    Known("namespaces", "", False, "namespace", ("ns",)),
    Known("nodes", "", False, "node", ("no",)),
    Known("persistentvolumeclaims", "", True, "persistentvolumeclaim", ("pvc",)),
    Known("persistentvolumes", "", False, "persistentvolume", ("pv",)),
    Known("pods", "", True, "pod", ("po",)),
    Known("podtemplates", "", True, "podtemplate"),
    Known("replicationcontrollers", "", True, "replicationcontroller", ("rc",)),
    Known("resourcequotas", "", True, "resourcequota", ("quota",)),
    Known("secrets", "", True, "secret"),
    Known("serviceaccounts", "", True, "serviceaccount", ("sa",)),
    Known("services", "", True, "service", ("svc",)),
    Known("mutatingadmissionpolicies", "admissionregistration.k8s.io", False, "mutatingadmissionpolicy"),
    Known("mutatingadmissionpolicybindings", "admissionregistration.k8s.io", False, "mutatingadmissionpolicybinding"),
    Known("mutatingwebhookconfigurations", "admissionregistration.k8s.io", False, "mutatingwebhookconfiguration"),
    Known("validatingadmissionpolicies", "admissionregistration.k8s.io", False, "validatingadmissionpolicy"),
    Known("validatingadmissionpolicybindings", "admissionregistration.k8s.io", False, "validatingadmissionpolicybinding"),
    Known("validatingwebhookconfigurations", "admissionregistration.k8s.io", False, "validatingwebhookconfiguration"),
    Known("customresourcedefinitions", "apiextensions.k8s.io", False, "customresourcedefinition", ("crd", "crds")),
    Known("apiservices", "apiregistration.k8s.io", False, "apiservice"),
    Known("controllerrevisions", "apps", True, "controllerrevision"),
    Known("daemonsets", "apps", True, "daemonset", ("ds",)),
    Known("deployments", "apps", True, "deployment", ("deploy",)),
    Known("replicasets", "apps", True, "replicaset", ("rs",)),
    Known("statefulsets", "apps", True, "statefulset", ("sts",)),
    Known("selfsubjectreviews", "authentication.k8s.io", False, "selfsubjectreview"),
    Known("tokenreviews", "authentication.k8s.io", False, "tokenreview"),
    Known("localsubjectaccessreviews", "authorization.k8s.io", True, "localsubjectaccessreview"),
    Known("selfsubjectaccessreviews", "authorization.k8s.io", False, "selfsubjectaccessreview"),
    Known("selfsubjectrulesreviews", "authorization.k8s.io", False, "selfsubjectrulesreview"),
    Known("subjectaccessreviews", "authorization.k8s.io", False, "subjectaccessreview"),
    Known("horizontalpodautoscalers", "autoscaling", True, "horizontalpodautoscaler", ("hpa",)),
    Known("cronjobs", "batch", True, "cronjob", ("cj",)),
    Known("jobs", "batch", True, "job"),
    Known("certificatesigningrequests", "certificates.k8s.io", False, "certificatesigningrequest", ("csr",)),
    Known("leases", "coordination.k8s.io", True, "lease"),
    Known("endpointslices", "discovery.k8s.io", True, "endpointslice"),
    Known("events", "events.k8s.io", True, "event", ("ev",)),
    Known("flowschemas", "flowcontrol.apiserver.k8s.io", False, "flowschema"),
    Known("prioritylevelconfigurations", "flowcontrol.apiserver.k8s.io", False, "prioritylevelconfiguration"),
    Known("ingressclasses", "networking.k8s.io", False, "ingressclass"),
    Known("ingresses", "networking.k8s.io", True, "ingress", ("ing",)),
    Known("ipaddresses", "networking.k8s.io", False, "ipaddress", ("ip",)),
    Known("networkpolicies", "networking.k8s.io", True, "networkpolicy", ("netpol",)),
    Known("servicecidrs", "networking.k8s.io", False, "servicecidr"),
    Known("runtimeclasses", "node.k8s.io", False, "runtimeclass"),
    Known("poddisruptionbudgets", "policy", True, "poddisruptionbudget", ("pdb",)),
    Known("clusterrolebindings", "rbac.authorization.k8s.io", False, "clusterrolebinding"),
    Known("clusterroles", "rbac.authorization.k8s.io", False, "clusterrole"),
    Known("rolebindings", "rbac.authorization.k8s.io", True, "rolebinding"),
    Known("roles", "rbac.authorization.k8s.io", True, "role"),
    Known("deviceclasses", "resource.k8s.io", False, "deviceclass"),
    Known("resourceclaims", "resource.k8s.io", True, "resourceclaim"),
    Known("resourceclaimtemplates", "resource.k8s.io", True, "resourceclaimtemplate"),
    Known("resourceslices", "resource.k8s.io", False, "resourceslice"),
    Known("priorityclasses", "scheduling.k8s.io", False, "priorityclass", ("pc",)),
    Known("csidrivers", "storage.k8s.io", False, "csidriver"),
    Known("csinodes", "storage.k8s.io", False, "csinode"),
    Known("csistoragecapacities", "storage.k8s.io", True, "csistoragecapacity"),
    Known("storageclasses", "storage.k8s.io", False, "storageclass", ("sc",)),
    Known("volumeattachments", "storage.k8s.io", False, "volumeattachment"),
    Known("volumeattributesclasses", "storage.k8s.io", False, "volumeattributesclass", ("vac",)),
    Known("users", "", False, "user"),
    Known("groups", "", False, "group"),
    Known("uids", "authentication.k8s.io", False, "uid"),
    Known("userextras", "authentication.k8s.io", False, "userextra"),
    Known("signers", "certificates.k8s.io", False, "signer"),
)


class Meant(NamedTuple):
    group: str
    resource: str
    subresource: str
    is_namespaced: bool


def resolve(text: str, custom: Iterable[CustomResourceDefinition] = ()) -> Meant:
    """What RESOURCE[.GROUP][/SUBRESOURCE] names. LookupError says what to write instead.

    A resource whose group is given need not be known: it is taken for one that has namespaces.
    """
    whole, _, subresource = text.partition("/")
    name, dot, group = whole.partition(".")
    known = [*RESOURCES, *(Known(one.plural, one.group, one.scope == "Namespaced", one.kind.lower()) for one in custom)]
    if name == ALL:
        return Meant(group or ALL, ALL, subresource, is_namespaced=True)
    for one in known:
        if name in (one.resource, one.singular, *one.short) and (not dot or group == one.group):
            return Meant(one.group, one.resource, subresource, one.is_namespaced)
    if dot:
        return Meant(group, name, subresource, is_namespaced=True)
    hint = did_you_mean(name, {one.resource for one in known})
    raise LookupError(f'there is no resource "{name}"{hint or "; give its group, such as certificates.cert-manager.io"}')
