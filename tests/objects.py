"""Small API objects for tests, as the API server returns them."""

from datetime import datetime
from typing import Any

Object = dict[str, Any]

AT = "2026-11-20T08:00:00Z"


def parse(time: str) -> datetime:
    return datetime.fromisoformat(time)


def metadata(
    name: str, namespace: str = "shop", *, owner: Object | None = None, created: str = "2026-11-01T00:00:00Z", **more: Any
) -> Object:
    found: Object = {"name": name, "uid": f"uid-{namespace}-{name}", "creationTimestamp": created, **more}
    if namespace:
        found["namespace"] = namespace
    if owner is not None:
        found["ownerReferences"] = [
            {
                "apiVersion": owner["apiVersion"],
                "kind": owner["kind"],
                "name": owner["metadata"]["name"],
                "uid": owner["metadata"]["uid"],
                "controller": True,
            }
        ]
    return found


def container(image: str = "web:1", **more: Any) -> Object:
    return {"name": "app", "image": image, **more}


def deployment(name: str, replicas: int = 3, *, image: str = "web:1", revision: int = 1, ready: int | None = None, **more: Any) -> Object:
    ready = replicas if ready is None else ready
    found: Object = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": metadata(name, annotations={"deployment.kubernetes.io/revision": str(revision)}, generation=1, **more),
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": name}},
            "template": {"metadata": {"labels": {"app": name}}, "spec": {"containers": [container(image)]}},
        },
        "status": {"observedGeneration": 1, "replicas": replicas, "readyReplicas": ready, "availableReplicas": ready},
    }
    found["metadata"]["uid"] = f"uid-deployment-{name}"
    return found


def replica_set(owner: Object, revision: int, *, image: str = "web:1", replicas: int = 3, created: str, **annotations: str) -> Object:
    name = f"{owner['metadata']['name']}-{revision}aa"
    notes = {"deployment.kubernetes.io/revision": str(revision), **annotations}
    return {
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "metadata": metadata(name, owner=owner, created=created, annotations=notes),
        "spec": {
            "replicas": replicas,
            "template": {
                "metadata": {"labels": owner["spec"]["template"]["metadata"]["labels"]},
                "spec": {"containers": [container(image)]},
            },
        },
    }


def pod(owner: Object, suffix: str, *, ready: bool = True, node: str = "n1", image: str = "web:1", **more: Any) -> Object:
    name = f"{owner['metadata']['name']}-{suffix}"
    app = owner["metadata"]["name"].rpartition("-")[0] if owner["kind"] == "ReplicaSet" else owner["metadata"]["name"]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": metadata(name, owner=owner, labels={"app": app}, **more),
        "spec": {"nodeName": node, "containers": [container(image)]},
        "status": {
            "phase": "Running",
            "conditions": [
                {"type": "PodScheduled", "status": "True"},
                {"type": "Ready", "status": str(ready), "lastTransitionTime": "2026-11-20T07:00:00Z"},
            ],
            "containerStatuses": [{"name": "app", "ready": ready, "state": {"running": {"startedAt": "2026-11-19T00:00:00Z"}}}],
        },
    }


def node(name: str, *, ready: bool = True, zone: str = "a") -> Object:
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": metadata(name, "", labels={"topology.kubernetes.io/zone": zone}),
        "spec": {},
        "status": {
            "allocatable": {"cpu": "4", "memory": "8Gi", "pods": "110"},
            "conditions": [{"type": "Ready", "status": "True" if ready else "Unknown", "lastTransitionTime": "2026-11-20T07:40:00Z"}],
        },
    }


def service(name: str, *, type: str = "ClusterIP", selector: dict[str, str] | None = None, namespace: str = "shop") -> Object:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": metadata(name, namespace),
        "spec": {"type": type, "selector": selector if selector is not None else {"app": name}, "ports": [{"port": 80}]},
    }


def ingress(name: str, backend: str) -> Object:
    rule = {"http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": {"service": {"name": backend, "port": {"number": 80}}}}]}}
    return {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": metadata(name), "spec": {"rules": [rule]}}


def event(about: Object, reason: str, message: str, at: str, *, type: str = "Warning") -> Object:
    meta = about["metadata"]
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": metadata(f"{meta['name']}.{reason.lower()}", meta.get("namespace", "default"), created=at),
        "involvedObject": {
            "apiVersion": about["apiVersion"],
            "kind": about["kind"],
            "namespace": meta.get("namespace", ""),
            "name": meta["name"],
            "uid": meta["uid"],
        },
        "type": type,
        "reason": reason,
        "message": message,
        "firstTimestamp": at,
        "lastTimestamp": at,
        "count": 1,
    }


def snapshot_document(*items: Object, unread: tuple[str, ...] = (), at: str = AT) -> Object:
    return {"at": at, "items": list(items), "unread": list(unread)}
