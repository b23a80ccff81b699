"""Who can, held against the real API server: what SubjectAccessReview says of drawn rights, for drawn questions."""

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

import pytest

from daytwo.domains.access.who_can import who_can
from daytwo.model.access import Question, account_user, groups_of
from daytwo.model.cluster import Cluster
from daytwo.model.metadata import Resource
from daytwo.model.snapshot import Reading, Snapshot, by_kind
from daytwo.sources.kubernetes.decode import decode_any
from tests.servers.client import Client, Object
from tests.servers.control_plane import ControlPlane
from tests.servers.polling import until

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(300)]

SEED: Final = 20_261_120
QUESTIONS: Final = 700
API: Final = "rbac.authorization.k8s.io/v1"
KINDS: Final = ("Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding")
NAMESPACES: Final = ("who-can-a", "who-can-b")
VERBS: Final = ("get", "list", "watch", "create", "update", "delete", "deletecollection", "bind", "use")
GROUPS: Final = ("", "apps", "example.com")
RESOURCES: Final = ("pods", "secrets", "deployments", "widgets")
SUBRESOURCES: Final = ("", "", "exec", "scale", "status")
PATTERNS: Final = ("*", "pods/*", "*/scale", "*/exec", "pods/exec", "deployments/scale", "widgets/status", "*/*", "pods*")
NAMES: Final = ("one", "two", "three")
URLS: Final = ("/metrics", "/metrics/slis", "/healthz", "/healthz/etcd", "/logs/a/b", "/x")
URL_PATTERNS: Final = ("/metrics", "/healthz*", "/logs/*", "/metrics/*", "*")
USERS: Final = ("ann", "bob", "eve")
TEAMS: Final = ("dev", "ops", "system:serviceaccounts", "system:serviceaccounts:who-can-a", "system:authenticated")
ACCOUNTS: Final = tuple((namespace, name) for namespace in NAMESPACES for name in ("default", "robot"))


class Drawing:
    """Rights and questions, the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def some(self, among: tuple[str, ...], most: int) -> list[str]:
        return self.random.sample(among, self.random.randint(1, min(most, len(among))))

    def rule(self, *, is_of_cluster: bool) -> Object:
        verbs = ["*"] if self.random.random() < 0.15 else self.some(VERBS, 4)
        if is_of_cluster and self.random.random() < 0.2:
            return {"verbs": verbs, "nonResourceURLs": self.some(URL_PATTERNS, 2)}
        rule: Object = {
            "verbs": verbs,
            "apiGroups": ["*"] if self.random.random() < 0.15 else self.some(GROUPS, 2),
            "resources": self.some((*RESOURCES, *PATTERNS), 4),
        }
        if self.random.random() < 0.35:
            rule["resourceNames"] = self.some(NAMES, 2)
        return rule

    def subject(self, *, is_of_cluster: bool) -> Object:
        match self.random.choice(("User", "Group", "ServiceAccount", "user-of-account")):
            case "User":
                return {"kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": self.random.choice(USERS)}
            case "Group":
                # In the whole cluster everybody would have it, the users of other tests as well.
                teams = TEAMS[:-1] if is_of_cluster else TEAMS
                return {"kind": "Group", "apiGroup": "rbac.authorization.k8s.io", "name": self.random.choice(teams)}
            case "ServiceAccount":
                namespace, name = self.random.choice(ACCOUNTS)
                return {"kind": "ServiceAccount", "namespace": namespace, "name": name}
            case _:
                name = account_user(*self.random.choice(ACCOUNTS))
                return {"kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": name}

    def rights(self) -> Iterator[Object]:
        for number in range(14):
            name = f"who-can-{number}"
            rules = [self.rule(is_of_cluster=True) for _ in range(self.random.randint(1, 3))]
            yield {"apiVersion": API, "kind": "ClusterRole", "metadata": {"name": name}, "rules": rules}
            for namespace in NAMESPACES:
                rules = [self.rule(is_of_cluster=False) for _ in range(self.random.randint(1, 2))]
                yield {"apiVersion": API, "kind": "Role", "metadata": {"name": name, "namespace": namespace}, "rules": rules}
        for number in range(14):
            # One in six names a role that does not exist.
            yield self.binding("ClusterRoleBinding", f"who-can-{number}", {}, "ClusterRole", is_of_cluster=True)
            for namespace in NAMESPACES:
                kind = self.random.choice(("Role", "ClusterRole"))
                yield self.binding("RoleBinding", f"who-can-{number}", {"namespace": namespace}, kind, is_of_cluster=False)

    def binding(self, kind: str, name: str, metadata: Object, role: str, *, is_of_cluster: bool) -> Object:
        return {
            "apiVersion": API,
            "kind": kind,
            "metadata": {"name": name, **metadata},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": role, "name": f"who-can-{self.random.randrange(17)}"},
            "subjects": [self.subject(is_of_cluster=is_of_cluster) for _ in range(self.random.randint(0, 2))],
        }

    def question(self) -> Question:
        if self.random.random() < 0.12:
            return Question(self.random.choice(("get", "list")), url=self.random.choice(URLS))
        resource = self.random.choice((*RESOURCES, "*")) if self.random.random() < 0.95 else "nodes"
        namespace = self.random.choice((*NAMESPACES, *NAMESPACES, ""))
        return Question(
            self.random.choice((*VERBS, "*")),
            resource,
            self.random.choice((*GROUPS, "*")),
            self.random.choice(SUBRESOURCES),
            self.random.choice((*NAMES, "", "")),
            namespace,
            # Without a namespace the server is asked about all of them at once.
            is_namespaced=bool(namespace),
        )

    def asker(self) -> tuple[str, frozenset[str]]:
        if self.random.random() < 0.4:
            user = account_user(*self.random.choice(ACCOUNTS))
            return user, groups_of(user)
        return self.random.choice(USERS), frozenset({*self.random.sample(TEAMS[:2], self.random.randint(0, 2)), "system:authenticated"})


def review(client: Client, question: Question, user: str, groups: frozenset[str]) -> bool:
    """What the API server says; it stores nothing."""
    spec: Object = {"user": user, "groups": sorted(groups)}
    if question.url:
        spec["nonResourceAttributes"] = {"path": question.url, "verb": question.verb}
    else:
        spec["resourceAttributes"] = {
            key: value
            for key, value in {
                "verb": question.verb,
                "group": question.group,
                "resource": question.resource,
                "subresource": question.subresource,
                "name": question.name,
                "namespace": question.namespace,
            }.items()
            if value
        }
    body = {"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": spec}
    answer = client.request("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", body)
    return bool(answer["status"]["allowed"])


def snapshot_of(client: Client) -> Snapshot:
    resources: list[Resource] = []
    for kind in KINDS:
        for item in client.list_of(kind):
            found = decode_any(json.dumps({"apiVersion": API, "kind": kind, **item}).encode())
            assert found is not None
            resources.append(found)
    readings = {kind: Reading() for kind in KINDS}
    return Snapshot(datetime.now(UTC), Cluster(name="server"), by_kind(resources), readings)


def test_who_can_says_what_the_api_server_says(control_plane: ControlPlane) -> None:
    """Wildcards, names, subresources, URLs, groups, accounts, roles that are missing: 700 questions, not one answered otherwise."""
    client = control_plane.client()
    drawing = Drawing(SEED)
    made: list[Object] = []
    try:
        made += [client.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}) for name in NAMESPACES]
        made += [client.apply(right) for right in drawing.rights()]
        last = {"kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": "last"}
        role = {
            "apiVersion": API,
            "kind": "ClusterRole",
            "metadata": {"name": "who-can-last"},
            "rules": [{"verbs": ["get"], "nonResourceURLs": ["/last"]}],
        }
        made += [
            client.apply(role),
            client.apply(
                {
                    "apiVersion": API,
                    "kind": "ClusterRoleBinding",
                    "metadata": {"name": "who-can-last"},
                    "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "who-can-last"},
                    "subjects": [last],
                }
            ),
        ]
        # The authorizer reads through a cache: what was made last tells that it has all of it.
        until(lambda: review(client, Question("get", url="/last"), "last", frozenset()), "the authorizer to have read the rights")
        snapshot = snapshot_of(client)
        wrong, allowed = [], 0
        for _ in range(QUESTIONS):
            question, (user, groups) = drawing.question(), drawing.asker()
            wanted = review(client, question, user, groups)
            allowed += wanted
            if who_can(question, snapshot).includes(user, groups) is not wanted:
                wrong.append((str(question), question, user, sorted(groups), f"the server says {wanted}"))
        assert not wrong
        assert 150 < allowed < QUESTIONS - 150, "questions of which nearly all have the same answer prove little"
    finally:
        for one in reversed(made):
            client.delete(one["kind"], one["metadata"]["name"], one["metadata"].get("namespace", ""))
