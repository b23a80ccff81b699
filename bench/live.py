"""What reading 10,000 pods from a real API server costs, and what remembering the look adds: `python -m bench.live`.

It starts an API server, fills it, and prints rows for the README.

The pods are made with specs and statuses of realistic size and without controllers, which is quicker; kwok keeps them as they are.
"""

import argparse
import tempfile
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from tests.servers import binaries
from tests.servers.client import Object
from tests.servers.control_plane import ControlPlane, Options

from bench.review import machine, measure

NODES = 100
PODS_OF_A_NAMESPACE = 500


def fill(plane: ControlPlane, pods: int) -> None:
    """Nodes and pods, in namespaces of 500 pods each."""
    for number in range(NODES):
        plane.add_node(f"node-{number}", zone=f"zone-{number % 3}")
    client = plane.client()
    for number in range(0, pods, PODS_OF_A_NAMESPACE):
        name = f"team-{number // PODS_OF_A_NAMESPACE}"
        client.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
        client.wait_for("ServiceAccount", "default", name, bool)
    with ThreadPoolExecutor(max_workers=8) as workers:
        for _ in workers.map(lambda number: client.create(pod(number)), range(pods)):
            pass


def pod(number: int) -> Object:
    """One bound pod of two containers with the labels, variables and annotations that pods have."""
    app = f"app-{number // 20}"
    containers = [
        {
            "name": name,
            "image": f"registry.example.com/team/{app}/{name}:1.{number % 40}.0",
            "env": [{"name": f"SETTING_{index}", "value": f"value-{index}-of-{app}"} for index in range(12)],
            "resources": {"requests": {"cpu": "10m", "memory": "32Mi"}, "limits": {"memory": "64Mi"}},
            "readinessProbe": {"httpGet": {"path": "/ready", "port": 8080}},
        }
        for name in ("app", "proxy")
    ]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": f"{app}-{number}",
            "namespace": f"team-{number // PODS_OF_A_NAMESPACE}",
            "labels": {"app.kubernetes.io/name": app, "app.kubernetes.io/part-of": "shop", "team": f"team-{number // 500}"},
            "annotations": {"example.com/config-checksum": f"{number:064x}"},
        },
        "spec": {"nodeName": f"node-{number % NODES}", "containers": containers},
    }


def largest_page(plane: ControlPlane) -> int:
    """The largest `limit` that daytwo asked for, by the API server's audit log; 0 if it ever asked without one."""
    limits = [
        int(parse_qs(urlsplit(entry["requestURI"]).query).get("limit", ["0"])[0])
        for entry in plane.audited()
        if entry["verb"] == "list" and "daytwo" in entry.get("userAgent", "")
    ]
    return max(limits) if limits and min(limits) > 0 else 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pods", type=int, default=10_000)
    pods = parser.parse_args().pods
    with ControlPlane(binaries.find_or_build(print), Options(audit=True)) as plane, tempfile.TemporaryDirectory() as folder:
        fill(plane, pods)
        command = ("review", "--kubeconfig", str(plane.kubeconfig()), "--ledger")
        ledger = str(Path(folder) / "ledger.db")
        # The first look makes the ledger; those after it are what a day is made of.
        costs = {
            "": measure(*command, "none", runs=2, codes=(0, 1, 3)),
            ", the first that is remembered": measure(*command, ledger, runs=1, codes=(0, 1, 3)),
            ", remembered": measure(*command, ledger, runs=2, codes=(0, 1, 3)),
        }
        page = largest_page(plane)
    print(f"Measured {datetime.now(UTC):%Y-%m-%d} on {machine()}.\n")
    print("| | time | CPU | most memory |\n|---|---|---|---|")
    for name, cost in costs.items():
        row = f"`daytwo review` of a live cluster with {pods:,} pods, pages of {page}{name}"
        print(f"| {row} | {cost.seconds:.1f} s | {cost.cpu_seconds:.1f} s | {cost.peak_bytes / 2**20:.0f} MB |")


if __name__ == "__main__":
    main()
