"""The memory of reviews through the real entry point: a ledger that others hold, secrets, `yesterday`, and a real cluster."""

import fcntl
import json
import re
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from subprocess import CompletedProcess
from zoneinfo import ZoneInfo

import pytest

from daytwo.cli.when import parse_past
from daytwo.model.errors import UsageError
from daytwo.model.memory import Past
from tests.cli.conftest import Desk
from tests.servers.client import Client, Object
from tests.servers.control_plane import ControlPlane

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)


def stand_in(desk: Desk, recording: str, *arguments: str) -> CompletedProcess[str]:
    return desk.run(sys.executable, "-m", "tests.cli.stand_in", recording, *arguments, PYTHONPATH=str(ROOT))


def test_a_ledger_that_another_process_holds_is_one_remark_after_a_short_wait(desk: Desk) -> None:
    stand_in(desk, "quiet.recording", "review", "--ledger", "held.db")
    with (desk.folder / "held.db.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        began = time.monotonic()
        done = stand_in(desk, "shop.recording", "review", "--ledger", "held.db")
        took = time.monotonic() - began
    assert done.returncode == 1
    assert done.stderr.startswith("daytwo: this review is not remembered: ")
    assert len(done.stderr.splitlines()) == 1
    assert took < 12


def test_reviews_of_recordings_and_the_demo_are_not_remembered(desk: Desk) -> None:
    for arguments in (("shop.recording",), ("--demo",)):
        desk.run("daytwo", "review", *arguments)
        desk.run("daytwo", "problem", "1", *arguments)
    assert not (desk.folder / "state").exists()


def test_what_cannot_be_reached_makes_no_ledger(desk: Desk) -> None:
    """Without a cluster there is nothing to remember."""
    assert desk.run("daytwo", "review").returncode == 2
    assert not (desk.folder / "state").exists()


def test_doctor_tells_how_the_ledger_is(desk: Desk) -> None:
    """None yet, then where it is and how large; a file that is none is a fault; and doctor makes none."""

    def told(*arguments: str) -> str:
        rows = desk.run("daytwo", "doctor", *arguments).stdout.splitlines()
        return next(row for row in rows if " ledger " in row)

    assert told().endswith("none yet: the first review of a cluster makes it")
    assert told("--ledger", "none").endswith("nothing is remembered")
    assert not (desk.folder / "state").exists()
    stand_in(desk, "quiet.recording", "review")
    assert f"{desk.folder}/state/daytwo/ledger.db: " in told()
    assert re.search(r" kB, tables 0001, head \d+:", told())
    assert told("--ledger", "shop.recording").startswith("FAILED ")


@pytest.mark.parametrize(
    ("text", "past"),
    [
        ("24h", Past(NOW - timedelta(hours=24))),
        ("7d", Past(NOW - timedelta(days=7))),
        ("1h30m", Past(NOW - timedelta(minutes=90))),
        ("2026-11-19T20:00:00+01:00", Past(datetime(2026, 11, 19, 19, tzinfo=UTC))),
        ("yesterday", Past(NOW - timedelta(days=1), (datetime(2026, 11, 18, 23, tzinfo=UTC), datetime(2026, 11, 19, 23, tzinfo=UTC)))),
    ],
)
def test_times_are_told_from_the_look(text: str, past: Past) -> None:
    """`yesterday` is the whole day before in the reader's zone, and this time of day in it."""
    parsed = parse_past(text, ZoneInfo("Europe/Berlin"))
    assert parsed is not None
    assert parsed(NOW) == past


def test_yesterday_is_the_same_time_of_day_also_when_the_clocks_changed() -> None:
    """On the morning after the clocks went back, 9 o'clock was 25 hours ago."""
    parsed = parse_past("yesterday", ZoneInfo("Europe/Berlin"))
    assert parsed is not None
    now = datetime(2026, 10, 25, 8, tzinfo=UTC)
    assert now - parsed(now).at == timedelta(hours=25)


@pytest.mark.parametrize("text", ["monday.recording", "./24h", "tomorrow", "90", "5 days"])
def test_what_is_no_time_is_left_to_others(text: str) -> None:
    assert parse_past(text, UTC) is None


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(UsageError, match="without a zone"):
        parse_past("2026-11-19T20:00:00", UTC)


@pytest.mark.cluster
@pytest.mark.timeout(600)
def test_a_real_cluster_is_remembered_from_look_to_look(desk: Desk, control_plane: ControlPlane, namespace: str) -> None:
    """A broken Deployment is new, still there, and gone when it is deleted; no password of it enters the ledger."""
    kubeconfig = ("--kubeconfig", str(control_plane.kubeconfig()))
    client = control_plane.client()

    def review(*arguments: str) -> dict[str, dict[str, object]]:
        done = desk.run("daytwo", "review", *kubeconfig, "-n", namespace, "-o", "json", *arguments)
        assert done.stderr == ""
        assert done.returncode in (0, 1, 3)
        told = json.loads(done.stdout)
        return {f"{one['mark']} {one['subject']}": one["remembered"] for one in (*told["problems"], *told["gone"], *told["unknown"])}

    review()
    _break(client, namespace)
    subject = f"{namespace}/broken"
    first = {key: known for key, known in review("--since", "0s").items() if subject in key}
    assert list(first) == [f"new {subject}"]
    again = review("--since", "0s")
    assert again[f"still {subject}"] == first[f"new {subject}"]
    client.delete("Deployment", "broken", namespace)
    client.wait_gone("Deployment", "broken", namespace)
    assert f"gone {subject}" in review("--since", "0s")
    files = b"".join(path.read_bytes() for path in (desk.folder / "state" / "daytwo").iterdir())
    assert b"broken" in files
    assert b"hunter2" not in files


def _break(client: Client, namespace: str) -> None:
    container = {"name": "app", "image": "nginx", "env": [{"name": "DB_PASSWORD", "value": "hunter2hunter2"}]}
    client.create(
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": "broken", "namespace": namespace},
            "spec": {
                "replicas": 1,
                "selector": {"matchLabels": {"app": "broken"}},
                "template": {
                    "metadata": {"labels": {"app": "broken"}},
                    "spec": {"serviceAccountName": "there-is-none", "containers": [container]},
                },
            },
        }
    )

    def has_failed(found: Object) -> bool:
        return any(condition["type"] == "ReplicaFailure" for condition in found.get("status", {}).get("conditions", []))

    client.wait_for("Deployment", "broken", namespace, has_failed)
