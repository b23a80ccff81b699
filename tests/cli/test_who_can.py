"""`daytwo who-can` against a real API server: only rights are read, and who may not read them is told so."""

import json

import pytest

from tests.cli.conftest import Desk
from tests.servers.control_plane import NOBODY, VIEWER, ControlPlane

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(600)]


def test_a_live_cluster_answers(desk: Desk, control_plane: ControlPlane) -> None:
    done = desk.run("daytwo", "who-can", "get", "pods", "-o", "json", "--kubeconfig", str(control_plane.kubeconfig(VIEWER)))
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["unread"] == []
    assert {"Group", "ServiceAccount"} <= {access["subject"]["kind"] for access in told["access"]}
    assert {"kind": "ClusterRole", "name": "cluster-admin"} in [access["role"] for access in told["access"]]


def test_who_may_not_read_bindings_gets_no_answer(desk: Desk, control_plane: ControlPlane) -> None:
    done = desk.run("daytwo", "who-can", "get", "pods", "--kubeconfig", str(control_plane.kubeconfig(NOBODY)))
    assert done.returncode == 3, done.stderr
    assert "nobody who could be seen" in done.stdout
    assert "clusterrolebindings" in done.stdout


def test_a_custom_kind_is_looked_up_and_a_misspelt_one_refused(desk: Desk, control_plane: ControlPlane) -> None:
    kubeconfig = str(control_plane.kubeconfig())
    assert desk.run("daytwo", "who-can", "get", "widgets.example.com", "--kubeconfig", kubeconfig).returncode == 0
    done = desk.run("daytwo", "who-can", "get", "widgetz", "--kubeconfig", kubeconfig)
    assert (done.returncode, "there is no resource" in done.stderr) == (2, True)
