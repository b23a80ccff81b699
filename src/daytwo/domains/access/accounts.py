"""Service accounts: whose rights a pod has, whether it holds a token, and who is bound."""

from daytwo.domains.access.grants import ANONYMOUS
from daytwo.model.access import account_user, groups_of
from daytwo.model.config import ServiceAccount
from daytwo.model.gap import Gap, Unseen
from daytwo.model.rbac import Binding, ClusterRoleBinding, PolicyRule, RoleBinding, RoleSubject
from daytwo.model.ref import Cell, Ref
from daytwo.model.runnable import Runnable
from daytwo.model.snapshot import Snapshot

DEFAULT = "default"
_READING = frozenset({"get", "list", "watch"})
# Everybody is in these, and they give nothing but discovery; what somebody binds to them is told of the binding.
_ALL = frozenset({"system:serviceaccounts", "system:authenticated"})


def account_name(runnable: Runnable) -> str:
    return runnable.pod_spec.service_account_name or DEFAULT


def find_account(namespace: str, name: str, snapshot: Snapshot) -> ServiceAccount | None:
    """An account that was looked for; None when it does not exist. Raises Unseen.

    Files that hold no account of a namespace at all say nothing about which there are.
    """
    found = snapshot.get(ServiceAccount, namespace, name)
    if found is None and snapshot.is_of_files and not snapshot.seen(ServiceAccount, namespace):
        wanted = f"serviceaccounts of namespace {namespace}"
        raise Unseen(Gap("files", wanted, "not among these files", Cell(ServiceAccount.KIND, namespace)))
    return found


def holds_token(runnable: Runnable, snapshot: Snapshot) -> bool:
    """Whether a token of its account is mounted: the pod's word counts before the account's. Raises Unseen."""
    said = runnable.pod_spec.automount_service_account_token
    if said is not None:
        return said
    if account_name(runnable) == DEFAULT and snapshot.is_of_files:
        # Every namespace has it, and hardly anybody writes it down.
        named = snapshot.find(Ref(ServiceAccount.KIND, runnable.namespace, DEFAULT))
        found = named if isinstance(named, ServiceAccount) else None
    else:
        found = find_account(runnable.namespace, account_name(runnable), snapshot)
    return found is None or found.automount_service_account_token is not False


def bindings_by_subject(snapshot: Snapshot) -> dict[RoleSubject, list[Binding]]:
    """The bindings seen, by whom they are for."""
    index: dict[RoleSubject, list[Binding]] = {}
    for kind in (ClusterRoleBinding, RoleBinding):
        for binding in snapshot.seen(kind):
            for subject in binding.bound():
                index.setdefault(subject, []).append(binding)
    return index


def bindings_for(namespace: str, name: str, snapshot: Snapshot) -> list[Binding]:
    """The bindings seen that are for one account: by its name, its user's name, or the group of its namespace."""
    index = snapshot.once(bindings_by_subject)
    user = account_user(namespace, name)
    subjects = [RoleSubject("ServiceAccount", name, namespace), RoleSubject("User", user)]
    subjects += [RoleSubject("Group", group) for group in sorted(groups_of(user) - _ALL)]
    return [binding for subject in subjects for binding in index.get(subject, ())]


def is_dangerous(rules: tuple[PolicyRule, ...]) -> bool:
    """Whether rules write anything, or read Secrets."""
    for rule in rules:
        if not rule.resources:
            continue
        if (
            not _READING.issuperset(rule.verbs)
            or "*" in rule.resources
            or rule.allows("get", "", "secrets")
            or rule.allows("list", "", "secrets")
        ):
            return True
    return False


def reads_or_writes(rules: tuple[PolicyRule, ...]) -> bool:
    """Whether rules give anything besides the URLs by which a cluster tells its health and version."""
    return any(rule.resources or not _PUBLIC.issuperset(rule.non_resource_urls) for rule in rules)


# Source: what system:public-info-viewer gives, https://kubernetes.io/docs/reference/access-authn-authz/rbac/#discovery-roles
_PUBLIC = frozenset({"/healthz", "/livez", "/readyz", "/version", "/version/"})


def is_anonymous(subject: RoleSubject) -> bool:
    return subject.name in ANONYMOUS and subject.kind in ("User", "Group")
