"""Valid pods with everything in them that the Pod Security Standards judge, drawn at random: mostly good, with a few faults each."""

from random import Random
from typing import Any, Final

Object = dict[str, Any]

_IMAGE: Final = "registry.k8s.io/pause:3.10"
_CAPABILITIES: Final = ("CHOWN", "NET_BIND_SERVICE", "NET_RAW", "SYS_TIME", "KILL", "SETUID", "CAP_CHOWN", "chown", "ALL", "MKNOD")
_SYSCTLS: Final = (
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_rmem",
    "net.core.somaxconn",
    "net.ipv4.ip_unprivileged_port_start",
)
_SELINUX: Final[tuple[Object, ...]] = (
    {"type": "container_t"},
    {"type": "container_engine_t"},
    {"type": "spc_t"},
    {"user": "system_u"},
    {"role": "system_r", "type": "container_kvm_t"},
    {"level": "s0:c1,c2"},
    {},
)
_VOLUMES: Final[tuple[Object, ...]] = (
    {"emptyDir": {}},
    {"configMap": {"name": "settings"}},
    {"secret": {"secretName": "key"}},
    {"downwardAPI": {"items": []}},
    {"projected": {"sources": []}},
    {"persistentVolumeClaim": {"claimName": "data"}},
    {"csi": {"driver": "csi.example.org"}},
    {"image": {"reference": "registry.example.org/files:1"}},
    {"ephemeral": {"volumeClaimTemplate": {"spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}}}},
    {"hostPath": {"path": "/srv/data"}},
    {"nfs": {"server": "nfs.example.org", "path": "/"}},
    {"iscsi": {"targetPortal": "10.0.0.1:3260", "iqn": "iqn.2001-04.com.example:storage", "lun": 0}},
    {"fc": {"targetWWNs": ["50060e801049cfd1"], "lun": 0}},
    {"azureFile": {"secretName": "azure", "shareName": "share"}},
    {"gcePersistentDisk": {"pdName": "disk"}},
    {"awsElasticBlockStore": {"volumeID": "vol-1"}},
    {"cinder": {"volumeID": "1"}},
    {"glusterfs": {"endpoints": "gluster", "path": "vol"}},
    {"rbd": {"monitors": ["10.0.0.1:6789"], "image": "img"}},
    {"cephfs": {"monitors": ["10.0.0.1:6789"]}},
    {"flexVolume": {"driver": "example.org/driver"}},
    {"flocker": {"datasetName": "set"}},
    {"vsphereVolume": {"volumePath": "[store] disk"}},
    {"quobyte": {"registry": "quobyte:7861", "volume": "vol"}},
    {"azureDisk": {"diskName": "disk", "diskURI": "https://example.org/disk.vhd"}},
    {"portworxVolume": {"volumeID": "vol"}},
    {"photonPersistentDisk": {"pdID": "disk"}},
    {"scaleIO": {"gateway": "https://example.org", "system": "s", "volumeName": "v", "secretRef": {"name": "s"}}},
    {"storageos": {"volumeName": "vol"}},
)
_PROFILES: Final[tuple[Object, ...]] = (
    {"type": "RuntimeDefault"},
    {"type": "Localhost", "localhostProfile": "app.json"},
    {"type": "Unconfined"},
)


class Pods:
    """Draws pods; the same seed draws the same ones."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)

    def pod(self, name: str) -> Object:
        random = self._random
        # How often a control is touched at all: pods that violate everything tell little of each control.
        self._fault_ratio = random.choice((0.01, 0.04, 0.15))
        self._fields_are_pods = random.random() < 0.5
        system = random.choices(("", "linux", "windows"), (6, 2, 2))[0]
        return self._windows_pod(name) if system == "windows" else self._linux_pod(name, system)

    def ephemeral_container(self, number: int) -> Object:
        """What `kubectl debug` would add to a pod."""
        self._fault_ratio = 0.15
        self._fields_are_pods = False
        container = self._container(f"debug-{number}", has_user_namespace=False)
        return {key: value for key, value in container.items() if key not in ("ports", "livenessProbe", "readinessProbe", "lifecycle")}

    def _happens(self) -> bool:
        return self._random.random() < self._fault_ratio

    # -- Linux ----------------------------------------------------------------------------------------------------

    def _linux_pod(self, name: str, system: str) -> Object:
        random = self._random
        spec: Object = {"os": {"name": system}} if system else {}
        has_user_namespace = random.random() < 0.2
        if has_user_namespace:
            spec["hostUsers"] = False
        else:
            if random.random() < 0.1:
                spec["hostUsers"] = True
            spec |= {field: True for field in ("hostNetwork", "hostPID", "hostIPC") if self._happens()}
        context = self._pod_context()
        if context or random.random() < 0.1:
            spec["securityContext"] = context
        names = ("app", "mesh", "helper")[: random.choice((1, 1, 2, 3))]
        spec["containers"] = [self._container(f"{one}-main", has_user_namespace) for one in names]
        if random.random() < 0.4:
            spec["initContainers"] = [self._container("setup", has_user_namespace)]
            if random.random() < 0.5:
                spec["initContainers"].append(self._container("sidecar", has_user_namespace) | {"restartPolicy": "Always"})
        for container in spec.get("initContainers", []):
            if container.get("restartPolicy") != "Always":
                for field in ("livenessProbe", "readinessProbe", "lifecycle"):
                    container.pop(field, None)
        if volumes := [one for one in _VOLUMES[:9] if random.random() < 0.1] + [one for one in _VOLUMES[9:] if self._happens()][:3]:
            spec["volumes"] = [{"name": f"volume-{number}", **volume} for number, volume in enumerate(volumes)]
        if spec.get("hostNetwork"):
            self._follow_the_node(spec)
        metadata: Object = {"name": name}
        if annotations := self._annotations(spec):
            metadata["annotations"] = annotations
        return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}

    def _pod_context(self) -> Object:
        random = self._random
        context: Object = {}
        if self._fields_are_pods:
            context |= {"runAsNonRoot": True, "seccompProfile": _PROFILES[0]}
        if self._happens():
            context["runAsNonRoot"] = random.choice((True, False))
        if random.random() < 0.2 or self._happens():
            context["runAsUser"] = 0 if self._happens() else 1000
        if self._happens():
            context["seccompProfile"] = random.choice(_PROFILES)
        if self._happens():
            context["appArmorProfile"] = random.choice(_PROFILES)
        if self._happens():
            context["seLinuxOptions"] = random.choice(_SELINUX)
        if self._happens():
            context["sysctls"] = [{"name": one, "value": "1"} for one in random.sample(_SYSCTLS, random.randint(1, 3))]
        if random.random() < 0.1:
            context["fsGroup"] = random.choice((0, 2000))
        for field in ("runAsNonRoot", "seccompProfile"):
            if field in context and self._happens():
                del context[field]
        return context

    def _container(self, name: str, has_user_namespace: bool) -> Object:
        random = self._random
        container: Object = {"name": name, "image": _IMAGE}
        context = self._context(has_user_namespace)
        if context or random.random() < 0.1:
            container["securityContext"] = context
        if random.random() < 0.2:
            container["ports"] = [{"containerPort": 8080}] + (
                [{"containerPort": 9090, "hostPort": random.randint(9090, 30000)}] if self._happens() else []
            )
        if random.random() < 0.2 or self._happens():
            probe: Object = {"httpGet": {"port": 8080, "path": "/"}} if random.random() < 0.5 else {"tcpSocket": {"port": 8080}}
            if self._happens():
                next(iter(probe.values()))["host"] = random.choice(("127.0.0.1", "10.0.0.1", ""))
            container[random.choice(("livenessProbe", "readinessProbe"))] = probe
        if self._happens():
            hook: Object = random.choice(({"httpGet": {"port": 80}}, {"tcpSocket": {"port": 80}}, {"exec": {"command": ["true"]}}))
            hook = {kind: dict(handler) for kind, handler in hook.items()}
            if "exec" not in hook and random.random() < 0.5:
                next(iter(hook.values()))["host"] = "10.0.0.1"
            container["lifecycle"] = {random.choice(("postStart", "preStop")): hook}
        return container

    def _context(self, has_user_namespace: bool) -> Object:
        random = self._random
        context: Object = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
        if not self._fields_are_pods or random.random() < 0.1:
            context |= {"runAsNonRoot": True, "seccompProfile": _PROFILES[0]}
        if self._happens():
            context["capabilities"] = random.choice(({}, {"drop": ["all"]}, {"drop": ["NET_RAW"]}, {"drop": ["NET_RAW", "ALL"]}))
        if random.random() < 0.1 or self._happens():
            added = ["NET_BIND_SERVICE"] if random.random() < 0.5 else random.sample(_CAPABILITIES, random.randint(1, 2))
            context["capabilities"] = context["capabilities"] | {"add": added}
        if self._happens():
            context["allowPrivilegeEscalation"] = True
        if self._happens():
            context |= {"privileged": True, "allowPrivilegeEscalation": True}
        elif random.random() < 0.1:
            context["privileged"] = False
        if random.random() < 0.1 or self._happens():
            context["runAsUser"] = 0 if self._happens() else 1000
        if self._happens():
            context["runAsNonRoot"] = random.choice((True, False))
        if self._happens():
            context["seccompProfile"] = random.choice(_PROFILES)
        if self._happens():
            context["appArmorProfile"] = random.choice(_PROFILES)
        if self._happens():
            context["seLinuxOptions"] = random.choice(_SELINUX)
        if has_user_namespace and (self._happens() or random.random() < 0.2):
            context["procMount"] = "Unmasked"
        elif random.random() < 0.1:
            context["procMount"] = "Default"
        for field in ("allowPrivilegeEscalation", "capabilities", "runAsNonRoot", "seccompProfile"):
            if field in context and self._happens() and not (field == "allowPrivilegeEscalation" and context.get("privileged")):
                del context[field]
        return context

    def _annotations(self, spec: Object) -> Object:
        """AppArmor's, of containers that have no field for it: the API server refuses two that contradict each other."""
        random = self._random
        if not self._happens() or "appArmorProfile" in spec.get("securityContext", {}) or spec.get("os"):
            return {}
        return {
            f"container.apparmor.security.beta.kubernetes.io/{one['name']}": random.choice(
                ("unconfined", "runtime/default", "localhost/app")
            )
            for one in (*spec["containers"], *spec.get("initContainers", []))
            if "appArmorProfile" not in one.get("securityContext", {})
        }

    def _follow_the_node(self, spec: Object) -> None:
        """On the node's network a container port is the node's, once for each number."""
        seen: set[int] = set()
        for container in spec["containers"]:
            ports = [port for port in container.pop("ports", []) if port["containerPort"] not in seen]
            seen |= {port["containerPort"] for port in ports}
            if ports:
                container["ports"] = ports
        for container in spec.get("initContainers", []):
            container.pop("ports", None)
        for sysctl in list(spec.get("securityContext", {}).get("sysctls", [])):
            if sysctl["name"].startswith("net."):
                spec["securityContext"]["sysctls"].remove(sysctl)

    # -- Windows --------------------------------------------------------------------------------------------------

    def _windows_pod(self, name: str) -> Object:
        random = self._random
        spec: Object = {"os": {"name": "windows"}, "containers": []}
        context: Object = {}
        if random.random() < 0.6:
            context["runAsNonRoot"] = not self._happens()
        is_host_process = self._happens()
        if is_host_process:
            spec["hostNetwork"] = True
            if random.random() < 0.5:
                context["windowsOptions"] = {"hostProcess": True, "runAsUserName": "NT AUTHORITY\\SYSTEM"}
        elif random.random() < 0.3:
            context["windowsOptions"] = {"hostProcess": False}
        if context:
            spec["securityContext"] = context
        for number in range(random.choice((1, 1, 2))):
            container: Object = {"name": f"app-{number}", "image": _IMAGE}
            own: Object = {}
            if is_host_process and "windowsOptions" not in context:
                own["windowsOptions"] = {"hostProcess": True}
            if random.random() < 0.3 and "runAsNonRoot" not in context:
                own["runAsNonRoot"] = random.random() < 0.7
            if own:
                container["securityContext"] = own
            spec["containers"].append(container)
        if random.random() < 0.2:
            spec["volumes"] = [{"name": "volume-0", **random.choice(_VOLUMES[:12])}]
        return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec}
