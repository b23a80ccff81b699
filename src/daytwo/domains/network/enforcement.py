"""Which network plugins enforce NetworkPolicies: known by the images that their DaemonSets run."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from daytwo.model.pod_spec import Container
from daytwo.model.snapshot import Snapshot
from daytwo.model.workload import DaemonSet


class Plugin(NamedTuple):
    """A container whose image's name ends so. `flag` is the argument that turns enforcing on or off; `enforces` holds without it."""

    image: str
    name: str
    enforces: bool
    flag: str = ""


PLUGINS: Final = (
    # https://docs.tigera.io/calico/latest/network-policy/get-started/kubernetes-policy/kubernetes-network-policy
    Plugin("calico/node", "Calico", enforces=True),
    Plugin("calico-node", "Calico", enforces=True),
    # https://docs.cilium.io/en/stable/network/kubernetes/policy/
    # GKE Dataplane V2 runs the same image: https://cloud.google.com/kubernetes-engine/docs/concepts/dataplane-v2
    Plugin("cilium", "Cilium", enforces=True),
    # https://antrea.io/docs/main/docs/antrea-network-policy/
    Plugin("antrea-agent-ubuntu", "Antrea", enforces=True),
    Plugin("antrea-agent-ubi", "Antrea", enforces=True),
    Plugin("antrea-ubuntu", "Antrea", enforces=True),
    # https://www.kube-router.io/docs/user-guide/ (--run-firewall is true unless set)
    Plugin("kube-router", "kube-router", enforces=True, flag="--run-firewall"),
    # https://github.com/weaveworks/weave: weave-npc is its policy controller
    Plugin("weave-npc", "Weave Net", enforces=True),
    # https://ovn-kubernetes.io/features/network-security-controls/network-policy/
    Plugin("ovn-kube-u", "OVN-Kubernetes", enforces=True),
    Plugin("ovn-kube-f", "OVN-Kubernetes", enforces=True),
    # https://kubeovn.github.io/docs/stable/en/
    Plugin("kube-ovn", "Kube-OVN", enforces=True),
    # https://learn.microsoft.com/azure/aks/use-network-policies
    Plugin("azure-npm", "Azure NPM", enforces=True),
    # https://docs.aws.amazon.com/eks/latest/userguide/cni-network-policy-configure.html (off unless set)
    Plugin("aws-network-policy-agent", "Amazon VPC CNI", enforces=False, flag="--enable-network-policy"),
    # https://github.com/kubernetes-sigs/kube-network-policies
    Plugin("kube-network-policies", "kube-network-policies", enforces=True),
    # https://github.com/flannel-io/flannel: networking only; a policy controller may run beside it
    Plugin("flannel", "Flannel", enforces=False),
)


# OpenShift's images have no names, only digests: there it is the DaemonSet's name that tells.
# Source: https://docs.redhat.com/en/documentation/openshift_container_platform (OVN-Kubernetes network plugin)
_BY_NAME: Final = {("openshift-ovn-kubernetes", "ovnkube-node"): Plugin("", "OVN-Kubernetes", enforces=True)}


class Found(NamedTuple):
    plugin: Plugin
    daemon_set: DaemonSet
    enforces: bool


def plugins_found(snapshot: Snapshot) -> tuple[Found, ...]:
    """The network plugins that run here, as far as DaemonSets were seen."""
    return tuple(_found(snapshot))


def _found(snapshot: Snapshot) -> Iterator[Found]:
    for daemon_set in snapshot.seen(DaemonSet):
        named = _BY_NAME.get((daemon_set.namespace, daemon_set.name))
        if named is not None:
            yield Found(named, daemon_set, named.enforces)
        for container in daemon_set.pod_spec.containers:
            plugin = _plugin(container)
            if plugin is not None:
                yield Found(plugin, daemon_set, _enforces(plugin, container))


def _plugin(container: Container) -> Plugin | None:
    name = container.image.partition("@")[0]
    if ":" in name.rpartition("/")[2]:
        name = name.rpartition(":")[0]
    for plugin in PLUGINS:
        if name == plugin.image or name.endswith(f"/{plugin.image}"):
            return plugin
    return None


def _enforces(plugin: Plugin, container: Container) -> bool:
    if plugin.flag:
        for argument in (*container.command, *container.args):
            name, _, value = argument.partition("=")
            if name == plugin.flag:
                return value != "false"
    return plugin.enforces
