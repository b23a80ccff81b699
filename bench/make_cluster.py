"""A made-up cluster of realistic size and contents, with some faults in it, as a recording: `python -m bench.make_cluster OUT`.

The same arguments give the same bytes. Objects are written as the API server sends them and read the way daytwo reads them.
"""

import argparse
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import msgspec

from daytwo.model.cluster import Cluster
from daytwo.model.kinds import KINDS
from daytwo.model.snapshot import Reading, Snapshot, by_kind
from daytwo.sources.kubernetes.decode import decode_any
from daytwo.sources.recording import write_recording

Object = dict[str, Any]

AT: Final = datetime(2026, 11, 20, 8, tzinfo=UTC)
_ALPHABET: Final = "bcdfghjklmnpqrstvwxz2456789"
_APPS: Final = ("web", "api", "cart", "payments", "search", "mail", "auth", "stock", "orders", "ledger", "images", "reports")


@dataclass(frozen=True)
class Size:
    """How much of what; `objects` is reached by ConfigMaps, of which every cluster has too many."""

    nodes: int = 500
    pods: int = 10_000
    objects: int = 20_000

    def times(self, factor: int) -> "Size":
        return Size(self.nodes * factor, self.pods * factor, self.objects * factor)


def make_cluster(size: Size) -> Snapshot:
    """The snapshot that reading such a cluster would give."""
    resources = []
    for item in _Maker(size).items():
        resource = decode_any(msgspec.json.encode(item))
        assert resource is not None, item["kind"]
        resources.append(resource)
    return Snapshot(
        taken_at=AT,
        cluster=Cluster(name="bench", uid="0f0e0d0c-0b0a-4908-8706-050403020100", version="v1.36.2", user="viewer"),
        resources=by_kind(resources),
        readings={kind.name: Reading() for kind in KINDS},
    )


def _time(**ago: float) -> str:
    return (AT - timedelta(**ago)).strftime("%Y-%m-%dT%H:%M:%SZ")


def _is_ready(pod: Object) -> bool:
    return any(condition["type"] == "Ready" and condition["status"] == "True" for condition in pod["status"]["conditions"])


class _Maker:
    """Makes one cluster. Every kind of fault hits a few workloads, chosen by their number, so that all checks have work."""

    def __init__(self, size: Size) -> None:
        self._size = size
        self._random = random.Random(size.nodes * 1_000_003 + size.pods)
        self._nodes = [f"ip-10-{index // 250}-{index % 250}-7.eu-west-1.compute.internal" for index in range(size.nodes)]
        self._namespaces = [f"team-{index:03d}" for index in range(max(size.pods // 200, 2))]
        self._lost_nodes = set(self._nodes[:: max(size.nodes // 3, 1)])
        self._next_node = 0

    def items(self) -> Iterator[Object]:
        made = 0
        for item in self._all():
            made += 1
            yield item
        for index in range(self._size.objects - made):
            yield self._config_map(self._namespaces[index % len(self._namespaces)], f"settings-{index}")

    def _all(self) -> Iterator[Object]:
        yield from self._cluster_scoped()
        for namespace in self._namespaces:
            yield from self._namespaced(namespace)
        daemons = 4
        pods_left = self._size.pods - daemons * self._size.nodes
        for index in range(daemons):
            yield from self._daemon_set(f"agent-{index}")
        for index in range(max(pods_left // 150, 1)):
            yield from self._stateful_set(index)
            pods_left -= 3
        for index in range(max(pods_left // 60, 1)):
            yield from self._cron_job(index)
            pods_left -= 1
        index = 0
        while pods_left > 0:
            replicas = min((2, 3, 5, 8, 12, 20)[index % 6], pods_left)
            yield from self._deployment(index, replicas)
            pods_left -= replicas
            index += 1

    # -- pieces -------------------------------------------------------------------------------------------------------

    def _suffix(self, length: int) -> str:
        return "".join(self._random.choices(_ALPHABET, k=length))

    def _uid(self) -> str:
        digits = f"{self._random.getrandbits(128):032x}"
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-8{digits[17:20]}-{digits[20:]}"

    def _metadata(self, name: str, namespace: str = "", *, days: float = 30, owner: Object | None = None, **more: Any) -> Object:
        metadata: Object = {
            "name": name,
            "uid": self._uid(),
            "resourceVersion": str(self._random.randrange(10**8)),
            "creationTimestamp": _time(days=days),
            "managedFields": [
                {
                    "manager": "argocd-controller",
                    "operation": "Apply",
                    "apiVersion": "v1",
                    "time": _time(days=days),
                    "fieldsType": "FieldsV1",
                    "fieldsV1": {
                        "f:metadata": {"f:labels": {".": {}, "f:app.kubernetes.io/name": {}}},
                        "f:spec": {"f:template": {}, "f:replicas": {}},
                    },
                },
                {
                    "manager": "kube-controller-manager",
                    "operation": "Update",
                    "time": _time(hours=2),
                    "subresource": "status",
                    "fieldsV1": {"f:status": {"f:conditions": {}}},
                },
            ],
            **more,
        }
        if namespace:
            metadata["namespace"] = namespace
        if owner is not None:
            reference = {key: owner[key] for key in ("apiVersion", "kind")}
            reference |= {key: owner["metadata"][key] for key in ("name", "uid")}
            metadata["ownerReferences"] = [reference | {"controller": True, "blockOwnerDeletion": True}]
        return metadata

    def _labels(self, name: str, app: str) -> dict[str, str]:
        return {
            "app.kubernetes.io/name": app,
            "app.kubernetes.io/instance": name,
            "app.kubernetes.io/part-of": "shop",
            "app.kubernetes.io/managed-by": "Helm",
            "helm.sh/chart": f"{app}-1.4.2",
        }

    def _template(self, name: str, app: str, *, image: str | None = None, claims: bool = False) -> Object:
        def variable(index: int) -> Object:
            return {"name": f"SETTING_{index}", "value": f"http://{_APPS[index % len(_APPS)]}.{name}.svc.cluster.local:8080/v1"}

        volumes: list[Object] = [{"name": "config", "configMap": {"name": f"{name}-config"}}, {"name": "tmp", "emptyDir": {}}]
        if claims:
            volumes.append({"name": "data", "persistentVolumeClaim": {"claimName": f"data-{name}-0"}})
        return {
            "metadata": {
                "labels": self._labels(name, app),
                "annotations": {"checksum/config": f"{hash_of(name):064x}", "prometheus.io/scrape": "true", "prometheus.io/port": "9090"},
            },
            "spec": {
                "containers": [
                    {
                        "name": "app",
                        "image": image or f"registry.example.com/shop/{app}:1.{hash_of(name) % 40}.0@sha256:{hash_of(name):064x}",
                        "args": ["--config=/etc/app/config.yaml", "--port=8080", f"--service={name}", "--log-level=info"],
                        "env": [
                            *(variable(index) for index in range(8)),
                            {"name": "JAVA_OPTS", "value": "-XX:MaxRAMPercentage=75 -XX:+UseG1GC"},
                            {"name": "POD_IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}},
                            {"name": "DB_PASSWORD", "valueFrom": {"secretKeyRef": {"name": f"{name}-db", "key": "password"}}},
                        ],
                        "envFrom": [{"configMapRef": {"name": f"{name}-config"}}],
                        "ports": [{"containerPort": 8080, "name": "http"}, {"containerPort": 9090, "name": "metrics"}],
                        "resources": {"requests": {"cpu": "150m", "memory": "256Mi"}, "limits": {"memory": "512Mi"}},
                        "livenessProbe": {"httpGet": {"path": "/healthz", "port": "http"}, "periodSeconds": 10, "failureThreshold": 3},
                        "readinessProbe": {"httpGet": {"path": "/ready", "port": "http"}, "periodSeconds": 5},
                        "volumeMounts": [{"name": "config", "mountPath": "/etc/app"}, {"name": "tmp", "mountPath": "/tmp"}],
                        "imagePullPolicy": "IfNotPresent",
                        "securityContext": {"runAsNonRoot": True, "allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
                    },
                    {
                        "name": "proxy",
                        "image": "registry.example.com/mesh/proxy:2.14.1",
                        "resources": {"requests": {"cpu": "20m", "memory": "32Mi"}},
                        "ports": [{"containerPort": 4143, "name": "proxy"}],
                    },
                ],
                "volumes": volumes,
                "serviceAccountName": "default",
                "imagePullSecrets": [{"name": "registry"}],
                "tolerations": [
                    {"key": f"node.kubernetes.io/{key}", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300}
                    for key in ("not-ready", "unreachable")
                ],
                "topologySpreadConstraints": [
                    {
                        "maxSkew": 1,
                        "topologyKey": "topology.kubernetes.io/zone",
                        "whenUnsatisfiable": "ScheduleAnyway",
                        "labelSelector": {"matchLabels": {"app.kubernetes.io/instance": name}},
                    }
                ],
                "terminationGracePeriodSeconds": 30,
                "restartPolicy": "Always",
                "schedulerName": "default-scheduler",
            },
        }

    def _pod(
        self, name: str, namespace: str, owner: Object, template: Object, *, state: str = "ready", node: str = "", days: float = 3
    ) -> Object:
        """A pod of a template in one of a few states: ready, crashing, no-image, pending, done."""
        if not node and state != "pending":
            node = self._nodes[self._next_node % len(self._nodes)]
            self._next_node += 1
        metadata = self._metadata(name, namespace, days=days, owner=owner, generateName=f"{name[:-5]}")
        metadata["labels"] = dict(template["metadata"]["labels"])
        if owner["kind"] == "ReplicaSet":
            metadata["labels"]["pod-template-hash"] = owner["metadata"]["labels"]["pod-template-hash"]
        metadata["annotations"] = template["metadata"].get("annotations", {})
        spec = {
            **template["spec"],
            "volumes": [
                *template["spec"]["volumes"],
                {
                    "name": f"kube-api-access-{name[-5:]}",
                    "projected": {
                        "sources": [
                            {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
                            {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
                        ]
                    },
                },
            ],
        }
        if node:
            spec["nodeName"] = node
        is_lost = node in self._lost_nodes
        return {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": metadata,
            "spec": spec,
            "status": self._pod_status(spec, state, is_lost, days),
        }

    def _pod_status(self, spec: Object, state: str, is_lost: bool, days: float) -> Object:
        ready = state == "ready"
        if state == "pending":
            message = "0/500 nodes are available: 3 node(s) had untolerated taint(s), 497 Insufficient cpu."
            unscheduled = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message}
            return {"phase": "Pending", "conditions": [unscheduled | {"lastTransitionTime": _time(minutes=50)}], "qosClass": "Burstable"}
        since = _time(minutes=24) if is_lost else _time(days=days) if ready else _time(minutes=48)
        started = _time(days=days)

        def container_status(container: Object) -> Object:
            status: Object = {
                "name": container["name"],
                "image": container["image"],
                "imageID": container["image"],
                "containerID": f"containerd://{self._random.getrandbits(256):064x}",
                "ready": ready,
                "started": ready,
                "restartCount": 0,
                "state": {"running": {"startedAt": started}},
                "lastState": {},
            }
            if state == "crashing" and container["name"] == "app":
                ended = {"exitCode": 137, "reason": "OOMKilled", "startedAt": _time(minutes=4), "finishedAt": _time(minutes=3)}
                message = "back-off 5m0s restarting failed container=app pod=app"
                status["restartCount"] = 14
                status["state"] = {"waiting": {"reason": "CrashLoopBackOff", "message": message}}
                status["lastState"] = {"terminated": ended}
            elif state == "no-image" and container["name"] == "app":
                message = f'Back-off pulling image "{container["image"]}": ErrImagePull: rpc error: code = NotFound desc = not found'
                status["state"] = {"waiting": {"reason": "ImagePullBackOff", "message": message}}
            elif state == "done":
                status["state"] = {"terminated": {"exitCode": 0, "reason": "Completed", "startedAt": started, "finishedAt": started}}
            return status

        def condition(type: str, is_true: bool) -> Object:
            return {"type": type, "status": "True" if is_true else "False", "lastProbeTime": None, "lastTransitionTime": since}

        conditions = [
            condition("PodReadyToStartContainers", True),
            condition("Initialized", True),
            condition("Ready", ready and not is_lost),
            condition("ContainersReady", ready),
            condition("PodScheduled", True),
        ]
        if not ready and state != "done":
            conditions[2] |= {"reason": "ContainersNotReady", "message": "containers with unready status: [app]"}
        return {
            "phase": {"done": "Succeeded", "no-image": "Pending"}.get(state, "Running"),
            "conditions": conditions,
            "containerStatuses": [container_status(container) for container in spec["containers"]],
            "startTime": started,
            "podIP": f"10.{self._random.randrange(256)}.{self._random.randrange(256)}.{self._random.randrange(256)}",
            "qosClass": "Burstable",
        }

    # -- kinds --------------------------------------------------------------------------------------------------------

    def _cluster_scoped(self) -> Iterator[Object]:
        for namespace in ("default", "kube-system", "kube-node-lease", *self._namespaces):
            labels = {"kubernetes.io/metadata.name": namespace}
            yield {
                "apiVersion": "v1",
                "kind": "Namespace",
                "metadata": self._metadata(namespace, days=400, labels=labels),
                "status": {"phase": "Active"},
            }
        for index, node in enumerate(self._nodes):
            yield from self._node(index, node)
        for name in ("fast", "slow"):
            yield {
                "apiVersion": "storage.k8s.io/v1",
                "kind": "StorageClass",
                "metadata": self._metadata(name),
                "provisioner": "ebs.csi.aws.com",
                "volumeBindingMode": "WaitForFirstConsumer",
            }
        for index in range(30):
            available = {"type": "Available", "status": "True", "reason": "Local", "lastTransitionTime": _time(days=30)}
            yield {
                "apiVersion": "apiregistration.k8s.io/v1",
                "kind": "APIService",
                "metadata": self._metadata(f"v1.group-{index}.example.com"),
                "spec": {"group": f"group-{index}.example.com", "version": "v1"},
                "status": {"conditions": [available]},
            }

    def _node(self, index: int, name: str) -> Iterator[Object]:
        is_lost = name in self._lost_nodes
        zone = f"eu-west-1{'abc'[index % 3]}"
        quantities = {"cpu": "15890m", "memory": "62Gi", "pods": "110", "ephemeral-storage": "95551679124"}

        def condition(type: str, status: str) -> Object:
            found = {"type": type, "status": status, "reason": f"Kubelet{type}", "message": "kubelet is posting ready status"}
            if is_lost:
                found |= {"status": "Unknown", "reason": "NodeStatusUnknown", "message": "Kubelet stopped posting node status."}
            return found | {
                "lastHeartbeatTime": _time(minutes=25 if is_lost else 2),
                "lastTransitionTime": _time(minutes=24, days=0 if is_lost else 9),
            }

        lost_taint = {"key": "node.kubernetes.io/unreachable", "effect": "NoExecute", "timeAdded": _time(minutes=24)}
        labels = {
            "topology.kubernetes.io/zone": zone,
            "topology.kubernetes.io/region": "eu-west-1",
            "node.kubernetes.io/instance-type": "m6i.4xlarge",
            "kubernetes.io/arch": "amd64",
            "kubernetes.io/os": "linux",
            "kubernetes.io/hostname": name,
        }
        yield {
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": self._metadata(name, days=20, labels=labels),
            "spec": {"providerID": f"aws:///{zone}/i-{index:017x}", **({"taints": [lost_taint]} if is_lost else {})},
            "status": {
                "allocatable": quantities,
                "capacity": quantities,
                "conditions": [
                    condition("Ready", "True"),
                    *(condition(kind, "False") for kind in ("MemoryPressure", "DiskPressure", "PIDPressure")),
                ],
                "nodeInfo": {"kubeletVersion": "v1.36.2", "containerRuntimeVersion": "containerd://2.1.4", "osImage": "Bottlerocket"},
                "images": [{"names": [f"registry.example.com/shop/app:{tag}"], "sizeBytes": 104857600} for tag in range(20)],
            },
        }
        yield {
            "apiVersion": "coordination.k8s.io/v1",
            "kind": "Lease",
            "metadata": self._metadata(name, "kube-node-lease", days=20),
            "spec": {
                "holderIdentity": name,
                "leaseDurationSeconds": 40,
                "renewTime": (AT - timedelta(minutes=25 if is_lost else 0, seconds=4)).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            },
        }

    def _namespaced(self, namespace: str) -> Iterator[Object]:
        full = namespace.endswith("7")
        hard = {"pods": "300", "requests.cpu": "200", "requests.memory": "400Gi"}
        yield {
            "apiVersion": "v1",
            "kind": "ResourceQuota",
            "metadata": self._metadata("quota", namespace),
            "spec": {"hard": hard},
            "status": {"hard": hard, "used": {"pods": "291" if full else "200", "requests.cpu": "32", "requests.memory": "51Gi"}},
        }
        yield {"apiVersion": "v1", "kind": "LimitRange", "metadata": self._metadata("limits", namespace), "spec": {"limits": []}}
        yield {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": self._metadata("default", namespace)}
        yield self._config_map(namespace, "kube-root-ca.crt")
        yield {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "NetworkPolicy",
            "metadata": self._metadata("default-deny", namespace),
            "spec": {"podSelector": {}, "policyTypes": ["Ingress"]},
        }

    def _config_map(self, namespace: str, name: str) -> Object:
        data = {f"file-{index}.yaml": "key: value\n" * 20 for index in range(5)}
        return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": self._metadata(name, namespace), "data": data}

    def _configuration(self, namespace: str, name: str) -> Iterator[Object]:
        yield self._config_map(namespace, f"{name}-config")
        yield {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": self._metadata(f"{name}-db", namespace),
            "type": "Opaque",
            "data": {"password": "aHVudGVyMg==", "username": "YXBw"},
        }

    def _event(self, about: Object, reason: str, message: str, *, type: str = "Warning", minutes: float = 5) -> Object:
        metadata = about["metadata"]
        namespace = metadata.get("namespace", "default")
        involved = {"apiVersion": about["apiVersion"], "kind": about["kind"], "name": metadata["name"], "uid": metadata["uid"]}
        return {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": self._metadata(f"{metadata['name']}.{self._random.getrandbits(64):016x}", namespace, days=0.01),
            "involvedObject": involved | {"namespace": namespace},
            "type": type,
            "reason": reason,
            "message": message,
            "count": 12,
            "firstTimestamp": _time(minutes=48),
            "lastTimestamp": _time(minutes=minutes),
            "source": {"component": "kubelet"},
        }

    def _service(self, namespace: str, name: str, app: str, pods: list[Object], *, has_typo: bool) -> Iterator[Object]:
        selector = {"app.kubernetes.io/instance": name + ("x" if has_typo else ""), "app.kubernetes.io/name": app}
        service: Object = {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": self._metadata(name, namespace, labels=self._labels(name, app)),
            "spec": {
                "selector": selector,
                "ports": [{"name": "http", "port": 80, "targetPort": "http"}],
                "clusterIP": "10.0.0.1",
                "type": "ClusterIP",
            },
        }
        yield service

        def endpoint(pod: Object) -> Object:
            ready = _is_ready(pod)
            target = {"kind": "Pod", "namespace": namespace, "name": pod["metadata"]["name"], "uid": pod["metadata"]["uid"]}
            return {
                "addresses": [pod["status"]["podIP"]],
                "conditions": {"ready": ready, "serving": ready, "terminating": False},
                "nodeName": pod["spec"]["nodeName"],
                "targetRef": target,
                "zone": "eu-west-1a",
            }

        endpoints = [] if has_typo else [endpoint(pod) for pod in pods if "podIP" in pod["status"]]
        labels = {"kubernetes.io/service-name": name, "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io"}
        yield {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": self._metadata(f"{name}-{self._suffix(5)}", namespace, owner=service, labels=labels),
            "addressType": "IPv4",
            "endpoints": endpoints,
            "ports": [{"name": "http", "port": 8080, "protocol": "TCP"}],
        }

    def _deployment(self, index: int, replicas: int) -> Iterator[Object]:
        namespace = self._namespaces[index % len(self._namespaces)]
        app = _APPS[index % len(_APPS)]
        name = f"{app}-{index}"
        # A few of each: crashing, without image, unschedulable; the rest is well.
        state = {3: "crashing", 47: "no-image", 71: "pending"}.get(index % 101, "ready")
        image = f"registry.example.com/shop/{app}:9.99" if state == "no-image" else None
        template = self._template(name, app, image=image)
        selector = {"matchLabels": {"app.kubernetes.io/instance": name, "app.kubernetes.io/name": app}}
        annotations = {
            "deployment.kubernetes.io/revision": "9",
            "kubectl.kubernetes.io/last-applied-configuration": msgspec.json.encode(
                {"apiVersion": "apps/v1", "kind": "Deployment", "spec": {"template": template}}
            ).decode(),
        }
        available = {"type": "Available", "status": "True" if state == "ready" else "False", "reason": "MinimumReplicasAvailable"}
        progressing = {"type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable", "lastUpdateTime": _time(days=3)}
        deployment: Object = {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": self._metadata(name, namespace, generation=9, annotations=annotations, labels=self._labels(name, app)),
            "spec": {
                "replicas": replicas,
                "selector": selector,
                "template": template,
                "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "25%", "maxSurge": "25%"}},
                "progressDeadlineSeconds": 600,
                "revisionHistoryLimit": 10,
            },
            "status": {
                "observedGeneration": 9,
                "replicas": replicas,
                "updatedReplicas": replicas,
                "conditions": [available | {"lastTransitionTime": _time(minutes=48)}, progressing | {"lastTransitionTime": _time(days=30)}],
            },
        }
        pods: list[Object] = []
        ready = 0
        for revision, age in ((8, 15.0), (9, 3.0)):
            is_current = revision == 9
            pod_hash = self._suffix(10)
            replica_set: Object = {
                "apiVersion": "apps/v1",
                "kind": "ReplicaSet",
                "metadata": self._metadata(f"{name}-{pod_hash}", namespace, days=age, owner=deployment),
                "spec": {"replicas": replicas if is_current else 0, "selector": selector, "template": template},
                "status": {"replicas": replicas if is_current else 0, "observedGeneration": 1},
            }
            replica_set["metadata"]["annotations"] = {"deployment.kubernetes.io/revision": str(revision)}
            replica_set["metadata"]["labels"] = {**template["metadata"]["labels"], "pod-template-hash": pod_hash}
            if is_current:
                pods = [
                    self._pod(
                        f"{replica_set['metadata']['name']}-{self._suffix(5)}",
                        namespace,
                        replica_set,
                        template,
                        state=state if number == 0 else "ready",
                        days=3 if state == "ready" or number else 0.04,
                    )
                    for number in range(replicas)
                ]
                ready = sum(_is_ready(pod) for pod in pods)
                counts = {"readyReplicas": ready, "availableReplicas": ready}
                replica_set["status"] |= counts
                deployment["status"] |= counts
            yield replica_set
        yield deployment
        yield from pods
        if state == "crashing":
            yield self._event(pods[0], "BackOff", "Back-off restarting failed container app in pod")
        if state == "no-image":
            yield self._event(pods[0], "Failed", f'Failed to pull image "{image}": rpc error: code = NotFound desc = not found')
        if state == "pending":
            yield self._event(pods[0], "FailedScheduling", "0/500 nodes are available: 497 Insufficient cpu.")
        if index % 5 == 0:
            yield self._event(deployment, "ScalingReplicaSet", f"Scaled up replica set {name} from 2 to 3", type="Normal", minutes=30)
        yield from self._configuration(namespace, name)
        yield from self._service(namespace, name, app, pods, has_typo=index % 211 == 5)
        if index % 2 == 0:
            yield self._budget(namespace, name, selector, replicas, ready, blocks=index % 150 == 8)
        if index % 3 == 0:
            yield self._autoscaler(namespace, name, replicas, has_metrics=index % 120 != 9)
        if index % 5 == 1:
            yield {
                "apiVersion": "networking.k8s.io/v1",
                "kind": "Ingress",
                "metadata": self._metadata(name, namespace),
                "spec": {
                    "ingressClassName": "nginx",
                    "rules": [
                        {
                            "host": f"{name}.example.com",
                            "http": {"paths": [{"path": "/", "backend": {"service": {"name": name, "port": {"name": "http"}}}}]},
                        }
                    ],
                },
                "status": {"loadBalancer": {"ingress": [{"ip": "192.0.2.7"}]}},
            }

    def _budget(self, namespace: str, name: str, selector: Object, replicas: int, ready: int, *, blocks: bool) -> Object:
        desired = replicas if blocks else replicas - 1
        return {
            "apiVersion": "policy/v1",
            "kind": "PodDisruptionBudget",
            "metadata": self._metadata(name, namespace, generation=1),
            "spec": {"minAvailable": desired, "selector": selector},
            "status": {
                "observedGeneration": 1,
                "expectedPods": replicas,
                "currentHealthy": ready,
                "desiredHealthy": desired,
                "disruptionsAllowed": max(ready - desired, 0),
            },
        }

    def _autoscaler(self, namespace: str, name: str, replicas: int, *, has_metrics: bool) -> Object:
        active = {"type": "ScalingActive", "status": "True", "reason": "ValidMetricFound"}
        if not has_metrics:
            message = "unable to get metrics for resource cpu: the server could not find the requested resource (get pods.metrics.k8s.io)"
            active = {"type": "ScalingActive", "status": "False", "reason": "FailedGetResourceMetric", "message": message}
        able = {"type": "AbleToScale", "status": "True", "reason": "ReadyForNewScale", "lastTransitionTime": _time(days=3)}
        return {
            "apiVersion": "autoscaling/v2",
            "kind": "HorizontalPodAutoscaler",
            "metadata": self._metadata(name, namespace),
            "spec": {
                "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": name},
                "minReplicas": 2,
                "maxReplicas": replicas * 3,
            },
            "status": {
                "currentReplicas": replicas,
                "desiredReplicas": replicas,
                "conditions": [able, active | {"lastTransitionTime": _time(hours=3)}],
            },
        }

    def _stateful_set(self, index: int) -> Iterator[Object]:
        namespace = self._namespaces[index % len(self._namespaces)]
        name = f"db-{index}"
        template = self._template(name, "db", claims=True)
        is_pending = index % 20 == 7
        stateful_set: Object = {
            "apiVersion": "apps/v1",
            "kind": "StatefulSet",
            "metadata": self._metadata(name, namespace, generation=2),
            "spec": {
                "replicas": 3,
                "serviceName": name,
                "selector": {"matchLabels": {"app.kubernetes.io/instance": name}},
                "template": template,
                "volumeClaimTemplates": [{"metadata": {"name": "data"}, "spec": {"accessModes": ["ReadWriteOnce"]}}],
            },
            "status": {
                "observedGeneration": 2,
                "replicas": 3,
                "readyReplicas": 2 if is_pending else 3,
                "availableReplicas": 2 if is_pending else 3,
                "currentReplicas": 3,
                "updatedReplicas": 3,
                "currentRevision": f"{name}-1",
                "updateRevision": f"{name}-1",
            },
        }
        yield stateful_set
        yield {
            "apiVersion": "apps/v1",
            "kind": "ControllerRevision",
            "metadata": self._metadata(f"{name}-1", namespace, owner=stateful_set),
            "revision": 1,
            "data": {"spec": {"template": template}},
        }
        pods = []
        for ordinal in range(3):
            state = "pending" if is_pending and ordinal == 2 else "ready"
            pods.append(self._pod(f"{name}-{ordinal}", namespace, stateful_set, template, state=state))
            yield pods[-1]
            claim: Object = {
                "apiVersion": "v1",
                "kind": "PersistentVolumeClaim",
                "metadata": self._metadata(f"data-{name}-{ordinal}", namespace),
                "spec": {
                    "storageClassName": "fast",
                    "accessModes": ["ReadWriteOnce"],
                    "resources": {"requests": {"storage": "20Gi"}},
                    **({} if state == "pending" else {"volumeName": f"pvc-{name}-{ordinal}"}),
                },
                "status": {"phase": "Pending" if state == "pending" else "Bound"},
            }
            yield claim
            if state == "pending":
                yield self._event(claim, "ProvisioningFailed", 'storageclass.storage.k8s.io "fast" not found')
                continue
            yield {
                "apiVersion": "v1",
                "kind": "PersistentVolume",
                "metadata": self._metadata(f"pvc-{name}-{ordinal}"),
                "spec": {
                    "capacity": {"storage": "20Gi"},
                    "storageClassName": "fast",
                    "claimRef": {"kind": "PersistentVolumeClaim", "namespace": namespace, "name": f"data-{name}-{ordinal}"},
                    "persistentVolumeReclaimPolicy": "Delete",
                },
                "status": {"phase": "Bound", "lastPhaseTransitionTime": _time(days=30)},
            }
        yield from self._configuration(namespace, name)
        yield from self._service(namespace, name, "db", pods, has_typo=False)

    def _daemon_set(self, name: str) -> Iterator[Object]:
        template = self._template(name, "agent")
        daemon_set: Object = {
            "apiVersion": "apps/v1",
            "kind": "DaemonSet",
            "metadata": self._metadata(name, "kube-system", generation=1),
            "spec": {"selector": {"matchLabels": {"app.kubernetes.io/instance": name}}, "template": template},
            "status": {
                "observedGeneration": 1,
                "desiredNumberScheduled": len(self._nodes),
                "currentNumberScheduled": len(self._nodes),
                "numberReady": len(self._nodes) - len(self._lost_nodes),
                "numberAvailable": len(self._nodes) - len(self._lost_nodes),
                "updatedNumberScheduled": len(self._nodes),
            },
        }
        yield daemon_set
        yield from self._configuration("kube-system", name)
        for node in self._nodes:
            yield self._pod(f"{name}-{self._suffix(5)}", "kube-system", daemon_set, template, node=node)

    def _cron_job(self, index: int) -> Iterator[Object]:
        namespace = self._namespaces[index % len(self._namespaces)]
        name = f"nightly-{index}"
        template = self._template(name, "job")
        failed = index % 15 == 4
        cron_job: Object = {
            "apiVersion": "batch/v1",
            "kind": "CronJob",
            "metadata": self._metadata(name, namespace),
            "spec": {"schedule": "15 3 * * *", "jobTemplate": {"spec": {"template": template}}},
            "status": {"lastScheduleTime": "2026-11-20T03:15:00Z", "lastSuccessfulTime": "2026-11-20T03:16:00Z"},
        }
        yield cron_job
        condition = (
            {"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded"} if failed else {"type": "Complete", "status": "True"}
        )
        job: Object = {
            "apiVersion": "batch/v1",
            "kind": "Job",
            "metadata": self._metadata(f"{name}-29391555", namespace, days=0.2, owner=cron_job),
            "spec": {"template": template, "completions": 1, "parallelism": 1},
            "status": {
                "startTime": "2026-11-20T03:15:00Z",
                "succeeded": int(not failed),
                "failed": 7 * failed,
                "conditions": [condition | {"lastTransitionTime": "2026-11-20T03:16:00Z"}],
            },
        }
        yield job
        yield self._pod(f"{name}-29391555-{self._suffix(5)}", namespace, job, template, state="done", days=0.2)


def hash_of(name: str) -> int:
    """A number of 256 bits that looks random and is the same in each run."""
    return random.Random(name).getrandbits(256)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--nodes", type=int, default=Size.nodes)
    parser.add_argument("--pods", type=int, default=Size.pods)
    parser.add_argument("--objects", type=int, default=Size.objects)
    given = parser.parse_args()
    snapshot = make_cluster(Size(given.nodes, given.pods, given.objects))
    write_recording(snapshot, given.out)
    counts = ", ".join(f"{len(found):,} {kind}" for kind, found in sorted(snapshot.resources.items(), key=lambda item: -len(item[1])))
    print(f"{given.out}: {snapshot.count:,} objects, {given.out.stat().st_size / 2**20:.1f} MiB: {counts}")


if __name__ == "__main__":
    main()
