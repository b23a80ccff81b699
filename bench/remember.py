"""What it costs a review to remember: `python -m bench.remember` reviews a real API server with and without a ledger, in turn.

Forty workloads fit on no node, so that there is something to remember. The first look makes the ledger, the
others find it as they left it.
"""

import argparse
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from tests.servers import binaries
from tests.servers.client import Object
from tests.servers.control_plane import ControlPlane

from bench.live import pod
from bench.review import Cost, machine, measure

NODES = 20
ROUNDS = 5
APPS = 40


def fill(plane: ControlPlane, pods: int) -> None:
    """Pods of `bench.live`, and workloads that fit on no node."""
    for number in range(NODES):
        plane.add_node(f"node-{number}", zone=f"zone-{number % 3}")
    client = plane.client()
    client.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "team-0"}})
    client.wait_for("ServiceAccount", "default", "team-0", bool)
    for number in range(pods):
        made: Object = pod(number)
        made["metadata"]["namespace"] = "team-0"
        made["spec"]["nodeName"] = f"node-{number % NODES}"
        client.create(made)
    for number in range(APPS):
        labels = {"app": f"broken-{number}"}
        spec = {"containers": [{"name": "app", "image": "registry.example.com/app:1"}], "nodeSelector": {"nowhere": "true"}}
        template = {"metadata": {"labels": labels}, "spec": spec}
        client.create(
            {
                "apiVersion": "apps/v1",
                "kind": "Deployment",
                "metadata": {"name": f"broken-{number}", "namespace": "team-0"},
                "spec": {"replicas": 1, "selector": {"matchLabels": labels}, "template": template},
            }
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pods", type=int, default=1_000)
    pods = parser.parse_args().pods
    costs: dict[str, list[Cost]] = {"without": [], "with": []}
    with ControlPlane(binaries.find_or_build(print)) as plane, tempfile.TemporaryDirectory(prefix="daytwo-bench-") as folder:
        fill(plane, pods)
        for _ in range(ROUNDS + 1):
            for name, ledger in (("without", "none"), ("with", str(Path(folder, "ledger.db")))):
                words = ("review", "--kubeconfig", str(plane.kubeconfig()), "--ledger", ledger)
                costs[name].append(measure(*words, runs=1, codes=(0, 1, 3)))
    print(f"Measured {datetime.now(UTC):%Y-%m-%d} on {machine()}.\n")
    print("| | time | CPU | most memory |\n|---|---|---|---|")
    for name, found in costs.items():
        # Without the first: it makes the ledger, and warms the API server's caches.
        cost = min(found[1:], key=lambda one: one.cpu_seconds)
        told = f"`daytwo review` of a live cluster with {pods:,} pods, {name} a ledger"
        print(f"| {told} | {cost.seconds:.2f} s | {cost.cpu_seconds:.2f} s | {cost.peak_bytes / 2**20:.0f} MB |")


if __name__ == "__main__":
    main()
