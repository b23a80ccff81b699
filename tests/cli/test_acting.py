"""Acting from the command line, through the real entry point, on a real API server, with a real ledger."""

import json
from typing import Any

import pytest

from tests.cli.conftest import Desk
from tests.cli.terminal import Terminal
from tests.servers.client import Client, read_manifests
from tests.servers.control_plane import NOBODY, VIEWER, ControlPlane
from tests.servers.polling import until
from tests.servers.postgresql import PostgreSQL

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(600)]


class Seat:
    """Somebody at a desk with a kubeconfig, a namespace, and a Deployment `web` of two replicas in it."""

    def __init__(self, desk: Desk, plane: ControlPlane, namespace: str) -> None:
        self.desk, self.plane, self.namespace = desk, plane, namespace
        self.client: Client = plane.client()
        self.client.create(
            {
                "apiVersion": "apps/v1",
                "kind": "Deployment",
                "metadata": {"name": "web", "namespace": namespace},
                "spec": {
                    "replicas": 2,
                    "selector": {"matchLabels": {"app": "web"}},
                    "template": {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "web", "image": "web:1"}]}},
                },
            }
        )
        self.client.wait_for("Deployment", "web", namespace, lambda found: found.get("status", {}).get("readyReplicas") == 2)

    @property
    def replicas(self) -> int:
        found: int = self.client.get("Deployment", "web", self.namespace)["spec"]["replicas"]
        return found

    def environment(self, user: str = "admin", **more: str) -> dict[str, str]:
        return {"KUBECONFIG": str(self.plane.kubeconfig(user)), **more}

    def run(self, *command: str, user: str = "admin", **more: str) -> Any:
        return self.desk.run("daytwo", *command, **self.environment(user, **more))

    def scale(self, replicas: int, *flags: str, user: str = "admin", **more: str) -> Any:
        return self.run("act", "scale", "deploy/web", "-n", self.namespace, "--replicas", str(replicas), *flags, user=user, **more)

    def terminal(self, *command: str, columns: int = 100, ledger: str = "", people: int = 1) -> Terminal:
        environment = self.desk.environment | self.environment(DAYTWO_LEDGER=ledger, DAYTWO_ACT_PEOPLE_MUTATING=str(people))
        return Terminal(["daytwo", *command], folder=self.desk.folder, environment=environment, columns=columns)

    def scale_at_terminal(self, replicas: int, *flags: str, columns: int = 100) -> Terminal:
        return self.terminal("act", "scale", "deploy/web", "-n", self.namespace, "--replicas", str(replicas), *flags, columns=columns)

    def runs(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.run("runs", "list", "-o", "json").stdout)["runs"]
        return found


@pytest.fixture
def seat(desk: Desk, control_plane: ControlPlane, namespace: str) -> Seat:
    return Seat(desk, control_plane, namespace)


def test_a_dry_run_shows_what_would_change_and_changes_nothing(seat: Seat) -> None:
    done = seat.scale(3, "--dry-run")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[1:] == [
        "",
        f"scale deployment {seat.namespace}/web from 2 to 3  MUTATING  T1",
        f"change    deployment {seat.namespace}/web  (scale)",
        "            spec.replicas  2 → 3",
        "then      1 pod starts",
        "touches   1 workload",
        "undo      scale back to 2",
    ]
    assert seat.replicas == 2
    assert seat.runs() == []


def test_it_is_done_verified_told_remembered_and_taken_back(seat: Seat) -> None:
    done = seat.scale(3, "--yes", "--why", "evening peak", "-o", "json")
    assert done.returncode == 0, done.stderr
    run = json.loads(done.stdout)["run"]
    assert (run["state"], run["why"], run["person"]["name"]) == ("done", "evening peak", "admin")
    assert run["stages"][0]["detail"] == "3 of 3 ready"
    assert "scale deployment" in done.stderr, "who approves must see the plan, though standard output holds the JSON alone"
    assert seat.replicas == 3
    shown = seat.run("runs", "show", run["id"]).stdout
    assert f"next      daytwo undo {run['id']}\n" in shown
    back = seat.run("undo", run["id"], "--yes")
    assert back.returncode == 0, back.stderr
    assert f"takes back run {run['id']}" in back.stdout
    assert seat.replicas == 2
    again = seat.run("undo", run["id"], "--yes")
    assert (again.returncode, "nothing   to do" in again.stdout) == (0, True)
    assert [one["undoes"] for one in seat.runs()] == [run["id"], ""]


def test_what_somebody_changed_since_is_not_overwritten_by_an_undo(seat: Seat) -> None:
    run = json.loads(seat.scale(3, "--yes", "-o", "json").stdout)["run"]
    seat.client.patch("Deployment", "web", {"spec": {"replicas": 4}}, seat.namespace)
    done = seat.run("undo", run["id"], "--yes")
    assert done.returncode == 1
    assert f"blocked   it was changed since run {run['id']}: /spec/replicas is 4, not 3" in done.stdout
    assert seat.replicas == 4


def test_nothing_to_do_is_no_run(seat: Seat) -> None:
    done = seat.scale(2)
    assert (done.returncode, seat.runs()) == (0, [])
    assert "nothing   to do" in done.stdout


def test_without_a_terminal_and_yes_nothing_is_done(seat: Seat) -> None:
    done = seat.scale(3)
    assert (done.returncode, seat.replicas) == (1, 2)
    assert done.stderr == "daytwo: not done: there is no terminal to ask at; add --yes to approve what --dry-run shows\n"


def test_at_a_terminal_y_approves_and_all_else_does_not(seat: Seat) -> None:
    screen = seat.scale_at_terminal(3)
    screen.wait_for("do it? [y/N]")
    screen.type("")
    assert (screen.end(), seat.replicas) == (1, 2)
    screen = seat.scale_at_terminal(3)
    screen.wait_for("do it? [y/N]")
    screen.press_ctrl_c()
    assert (screen.end(), seat.replicas) == (130, 2)
    screen = seat.scale_at_terminal(3)
    screen.wait_for("do it? [y/N]")
    screen.type("y")
    assert (screen.end(), seat.replicas) == (0, 3)
    assert "3 of 3 ready" in screen.plain
    assert "\x1b[1mDONE\x1b[0m" in screen.shown


def test_what_is_destructive_takes_its_name_typed_in_full(seat: Seat) -> None:
    """A pod without a controller is gone for good; --yes does not answer for it."""
    pod = {"containers": [{"name": "once", "image": "once:1"}], "terminationGracePeriodSeconds": 0}
    seat.client.create({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "once", "namespace": seat.namespace}, "spec": pod})
    refused = seat.run("act", "delete-pod", "once", "-n", seat.namespace, "--yes")
    assert refused.returncode == 1
    assert "--yes does not answer here: it is destructive" in refused.stderr
    for answer, code in (("y", 1), ("once", 0)):
        assert seat.client.find("Pod", "once", seat.namespace) is not None
        screen = seat.terminal("act", "delete-pod", "once", "-n", seat.namespace)
        screen.wait_for("type once to do it:")
        screen.type(answer)
        assert screen.end() == code, screen.plain
    seat.client.wait_gone("Pod", "once", seat.namespace)


def test_who_may_not_change_it_is_told_so_and_the_diff_is_unknown(seat: Seat) -> None:
    done = seat.scale(3, "--dry-run", user=VIEWER)
    assert done.returncode == 1
    assert "diff unknown: " in done.stdout
    assert "deployments/scale" in done.stdout
    yes = seat.scale(3, "--yes", user=VIEWER)
    assert (yes.returncode, seat.replicas) == (1, 2)
    assert "--yes does not answer here" in yes.stderr


def test_the_brakes_stop_a_run_between_two_steps_and_every_new_change(seat: Seat) -> None:
    """Put on from a second terminal while the run waits in the first; taken off, it goes on."""
    screen = seat.scale_at_terminal(3, "--yes", "--for", "2s")
    screen.wait_for("waits: undo after 2 s")
    assert seat.run("brakes", "on", "--why", "network is down").returncode == 0
    screen.wait_for("waits: the brakes were put on by ada: network is down")
    denied = seat.run("act", "rollout-restart", "deploy/web", "-n", seat.namespace, "--yes")
    assert denied.returncode == 1
    assert "policy    denied  the brakes were put on by ada" in denied.stdout
    assert seat.replicas == 3
    assert seat.run("brakes", "off").returncode == 0
    assert (screen.end(), seat.replicas) == (0, 2), screen.plain


def test_it_is_taken_back_when_its_time_is_over(seat: Seat) -> None:
    done = seat.scale(3, "--yes", "--for", "1s")
    assert done.returncode == 0, done.stderr
    assert "3 of 3: take back:" in done.stderr
    assert "take back: scale deployment" in done.stdout
    assert seat.replicas == 2


def test_interrupted_while_it_waits_it_is_overdue_for_every_later_command(seat: Seat) -> None:
    screen = seat.scale_at_terminal(3, "--yes", "--for", "2s")
    screen.wait_for("waits: ")
    screen.press_ctrl_c()
    assert screen.end() == 130
    assert "nothing more happens to it until" in screen.plain
    (run,) = seat.runs()

    def is_told() -> bool:
        told: str = seat.run("checks").stderr
        return told.startswith(f"OVERDUE  run {run['id']} ")

    until(is_told, "the overdue run is told")
    assert seat.replicas == 3
    assert seat.run("--version").stderr == ""
    worked = seat.run("runs", "work", run["id"])
    assert (worked.returncode, seat.replicas) == (0, 2), worked.stderr
    assert seat.run("checks").stderr == ""


def test_a_cancelled_run_takes_nothing_back_but_can_be_taken_back(seat: Seat) -> None:
    screen = seat.scale_at_terminal(3, "--yes", "--for", "1h")
    screen.wait_for("waits: ")
    screen.press_ctrl_c()
    assert screen.end() == 130
    (run,) = seat.runs()
    locked = seat.scale(4, "--yes")
    assert (locked.returncode, f"denied  run {run['id']} works on it" in locked.stdout) == (1, True)
    assert seat.run("undo", run["id"], "--yes").returncode == 2
    assert seat.run("runs", "cancel", run["id"], "--why", "kept").stdout == f"run {run['id']} is cancelled\n"
    assert seat.replicas == 3
    assert seat.run("undo", run["id"], "--yes").returncode == 0
    assert seat.replicas == 2


def test_settings_deny_what_they_do_not_enable_and_what_is_too_much(seat: Seat) -> None:
    (seat.desk.folder / "daytwo.yaml").write_text("act:\n  enabled: [cordon]\n", encoding="utf-8")
    assert seat.scale(3, "--yes").stderr == "daytwo: settings do not enable scale (act.enabled)\n"
    assert "(not enabled: act.enabled)" in seat.run("act").stdout
    (seat.desk.folder / "daytwo.yaml").write_text("act:\n  allow_yes: no\n  brakes: {most_pods: 1}\n", encoding="utf-8")
    assert "settings do not allow it (act.allow_yes)" in seat.scale(3, "--yes").stderr
    denied = seat.scale(0, "--dry-run")
    assert denied.returncode == 1
    assert "denied  2 pods may end and settings allow 1 (act.brakes.most_pods)" in denied.stdout
    (seat.desk.folder / "daytwo.yaml").write_text("act:\n  brakes: {most_pod: 1}\n", encoding="utf-8")
    wrong = seat.scale(3, "--yes")
    assert (wrong.returncode, wrong.stderr) == (
        2,
        'daytwo: daytwo.yaml:2:12: there is no setting "act.brakes.most_pod"; did you mean "most_pods"?\n',
    )
    assert seat.replicas == 2


def test_somebody_else_may_be_impersonated_and_both_are_recorded(seat: Seat) -> None:
    done = seat.scale(3, "--dry-run", "--as", VIEWER)
    assert f"as admin (kubernetes) through {VIEWER}" in done.stdout
    assert (done.returncode, "diff unknown" in done.stdout) == (1, True)


def test_a_file_of_manifests_is_one_run_and_taken_back_at_a_terminal(seat: Seat) -> None:
    """What an undo deletes is destructive: several targets are approved by the cluster's name."""
    text = "".join(
        f"---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}, namespace: {seat.namespace}}}\ndata: {{since: 2026-01-01}}\n"
        for name in ("one", "two")
    )
    (seat.desk.folder / "both.yaml").write_text(text, encoding="utf-8")
    done = seat.run("act", "apply", "both.yaml", "--yes", "-o", "json")
    assert done.returncode == 0, done.stderr
    run = json.loads(done.stdout)["run"]
    assert [stage["state"] for stage in run["stages"]] == ["done", "done"]
    assert seat.client.get("ConfigMap", "two", seat.namespace)["data"] == {"since": "2026-01-01"}
    other = seat.run("act", "apply", "both.yaml", "-n", "elsewhere", "--yes")
    assert (other.returncode, other.stderr.count("leave one of them out")) == (2, 1)
    screen = seat.terminal("undo", run["id"])
    screen.wait_for("type admin to do it:")
    assert f"configmap {seat.namespace}/two  (is deleted)" in screen.plain
    screen.type("admin")
    assert screen.end() == 0, screen.plain
    seat.client.wait_gone("ConfigMap", "one", seat.namespace)


def test_a_foreign_command_takes_a_person_and_its_failure_is_told(seat: Seat) -> None:
    refused = seat.run("act", "command", "--yes", "--", "touch", "done")
    assert (refused.returncode, (seat.desk.folder / "done").exists()) == (1, False)
    screen = seat.terminal("act", "command", "--", "sh", "-c", "echo told >&2; exit 3")
    screen.wait_for("type admin to do it:")
    screen.type("admin")
    assert screen.end() == 1
    assert "exit code 3" in screen.plain


def test_two_people_need_a_ledger_that_they_share(seat: Seat) -> None:
    denied = seat.scale(3, "--yes", DAYTWO_ACT_PEOPLE_MUTATING="2")
    assert (denied.returncode, seat.replicas) == (1, 2)
    assert "settings ask for 2 people (act.people.mutating) and this ledger is a file of one machine" in denied.stdout


def test_two_people_approve_one_change(seat: Seat, postgresql: PostgreSQL) -> None:
    """The second with the ClusterRole that `daytwo act --role` prints, and nothing else."""
    role = seat.run("act", "--role", "scale").stdout
    (seat.desk.folder / "role.yaml").write_text(role, encoding="utf-8")
    (printed,) = read_manifests(seat.desk.folder / "role.yaml")
    binding: dict[str, Any] = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": printed["metadata"]["name"]},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": printed["metadata"]["name"]},
        "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": NOBODY}],
    }
    url = postgresql.new_database()
    shared = {"DAYTWO_LEDGER": url, "DAYTWO_ACT_PEOPLE_MUTATING": "2"}
    try:
        seat.client.apply_all([printed, binding])
        screen = seat.terminal("act", "scale", "deploy/web", "-n", seat.namespace, "--replicas", "3", "--yes", ledger=url, people=2)
        screen.wait_for("waits for others")
        assert seat.replicas == 2
        (run,) = json.loads(seat.run("runs", "list", "-o", "json", **shared).stdout)["runs"]
        same = seat.run("runs", "approve", run["id"], "--yes", **shared)
        assert (same.returncode, "another person must" in same.stderr) == (2, True)
        other = seat.run("runs", "approve", run["id"], "--yes", "--context", NOBODY, user=NOBODY, **shared)
        assert other.returncode == 0, other.stderr
        assert "spec.replicas  2 → 3" in other.stdout
        assert "approved  by admin so far; 2 people must" in other.stdout
        assert screen.end() == 0, screen.plain
        assert seat.replicas == 3
    finally:
        for resource in (printed, binding):
            seat.client.delete(resource["kind"], resource["metadata"]["name"])
        postgresql.drop_database(url)


def test_the_plan_fits_80_columns_and_is_told_whole_in_a_pipe(seat: Seat) -> None:
    screen = seat.scale_at_terminal(3, "--dry-run", columns=80)
    assert screen.end() == 0
    assert max(map(len, screen.plain.splitlines())) <= 80
