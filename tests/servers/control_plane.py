"""A real control plane on loopback: etcd, API server, controllers, scheduler, and kwok in place of kubelets."""

import json
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from ssl import CERT_NONE, SSLContext, create_default_context
from types import TracebackType
from typing import Final

import yaml

from tests.servers.certificates import Authority, Pair, new_key, private_pem, public_pem
from tests.servers.client import Client, Object
from tests.servers.kubelet import MANAGED, MANAGED_LABEL, Log, write_config
from tests.servers.polling import until
from tests.servers.processes import ServerEnded, Servers, free_ports

ADMIN: Final = "admin"
VIEWER: Final = "viewer"
NOBODY: Final = "nobody"
"""Logged in, and allowed nothing but discovery."""

HPA_CONTROLLER: Final = "horizontal-pod-autoscaler-controller"

_ATTEMPTS: Final = 3
_READABLE_GROUPS: Final = (
    "admissionregistration.k8s.io",
    "apiextensions.k8s.io",
    "apiregistration.k8s.io",
    "apps",
    "aquasecurity.github.io",
    "argoproj.io",
    "autoscaling",
    "autoscaling.k8s.io",
    "batch",
    "cert-manager.io",
    "certificates.k8s.io",
    "cilium.io",
    "coordination.k8s.io",
    "crd.projectcalico.org",
    "discovery.k8s.io",
    "gateway.networking.k8s.io",
    "helm.toolkit.fluxcd.io",
    "keda.sh",
    "kustomize.toolkit.fluxcd.io",
    "metrics.k8s.io",
    "monitoring.coreos.com",
    "monitoring.googleapis.com",
    "networking.k8s.io",
    "operator.victoriametrics.com",
    "policy",
    "policy.networking.k8s.io",
    "projectcalico.org",
    "rbac.authorization.k8s.io",
    "scheduling.k8s.io",
    "storage.k8s.io",
)
_READABLE_CORE: Final = (
    "configmaps",
    "events",
    "limitranges",
    "namespaces",
    "nodes",
    "persistentvolumeclaims",
    "persistentvolumes",
    "pods",
    "pods/log",
    "resourcequotas",
    "serviceaccounts",
    "services",
)

# Of writes with the request: deletions and evictions say in it alone that they are a dry run.
_AUDIT_POLICY: Final = {
    "apiVersion": "audit.k8s.io/v1",
    "kind": "Policy",
    "omitStages": ["RequestReceived", "ResponseStarted"],
    "rules": [{"level": "Request", "verbs": ["create", "update", "patch", "delete", "deletecollection"]}, {"level": "Metadata"}],
}


@dataclass(frozen=True)
class Options:
    """How a control plane differs from the usual one."""

    users: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Further users and their groups; each gets a token and a kubeconfig."""
    disabled_controllers: Sequence[str] = ()
    node_grace_seconds: int = 50
    event_ttl: str = "1h"
    audit: bool = False
    logs: Sequence[Log] = ()
    apiserver_flags: Sequence[str] = ()
    controller_manager_flags: Sequence[str] = ()


class ControlPlane:
    """A running control plane. Use it as a context manager, or close it."""

    def __init__(self, programs: Mapping[str, Path], options: Options | None = None) -> None:
        self.options = options or Options()
        self._programs = programs
        for attempt in range(1, _ATTEMPTS + 1):
            self._servers = Servers()
            try:
                self._start()
            except ServerEnded:
                self.close()
                if attempt == _ATTEMPTS:  # earlier: most likely someone else took a port
                    raise
            except BaseException:
                self.close()
                raise
            else:
                return

    def __enter__(self) -> "ControlPlane":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self._servers.close()

    # -- what tests ask -------------------------------------------------------------------------------------------

    @property
    def folder(self) -> Path:
        return self._servers.folder

    @property
    def kubectl(self) -> Path:
        return self._programs["kubectl"]

    @property
    def users(self) -> tuple[str, ...]:
        return (ADMIN, VIEWER, NOBODY, *self.options.users)

    def kubeconfig(self, user: str = ADMIN) -> Path:
        """A kubeconfig whose only context is named after the user."""
        return self.folder / f"kubeconfig-{user}"

    def token(self, user: str = ADMIN) -> str:
        return f"token-of-{user}"

    def client(self, user: str = ADMIN, field_manager: str = "kubectl") -> Client:
        return Client(self.url, self.ca_file, self.token(user), field_manager)

    def audited(self) -> list[Object]:
        """The audit log, one entry for each finished request; only with `audit`."""
        path = self.folder / "audit.log"
        # Without the line that is just being written.
        whole = path.read_text(encoding="utf-8").rpartition("\n")[0] if path.is_file() else ""
        return [json.loads(line) for line in whole.splitlines()]

    def log(self, server: str) -> str:
        """What a server wrote: etcd, kube-apiserver, kube-controller-manager, kube-scheduler or kwok."""
        return self._servers.log(server)

    def pause(self, server: str) -> None:
        """Makes a server hang, as it is."""
        self._servers.signal(server, signal.SIGSTOP)

    def resume(self, server: str) -> None:
        self._servers.signal(server, signal.SIGCONT)

    def end(self, server: str) -> None:
        """Ends one server for good."""
        self._servers.end(server)

    # -- nodes ----------------------------------------------------------------------------------------------------

    def add_node(
        self,
        name: str,
        zone: str = "zone-a",
        cpu: str = "16",
        memory: str = "64Gi",
        pods: str = "110",
        labels: Mapping[str, str] | None = None,
        taints: Sequence[Object] = (),
        kubelet_version: str = "",
    ) -> None:
        """Registers a node as a kubelet would; kwok makes it Ready."""
        capacity = {"cpu": cpu, "memory": memory, "pods": pods, "ephemeral-storage": "200Gi"}
        self._admin.create(
            {
                "apiVersion": "v1",
                "kind": "Node",
                "metadata": {
                    "name": name,
                    "annotations": {"volumes.kubernetes.io/controller-managed-attach-detach": "true"},
                    "labels": {
                        "kubernetes.io/hostname": name,
                        "kubernetes.io/os": "linux",
                        "kubernetes.io/arch": "amd64",
                        "topology.kubernetes.io/region": zone.rpartition("-")[0] or zone,
                        "topology.kubernetes.io/zone": zone,
                        **MANAGED,
                        **(labels or {}),
                    },
                },
                "spec": {"taints": list(taints)},
                "status": {
                    "capacity": capacity,
                    "allocatable": capacity,
                    "addresses": [{"type": "InternalIP", "address": "127.0.0.1"}, {"type": "Hostname", "address": name}],
                    "daemonEndpoints": {"kubeletEndpoint": {"Port": self._kwok_port}},
                    "nodeInfo": {
                        "architecture": "amd64",
                        "bootID": "",
                        "containerRuntimeVersion": "containerd://2.2.1",
                        "kernelVersion": "6.12.48",
                        "kubeProxyVersion": "",
                        "kubeletVersion": kubelet_version or self.version,
                        "machineID": "",
                        "operatingSystem": "linux",
                        "osImage": "Debian GNU/Linux 13 (trixie)",
                        "systemUUID": "",
                    },
                },
            }
        )

    def wait_nodes(self, *names: str) -> None:
        """Until these nodes are Ready and the scheduler may use them."""

        def are_usable() -> bool:
            nodes = {node["metadata"]["name"]: node for node in self._admin.list_of("Node")}
            return all(name in nodes and _is_usable(nodes[name]) for name in names)

        until(are_usable, f"nodes {', '.join(names)} to be ready")

    def stop_kubelet(self, node: str) -> None:
        """Nobody renews the node's lease or touches its pods from now on."""
        self._admin.patch("Node", node, {"metadata": {"labels": {MANAGED_LABEL: None}}})

    def start_kubelet(self, node: str) -> None:
        self._admin.patch("Node", node, {"metadata": {"labels": MANAGED}})

    # -- starting -------------------------------------------------------------------------------------------------

    def _start(self) -> None:
        etcd_port, peer_port, self._port, controller_port, scheduler_port, self._kwok_port = free_ports(6)
        self.url = f"https://127.0.0.1:{self._port}"
        etcd_url = f"http://127.0.0.1:{etcd_port}"
        self._write_identities()
        self._start_etcd(etcd_url, f"http://127.0.0.1:{peer_port}")
        self._start_apiserver(etcd_url)
        self._admin = self.client()
        self.version: str = self._admin.request("GET", "/version")["gitVersion"]
        self._start_controller_manager(controller_port)
        self._start_scheduler(scheduler_port)
        self._start_kwok()
        self._wait("kube-scheduler", f"https://127.0.0.1:{scheduler_port}/readyz")
        self._wait("kube-controller-manager", f"https://127.0.0.1:{controller_port}/healthz")
        self._wait("kwok", f"http://127.0.0.1:{self._kwok_port}/healthz")
        until(self._is_furnished, "the controllers to fill the default roles and accounts")
        self._admin.apply_all(_viewer_rights())

    def _write_identities(self) -> None:
        authority = Authority.create("kubernetes")
        hosts = ["127.0.0.1", "localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc", "10.96.0.1"]
        self.ca_file = self._write("ca.crt", authority.pair.certificate)
        self._write("ca.key", authority.pair.key)
        self._write_pair("server", authority.issue("kube-apiserver", hosts))
        self._write_pair("front-proxy", authority.issue("front-proxy"))
        key = new_key()
        self._write("accounts.key", private_pem(key))
        self._write("accounts.pub", public_pem(key))
        groups = {ADMIN: ("system:masters",), VIEWER: (), NOBODY: (), **self.options.users}
        tokens = "".join(f'{self.token(user)},{user},{user},"{",".join(names)}"\n' for user, names in groups.items())
        self._write("tokens.csv", tokens.encode())
        for user in groups:
            self._write(f"kubeconfig-{user}", yaml.safe_dump(self._kubeconfig(user)).encode())
        if self.options.audit:
            self._write("audit-policy.yaml", yaml.safe_dump(_AUDIT_POLICY).encode())

    def _kubeconfig(self, user: str) -> Object:
        return {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": user,
            "clusters": [{"name": "test", "cluster": {"server": self.url, "certificate-authority": str(self.ca_file)}}],
            "users": [{"name": user, "user": {"token": self.token(user)}}],
            "contexts": [{"name": user, "context": {"cluster": "test", "user": user}}],
        }

    def _start_etcd(self, url: str, peer_url: str) -> None:
        self._servers.start(
            "etcd",
            [
                self._programs["etcd"],
                f"--data-dir={self.folder / 'etcd'}",
                f"--listen-client-urls={url}",
                f"--advertise-client-urls={url}",
                f"--listen-peer-urls={peer_url}",
                f"--initial-advertise-peer-urls={peer_url}",
                f"--initial-cluster=default={peer_url}",
                "--unsafe-no-fsync",
                "--log-level=warn",
            ],
        )
        self._wait("etcd", f"{url}/health")

    def _start_apiserver(self, etcd_url: str) -> None:
        audit = (
            f"--audit-log-path={self.folder / 'audit.log'}",
            f"--audit-policy-file={self.folder / 'audit-policy.yaml'}",
            "--audit-log-maxsize=100000",  # in MB: a log that is begun anew would forget what was written
        )
        self._servers.start(
            "kube-apiserver",
            [
                self._programs["kube-apiserver"],
                f"--etcd-servers={etcd_url}",
                "--bind-address=127.0.0.1",
                "--advertise-address=192.0.2.1",  # loopback is refused as an endpoint of the Service kubernetes
                f"--secure-port={self._port}",
                f"--tls-cert-file={self.folder / 'server.crt'}",
                f"--tls-private-key-file={self.folder / 'server.key'}",
                f"--client-ca-file={self.ca_file}",
                f"--requestheader-client-ca-file={self.ca_file}",
                "--requestheader-username-headers=X-Remote-User",
                "--requestheader-group-headers=X-Remote-Group",
                "--requestheader-allowed-names=front-proxy",
                f"--proxy-client-cert-file={self.folder / 'front-proxy.crt'}",
                f"--proxy-client-key-file={self.folder / 'front-proxy.key'}",
                # No kube-proxy here: webhooks and APIServices are called at their endpoints, and fail at once without any.
                "--enable-aggregator-routing=true",
                f"--token-auth-file={self.folder / 'tokens.csv'}",
                "--authorization-mode=RBAC",
                "--allow-privileged=true",
                "--service-cluster-ip-range=10.96.0.0/16",
                "--service-account-issuer=https://kubernetes.default.svc",
                f"--service-account-key-file={self.folder / 'accounts.pub'}",
                f"--service-account-signing-key-file={self.folder / 'accounts.key'}",
                "--kubelet-preferred-address-types=InternalIP",
                f"--event-ttl={self.options.event_ttl}",
                *(audit if self.options.audit else ()),
                *self.options.apiserver_flags,
            ],
        )
        self._wait("kube-apiserver", f"{self.url}/readyz")

    def _start_controller_manager(self, port: int) -> None:
        controllers = ",".join(["*", *(f"-{name}" for name in self.options.disabled_controllers)])
        self._servers.start(
            "kube-controller-manager",
            [
                self._programs["kube-controller-manager"],
                f"--kubeconfig={self.kubeconfig()}",
                "--bind-address=127.0.0.1",
                f"--secure-port={port}",
                f"--tls-cert-file={self.folder / 'server.crt'}",
                f"--tls-private-key-file={self.folder / 'server.key'}",
                "--leader-elect=false",
                "--use-service-account-credentials",
                f"--root-ca-file={self.ca_file}",
                f"--service-account-private-key-file={self.folder / 'accounts.key'}",
                f"--cluster-signing-cert-file={self.ca_file}",
                f"--cluster-signing-key-file={self.folder / 'ca.key'}",
                f"--controllers={controllers}",
                f"--node-monitor-grace-period={self.options.node_grace_seconds}s",
                "--kube-api-qps=500",
                "--kube-api-burst=1000",
                *self.options.controller_manager_flags,
            ],
        )

    def _start_scheduler(self, port: int) -> None:
        self._servers.start(
            "kube-scheduler",
            [
                self._programs["kube-scheduler"],
                f"--kubeconfig={self.kubeconfig()}",
                "--bind-address=127.0.0.1",
                f"--secure-port={port}",
                f"--tls-cert-file={self.folder / 'server.crt'}",
                f"--tls-private-key-file={self.folder / 'server.key'}",
                "--leader-elect=false",
                "--kube-api-qps=500",
                "--kube-api-burst=1000",
            ],
        )

    def _start_kwok(self) -> None:
        self._servers.start(
            "kwok",
            [
                self._programs["kwok"],
                f"--kubeconfig={self.kubeconfig()}",
                f"--config={write_config(self.folder, self.options.logs)}",
                f"--manage-nodes-with-label-selector={','.join(f'{key}={value}' for key, value in MANAGED.items())}",
                "--node-lease-duration-seconds=40",
                "--node-ip=127.0.0.1",
                "--cidr=10.244.0.0/16",
                f"--server-address=127.0.0.1:{self._kwok_port}",
                f"--node-port={self._kwok_port}",
                f"--tls-cert-file={self.folder / 'server.crt'}",
                f"--tls-private-key-file={self.folder / 'server.key'}",
            ],
        )

    def _is_furnished(self) -> bool:
        self._servers.check("kube-controller-manager")
        view = self._admin.find("ClusterRole", "view")
        account = self._admin.find("ServiceAccount", "default", "default")
        return bool(view and view.get("rules")) and account is not None

    def _wait(self, server: str, url: str) -> None:
        """Until a server says that it is ready."""

        def is_ready() -> bool:
            self._servers.check(server)
            return _answers(url)

        until(is_ready, f"{server} to be ready")

    def _write(self, name: str, content: bytes) -> Path:
        path = self.folder / name
        path.touch(mode=0o600)
        path.write_bytes(content)
        return path

    def _write_pair(self, name: str, pair: Pair) -> None:
        self._write(f"{name}.crt", pair.certificate)
        self._write(f"{name}.key", pair.key)


def _is_usable(node: Object) -> bool:
    ready = any(condition["type"] == "Ready" and condition["status"] == "True" for condition in node["status"].get("conditions", ()))
    return ready and not any(taint["key"] == "node.kubernetes.io/not-ready" for taint in node["spec"].get("taints", ()))


def _answers(url: str) -> bool:
    scheme, _, rest = url.partition("://")
    host, _, path = rest.partition("/")
    connection: HTTPConnection
    connection = HTTPConnection(host, timeout=10) if scheme == "http" else HTTPSConnection(host, context=_trusting(), timeout=10)
    try:
        connection.request("GET", f"/{path}")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _trusting() -> SSLContext:
    """Readiness of our own servers is asked before there is anything worth stealing."""
    context = create_default_context()
    context.check_hostname = False
    context.verify_mode = CERT_NONE
    return context


def _viewer_rights() -> list[Object]:
    """Reading everything but Secrets, for the viewer."""
    verbs = ["get", "list", "watch"]
    api = "rbac.authorization.k8s.io"
    return [
        {
            "apiVersion": f"{api}/v1",
            "kind": "ClusterRole",
            "metadata": {"name": "tests-viewer"},
            "rules": [
                {"apiGroups": [""], "resources": list(_READABLE_CORE), "verbs": verbs},
                {"apiGroups": list(_READABLE_GROUPS), "resources": ["*"], "verbs": verbs},
            ],
        },
        {
            "apiVersion": f"{api}/v1",
            "kind": "ClusterRoleBinding",
            "metadata": {"name": "tests-viewer"},
            "roleRef": {"apiGroup": api, "kind": "ClusterRole", "name": "tests-viewer"},
            "subjects": [{"apiGroup": api, "kind": "User", "name": VIEWER}],
        },
    ]
