"""The roles that daytwo asks for, and what it says about rights that lack."""

import asyncio
from collections.abc import Iterator

import pytest
import yaml

from daytwo.model.control_plane import CustomResourceDefinition
from daytwo.model.kinds import KINDS
from daytwo.model.metadata import Metadata
from daytwo.model.right import ClusterRole, Right, Rule
from daytwo.render.cluster_role import binding_to_yaml, to_yaml
from daytwo.sources.kubernetes.access import Permission, missing_role, needed_rights, reader_role, secret_reader_role
from daytwo.sources.kubernetes.live import open_cluster
from tests.servers.control_plane import ADMIN, NOBODY, VIEWER, ControlPlane
from tests.servers.proxy import Proxy
from tests.sources.kubernetes.looking import QUICK, gaps, look

READING = {"get", "list", "watch"}


def test_roles_only_read() -> None:
    """No role that daytwo asks for can change anything."""
    for role in (reader_role(), reader_role(include_secrets=True), secret_reader_role()):
        assert {verb for rule in role.rules for verb in rule.verbs} <= READING
        assert not any("*" in (*rule.api_groups, *rule.resources, *rule.verbs, *rule.non_resource_urls) for rule in role.rules)


def test_secrets_are_a_role_of_their_own() -> None:
    """The default role cannot read them; the second adds them and nothing else."""
    assert not any(rule.allows("list", "", "secrets") for rule in reader_role().rules)
    assert any(rule.allows("list", "", "secrets") for rule in reader_role(include_secrets=True).rules)
    assert secret_reader_role().rules == (Rule(api_groups=("",), resources=("secrets",), verbs=("get", "list")),)


def test_every_kind_is_in_the_role() -> None:
    """A kind added to daytwo is in the role by itself; so is a custom kind with a pod template, where it is known."""
    robots = CustomResourceDefinition(
        metadata=Metadata(name="robots.toys.test"), group="toys.test", plural="robots", pod_template_versions=("v1",)
    )
    role = reader_role(include_secrets=True, custom=[robots])

    for group, plural in [*((kind.group, kind.plural) for kind in KINDS), ("toys.test", "robots")]:
        assert any(rule.allows("list", group, plural) for rule in role.rules), plural
    assert any(rule.allows("get", "", "pods/log") for rule in role.rules)


@pytest.mark.parametrize(
    ("rule", "allowed"),
    [
        (Rule(("apps",), ("deployments",), ("list",)), True),
        (Rule(("*",), ("*",), ("*",)), True),
        (Rule(("apps",), ("deployments",), ("get", "watch")), False),
        (Rule(("",), ("deployments",), ("list",)), False),
        (Rule(("apps",), ("deployments/scale",), ("list",)), False),
        (Rule(("apps",), ("deployments",), ("list",), resource_names=("web",)), False),
    ],
)
def test_a_rule_allows_as_rbac_does(rule: Rule, allowed: bool) -> None:
    """A rule for some names allows no list."""
    assert rule.allows("list", "apps", "deployments") is allowed


def test_a_role_is_a_manifest() -> None:
    """What is printed is YAML that says the same, also of names that YAML would read as something else."""
    role = ClusterRole("odd", (Rule(("", "example.com"), ("pods/log", "no", "123"), ("get",)), Rule((), (), ("get",), (), ("/readyz",))))

    document = yaml.safe_load(to_yaml(role))

    assert document["rules"] == [
        {"apiGroups": ["", "example.com"], "resources": ["pods/log", "no", "123"], "verbs": ["get"]},
        {"nonResourceURLs": ["/readyz"], "verbs": ["get"]},
    ]
    assert document["metadata"] == {"name": "odd"}


def test_a_binding_names_its_subject() -> None:
    """Users and service accounts."""
    (user,) = yaml.safe_load(binding_to_yaml(reader_role(), "ann@example.com"))["subjects"]
    (account,) = yaml.safe_load(binding_to_yaml(reader_role(), "system:serviceaccount:ops:daytwo"))["subjects"]

    assert user == {"kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": "ann@example.com"}
    assert account == {"kind": "ServiceAccount", "name": "daytwo", "namespace": "ops"}


def permissions(control_plane: ControlPlane, user: str) -> tuple[Permission, ...]:
    async def ask() -> tuple[Permission, ...]:
        async with open_cluster(None, control_plane.kubeconfig(user), patience=QUICK, environment={}) as cluster:
            return await cluster.permissions()

    return asyncio.run(ask())


@pytest.mark.cluster
def test_the_api_server_says_what_lacks(control_plane: ControlPlane) -> None:
    """An administrator lacks nothing, the viewer Secrets, somebody without rights all but health."""

    def lacking(user: str) -> list[str]:
        return [str(found.right) for found in permissions(control_plane, user) if not found.is_allowed]

    assert lacking(ADMIN) == []
    assert lacking(VIEWER) == ["list secrets"]
    assert len(lacking(NOBODY)) == len(needed_rights()) - 1


@pytest.fixture
def applied(control_plane: ControlPlane, namespace: str) -> Iterator[str]:
    """The role as printed, bound to a new service account; its token."""
    client = control_plane.client()
    client.create({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "daytwo"}}, namespace)
    role = ClusterRole(f"daytwo-reader-{namespace}", reader_role().rules)
    client.create(yaml.safe_load(to_yaml(role)))
    client.create(yaml.safe_load(binding_to_yaml(role, f"system:serviceaccount:{namespace}:daytwo")))
    request = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}}
    yield client.request("POST", f"/api/v1/namespaces/{namespace}/serviceaccounts/daytwo/token", request)["status"]["token"]
    client.delete("ClusterRole", role.name)


@pytest.mark.cluster
def test_the_printed_role_is_enough(control_plane: ControlPlane, namespace: str, applied: str) -> None:
    """With it daytwo reads everything but Secrets, and then with the second one those too."""
    with Proxy(control_plane) as proxy:
        path = proxy.kubeconfig("daytwo", applied)

        assert gaps(look(path)) == [f"secrets: forbidden for user system:serviceaccount:{namespace}:daytwo"]

        role = ClusterRole(f"daytwo-secret-reader-{namespace}", secret_reader_role().rules)
        control_plane.client().create(yaml.safe_load(to_yaml(role)))
        control_plane.client().create(yaml.safe_load(binding_to_yaml(role, f"system:serviceaccount:{namespace}:daytwo")))
        assert gaps(look(path)) == []
        control_plane.client().delete("ClusterRole", role.name)


def test_what_lacks_makes_a_role() -> None:
    """Just that, with the verbs it takes."""
    rights = [
        Right("list", "", "secrets"),
        Right("list", "apps", "deployments"),
        Right("get", "", "pods/log"),
        Right("get", path="/readyz"),
    ]

    assert missing_role(rights).rules == (
        Rule(("",), ("pods/log",), ("get",)),
        Rule(("",), ("secrets",), ("get", "list")),
        Rule(("apps",), ("deployments",), ("get", "list")),
        Rule(non_resource_urls=("/readyz",), verbs=("get",)),
    )
