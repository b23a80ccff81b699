"""The commands that need a cluster, through the real entry point against a real control plane."""

import json

import pytest

from tests.cli.conftest import Desk
from tests.servers.client import read_manifests
from tests.servers.control_plane import NOBODY, ControlPlane

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(600)]


def test_a_live_cluster_is_reviewed_and_its_recording_says_the_same(desk: Desk, control_plane: ControlPlane) -> None:
    kubeconfig = str(control_plane.kubeconfig())
    live = desk.run("daytwo", "review", "--kubeconfig", kubeconfig, "-o", "json=live.json", "-o", "text")
    assert live.stdout.startswith("admin · looked at 20")
    made = desk.run("daytwo", "record", "--kubeconfig", kubeconfig, "--out", "now.recording")
    assert made.stdout == "now.recording\n"
    again = desk.run("daytwo", "review", "now.recording", "-o", "json")
    assert (live.returncode in (0, 1, 3), again.returncode) == (True, live.returncode)
    told = json.loads((desk.folder / "live.json").read_text(encoding="utf-8"))
    assert told["look"]["user"] == "admin"
    assert {one["id"] for one in told["problems"]} == {one["id"] for one in json.loads(again.stdout)["problems"]}


def test_doctor_finds_nothing_wrong_for_who_may_read_all(desk: Desk, control_plane: ControlPlane) -> None:
    done = desk.run("daytwo", "doctor", "--kubeconfig", str(control_plane.kubeconfig()))
    assert done.returncode == 0, done.stdout
    assert "OK        rights       all " in done.stdout
    assert "ClusterRole" not in done.stdout


def test_the_role_that_doctor_prints_is_the_one_that_was_missing(desk: Desk, control_plane: ControlPlane) -> None:
    """Who may read nothing is told so; once the roles are applied, as printed, everything works."""
    kubeconfig = str(control_plane.kubeconfig(NOBODY))
    before = desk.run("daytwo", "doctor", "--kubeconfig", kubeconfig)
    assert before.returncode == 1
    # Everybody may ask /readyz.
    assert "LACKING   rights       1 of " in before.stdout
    assert "LACKING   secrets      may not be listed\n" in before.stdout
    role = desk.run("daytwo", "doctor", "--kubeconfig", kubeconfig, "--role", "--secrets")
    (desk.folder / "role.yaml").write_text(role.stdout, encoding="utf-8")
    printed = read_manifests(desk.folder / "role.yaml")
    client = control_plane.client()
    try:
        client.apply_all(printed)
        after = desk.run("daytwo", "doctor", "--kubeconfig", kubeconfig)
        assert after.returncode == 0, after.stdout
        nothing = desk.run("daytwo", "doctor", "--kubeconfig", kubeconfig, "--role")
        assert nothing.stdout == ""
    finally:
        for resource in printed:
            client.delete(resource["kind"], resource["metadata"]["name"])


def test_who_may_read_nothing_gets_no_all_clear(desk: Desk, control_plane: ControlPlane) -> None:
    done = desk.run("daytwo", "review", "--kubeconfig", str(control_plane.kubeconfig(NOBODY)))
    assert done.returncode == 3
    assert "This is not an all-clear." in done.stdout
    assert "coverage 0" in done.stdout or "coverage 100" not in done.stdout


def test_a_cluster_that_does_not_answer_is_told_in_one_line(desk: Desk, control_plane: ControlPlane) -> None:
    text = control_plane.kubeconfig().read_text(encoding="utf-8")
    (desk.folder / "dead").write_text(text.replace(control_plane.url, "https://127.0.0.1:9"), encoding="utf-8")
    done = desk.run("daytwo", "review", "--kubeconfig", "dead")
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    doctor = desk.run("daytwo", "doctor", "--kubeconfig", "dead")
    assert doctor.returncode == 1
    assert "FAILED    connection" in doctor.stdout
    assert "UNKNOWN   rights" in doctor.stdout
