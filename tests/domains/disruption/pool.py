"""Nodes of a test's own, which only its own pods tolerate: so that it may drain them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.servers.client import Client, Object
from tests.servers.control_plane import ControlPlane
from tests.servers.polling import until

LABEL = "test.daytwo.dev/pool"


@dataclass(frozen=True)
class Pool:
    """`first` is the node to drain, `others` where its pods may go."""

    client: Client
    namespace: str
    first: str
    others: tuple[str, ...]

    @property
    def spec(self) -> Object:
        """What makes a pod go to this pool."""
        toleration = {"key": LABEL, "value": self.namespace, "effect": "NoSchedule"}
        return {"nodeSelector": {LABEL: self.namespace}, "tolerations": [toleration]}

    def asking(self, cpu: str) -> Object:
        """The same, for a pod that asks for so much."""
        container = {"name": "app", "image": "registry.test/web:1", "resources": {"requests": {"cpu": cpu}}}
        return {**self.spec, "containers": [container]}

    def open(self, *nodes: str) -> None:
        """Only these nodes take new pods."""
        for node in (self.first, *self.others):
            self.client.patch("Node", node, {"spec": {"unschedulable": None if node in nodes else True}})
        until(lambda: all(self._is_open(node) is (node in nodes) for node in (self.first, *self.others)), "the taints of cordoned nodes")

    def _is_open(self, node: str) -> bool:
        taints = self.client.get("Node", node)["spec"].get("taints", [])
        return all(taint["key"] != "node.kubernetes.io/unschedulable" for taint in taints)

    def pods_on(self, node: str) -> list[Object]:
        return self.client.list_of("Pod", self.namespace, fields=f"spec.nodeName={node}")


@contextmanager
def new_pool(plane: ControlPlane, namespace: str, cpu: str = "4", others: int = 2) -> Iterator[Pool]:
    """A large node that is open, and some of `cpu` cores that are cordoned."""
    client = plane.client()
    names = tuple(f"{namespace[-24:].strip('-')}-{number}" for number in range(others + 1))
    pool = Pool(client, namespace, names[0], names[1:])
    taint = {"key": LABEL, "value": namespace, "effect": "NoSchedule"}
    for name in names:
        plane.add_node(name, cpu="32" if name == pool.first else cpu, labels={LABEL: namespace}, taints=[taint])
    try:
        plane.wait_nodes(*names)
        pool.open(pool.first)
        yield pool
    finally:
        for name in names:
            client.delete("Node", name)
