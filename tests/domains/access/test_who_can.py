"""What who-can answers where rights cannot all be read, and what files say."""

from typing import Any

import pytest

from daytwo.domains.access.resources import Meant, resolve
from daytwo.domains.access.who_can import who_can
from daytwo.model.access import Question, groups_of
from tests.specimen import snapshot_of

RBAC = "rbac.authorization.k8s.io/v1"
PODS = Question("get", "pods", namespace="shop")


def binding(role: str, kind: str = "ClusterRole", namespace: str = "") -> dict[str, Any]:
    return {
        "apiVersion": RBAC,
        "kind": "RoleBinding" if namespace else "ClusterRoleBinding",
        "metadata": {"name": f"{role}-jane", **({"namespace": namespace} if namespace else {})},
        "roleRef": {"kind": kind, "name": role},
        "subjects": [{"kind": "User", "name": "jane"}],
    }


def role(name: str, rules: list[dict[str, list[str]]], labels: dict[str, str] | None = None, **more: object) -> dict[str, Any]:
    return {"apiVersion": RBAC, "kind": "ClusterRole", "metadata": {"name": name, "labels": labels or {}}, "rules": rules, **more}


READ = {"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}


def test_bindings_that_nobody_could_read_leave_the_answer_open() -> None:
    snapshot = snapshot_of({"at": "2026-11-20T08:00:00Z", "items": [role("r", [READ]), binding("r")], "unread": ["RoleBinding/shop"]})
    answer = who_can(PODS, snapshot)
    assert [str(access.subject) for access in answer.accesses] == ["user jane"]
    assert [gap.wanted for gap in answer.gaps] == ["RoleBinding/shop"]
    # What has no namespace is given by no RoleBinding.
    assert who_can(Question("get", "nodes", is_namespaced=False), snapshot).gaps == ()


def test_a_role_that_nobody_could_read_leaves_the_answer_open() -> None:
    snapshot = snapshot_of({"at": "2026-11-20T08:00:00Z", "items": [binding("r")], "unread": ["ClusterRole"]})
    answer = who_can(PODS, snapshot)
    assert (answer.accesses, [gap.wanted for gap in answer.gaps]) == ((), ["ClusterRole"])


def test_a_role_that_does_not_exist_gives_nothing() -> None:
    answer = who_can(PODS, snapshot_of({"at": "2026-11-20T08:00:00Z", "items": [binding("gone")]}))
    assert (answer.accesses, answer.gaps) == ((), ())


def test_files_know_cluster_admin_and_say_that_they_lack_edit() -> None:
    document = {"at": "2026-11-20T08:00:00Z", "files": True, "items": [binding("cluster-admin"), binding("edit", namespace="shop")]}
    answer = who_can(PODS, snapshot_of(document))
    assert [access.role.name for access in answer.accesses] == ["cluster-admin"]
    assert [gap.wanted for gap in answer.gaps] == ["ClusterRole edit"]


def test_files_gather_what_an_aggregating_role_will_hold() -> None:
    """Over two steps, in a circle, and without what the role itself says: the controller writes over that."""

    def aggregating(name: str, wanted: str, labels: dict[str, str]) -> dict[str, Any]:
        own = {"apiGroups": [""], "resources": ["pods"], "verbs": ["delete"]}
        selectors = {"clusterRoleSelectors": [{"matchLabels": {"into": wanted}}]}
        return role(name, [own], labels, aggregationRule=selectors)

    items = [aggregating("a", "a", {"into": "b"}), aggregating("b", "b", {"into": "a"}), role("part", [READ], {"into": "b"}), binding("a")]
    snapshot = snapshot_of({"at": "2026-11-20T08:00:00Z", "files": True, "items": items})
    assert [str(access.subject) for access in who_can(PODS, snapshot).accesses] == ["user jane"]
    assert who_can(Question("delete", "pods", namespace="shop"), snapshot).accesses == ()


def test_an_account_is_in_the_groups_of_all_accounts() -> None:
    assert groups_of("system:serviceaccount:shop:web") == {"system:serviceaccounts", "system:serviceaccounts:shop", "system:authenticated"}
    assert groups_of("jane") == frozenset()


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("pods", Meant("", "pods", "", is_namespaced=True)),
        ("deploy/scale", Meant("apps", "deployments", "scale", is_namespaced=True)),
        ("deployments.apps/scale", Meant("apps", "deployments", "scale", is_namespaced=True)),
        ("node/proxy", Meant("", "nodes", "proxy", is_namespaced=False)),
        ("certificates.cert-manager.io", Meant("cert-manager.io", "certificates", "", is_namespaced=True)),
        ("*", Meant("*", "*", "", is_namespaced=True)),
        ("events.events.k8s.io", Meant("events.k8s.io", "events", "", is_namespaced=True)),
    ],
)
def test_resources_go_by_the_names_that_people_use(text: str, meant: Meant) -> None:
    assert resolve(text) == meant


def test_a_resource_that_nobody_knows_is_asked_back() -> None:
    with pytest.raises(LookupError, match='there is no resource "deploymens"; did you mean "deployments"'):
        resolve("deploymens")
