"""CronJobs for planning, and for the real API server."""

from collections.abc import Sequence
from typing import Any

from tests.objects import Object


def cron_job(name: str, schedule: str, **spec: Any) -> Object:
    pod = {"restartPolicy": "Never", "containers": [{"name": "app", "image": "report:1"}]}
    return {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": {"name": name},
        "spec": {"schedule": schedule, "timeZone": "Etc/UTC", "jobTemplate": {"spec": {"template": {"spec": pod}}}, **spec},
    }


def nightly(
    *,
    suspend: bool = False,
    time_zone: str = "Etc/UTC",
    last: str = "2026-11-17T03:00:00Z",
    active: Sequence[str] = (),
    schedule: str = "0 3 * * *",
    **spec: Any,
) -> Object:
    """`shop/report`, each night at three, as the API server returns it."""
    found = cron_job("report", schedule, timeZone=time_zone, suspend=suspend, concurrencyPolicy="Allow")
    found["metadata"] |= {
        "namespace": "shop",
        "uid": "uid-report",
        "resourceVersion": "7",
        "generation": 2,
        "creationTimestamp": "2026-11-01T00:00:00Z",
    }
    found["spec"] |= spec
    found["status"] = {"lastScheduleTime": last, "active": [{"kind": "Job", "name": name} for name in active]}
    return found
