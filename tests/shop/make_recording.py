"""Makes the recording that `daytwo review --demo` shows: the sample shop on a real control plane, hurt in a dozen ways.

`make recording` writes src/daytwo/library/shop.recording. Everything in it was read from the API server by daytwo itself; only
the times are retold, so that what took a minute here reads as six weeks of a shop's life.
"""

import asyncio
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import yaml

from daytwo import catalog
from daytwo.engine.observe import observe
from daytwo.model.progress import Progress
from daytwo.model.scope import Scope
from daytwo.model.snapshot import Snapshot
from daytwo.sources.kubernetes.live import open_cluster
from daytwo.sources.recording import write_recording
from tests.servers import binaries
from tests.servers.client import Object
from tests.servers.control_plane import ControlPlane
from tests.servers.kubelet import annotations
from tests.shop import faults
from tests.shop.retelling import Story
from tests.shop.shop import NODES, OPTIONS, Shop, raise_shop, stamp, tls_secret

TARGET: Final = Path(__file__).parents[2] / "src" / "daytwo" / "library" / "shop.recording"
TAKEN_AT: Final = datetime(2026, 11, 20, 8, tzinfo=UTC)
CLUSTER: Final = "shop-prod"
USER: Final = "viewer"
"""May read everything but Secrets, and those too except in namespace payments."""

SECRETS_OF: Final = ("shop", "data", "platform", "default", "kube-system", "kube-public", "kube-node-lease")


def before(days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0) -> timedelta:
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def stage(shop: Shop, story: Story) -> None:
    """What befell the shop, in order. `story.begin` says how long before the look an act is told to have begun."""
    client = shop.client
    for days, tag in ((33, "7.4.1"), (26, "7.4.2"), (12, "7.4.3")):
        story.begin(before(days=days, hours=3))
        faults.roll_out(shop, "payments", "payments", {"image": f"registry.example.com/payments/payments:{tag}"})
        faults.wait_ready(shop, "payments", "payments", 3)

    story.begin(before(days=11, hours=5))
    faults.roll_out(shop, "shop", "web", {"image": "registry.example.com/shop/web:4.18.3"})
    faults.wait_ready(shop, "shop", "web", 3)

    story.begin(before(days=9))
    faults.pdb_blocking(shop)
    faults.cronjob_suspended(shop)

    story.begin(before(hours=30))
    faults.node_cordoned(shop)

    the_night(shop, story)

    story.begin(before(minutes=58))
    faults.claim_pending(shop)

    story.begin(before(minutes=51))
    change = {"image": "registry.example.com/payments/payments:7.5.0", "env": [{"name": "WARM_CARD_TOKENS", "value": "all"}]}
    faults.roll_out(shop, "payments", "payments", change)
    faults.wait_ready(shop, "payments", "payments", 3)

    story.begin(before(minutes=48))
    paying = faults.pods_of(shop, "payments", "payments")
    crashing = paying[:2]
    for pod in crashing:
        faults.annotate_pod(shop, pod, annotations("crash-loop", exit="137 OOMKilled", restarts="3"))
    faults.wait_ready(shop, "payments", "payments", 1)

    story.begin(before(minutes=42))
    faults.quota_full(shop)

    story.begin(before(minutes=34))
    image = {"image": "registry.example.com/shop/web:4.19.0"}
    faults.roll_out(shop, "shop", "web", image, annotations("image-pull"), deadline_seconds=6)
    faults.wait_reason(shop, "shop", "web", "ImagePullBackOff", 1)
    story.begin(before(minutes=24))
    faults.wait_stuck(shop, "shop", "web")
    client.patch("Deployment", "web", {"spec": {"progressDeadlineSeconds": 600}}, "shop")

    story.begin(before(minutes=21))
    faults.hpa_without_metrics(shop)

    lost_at = story.begin(before(minutes=4, seconds=50))
    noticed_at = story.begin(before(minutes=4))
    # The machine on which least of the other troubles runs.
    crowd = [*paying * 10, *faults.pods_of(shop, "payments", "invoices") * 3, *faults.pods_of(shop, "shop", "web")]
    machines = [node for node in NODES if node != faults.CORDONED_NODE]
    lost = min(machines, key=lambda node: sum(pod["spec"]["nodeName"] == node for pod in crowd))
    faults.lose_node(shop, lost, lost_at, noticed_at)

    at = story.begin(before(minutes=2))
    for pod in crashing:
        crash_again(shop, pod["metadata"]["name"], at, restarts=14)


def the_night(shop: Shop, story: Story) -> None:
    """The nightly runs: the first fails, after many that did not; the others are done."""
    run_at_night(shop, story, "payments", "settlement", TAKEN_AT.replace(hour=1, minute=30), fails=True)
    run_at_night(shop, story, "data", "postgres-backup", TAKEN_AT.replace(hour=2))
    run_at_night(shop, story, "shop", "abandoned-carts", TAKEN_AT.replace(hour=3, minute=10))


def run_at_night(shop: Shop, story: Story, namespace: str, name: str, told: datetime, fails: bool = False) -> None:
    client = shop.client
    at = story.begin(TAKEN_AT - told)
    run = faults.run_of(client.get("CronJob", name, namespace), at, annotations("failed", exit="1 Error") if fails else {})
    run["metadata"]["name"] = f"{name}-{int(told.timestamp()) // 60}"
    client.create(run)
    ended = "Failed" if fails else "Complete"
    client.wait_for("Job", run["metadata"]["name"], namespace, lambda job: faults.has_condition(job, ended, "True"))
    # Times before the story keep their distance to the look: 23 h 52 min before the run failed, one ended well.
    succeeded = datetime.now(UTC) - (TAKEN_AT - told) - timedelta(hours=23, minutes=52) if fails else at
    client.patch_status("CronJob", name, {"lastScheduleTime": stamp(at), "lastSuccessfulTime": stamp(succeeded)}, namespace)


def crash_again(shop: Shop, name: str, at: datetime, restarts: int) -> None:
    """The latest turn of a crash loop: the kubelet counts on, in the pod's status and in its event."""
    client = shop.client
    pod = client.get("Pod", name, "payments")
    statuses: list[Object] = pod["status"]["containerStatuses"]
    for status in statuses:
        status["restartCount"] = restarts
        status["lastState"]["terminated"] |= {"startedAt": stamp(at - timedelta(seconds=1)), "finishedAt": stamp(at)}
    client.patch_status("Pod", name, {"containerStatuses": statuses}, "payments")
    fields = f"involvedObject.name={name},reason=BackOff"
    for event in client.list_of("Event", "payments", fields=fields):
        again = {"count": restarts * 9, "lastTimestamp": stamp(at)}
        client.patch("Event", event["metadata"]["name"], again, "payments", "merge")


def allow_secrets(shop: Shop) -> None:
    """Lets USER read the Secrets of all namespaces but one."""
    api = "rbac.authorization.k8s.io"
    rules = [{"apiGroups": [""], "resources": ["secrets"], "verbs": ["get", "list"]}]
    name = "secrets-reader"
    shop.client.apply({"apiVersion": f"{api}/v1", "kind": "ClusterRole", "metadata": {"name": name}, "rules": rules})
    binding = {
        "apiVersion": f"{api}/v1",
        "kind": "RoleBinding",
        "metadata": {"name": name},
        "roleRef": {"apiGroup": api, "kind": "ClusterRole", "name": name},
        "subjects": [{"apiGroup": api, "kind": "User", "name": USER}],
    }
    for namespace in SECRETS_OF:
        shop.client.apply(binding, namespace)


def kubeconfig(plane: ControlPlane) -> Path:
    """USER's kubeconfig, with a context named as a person would."""
    config = yaml.safe_load(plane.kubeconfig(USER).read_text(encoding="utf-8"))
    config["contexts"][0]["name"] = config["current-context"] = CLUSTER
    path = plane.folder / "kubeconfig-of-the-recording"
    path.write_text(yaml.safe_dump(config), encoding="utf-8")
    return path


async def look(path: Path) -> Snapshot:
    """What daytwo sees, logs of the crashed included."""
    async with open_cluster(kubeconfig=path) as source:
        return await observe(source, Scope(), catalog.checks(), _ignore)


def _ignore(progress: Progress) -> None:
    """Nobody watches."""


def main() -> int:
    found = binaries.find_or_build(lambda text: print(text, file=sys.stderr))
    story = Story(TAKEN_AT)
    with ControlPlane(found, OPTIONS) as plane:
        story.begin(before(days=41))
        shop = raise_shop(plane)
        shop.client.apply(tls_secret(shop, "shop", "shop-tls", "shop.example.com", datetime.now(UTC) + timedelta(days=6, hours=4)))
        allow_secrets(shop)
        stage(shop, story)
        snapshot = asyncio.run(look(kubeconfig(plane)))
    retold = story.retold(snapshot)
    write_recording(retold, TARGET)
    print(f"{TARGET}: {retold.count} objects, {TARGET.stat().st_size // 1024} KiB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
