"""The check `access/binding-without-account`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.access.accounts import DEFAULT, find_account
from daytwo.domains.access.grants import is_own
from daytwo.model.finding import Hit
from daytwo.model.rbac import Binding, ClusterRoleBinding, RoleBinding
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    RoleBinding,
    ClusterRoleBinding,
    heading=Heading.SECURITY,
    severity=Severity.LOW,
    applies=is_own,
    by_hand="whether the account or the binding is wrong only its author knows",
)
def binding_without_account(binding: Binding, snapshot: Snapshot) -> Iterator[Hit]:
    """A binding to a service account that does not exist.

    Why: whoever may create accounts in that namespace gets its rights by creating one of that name.
    Fix: create the account, correct name or namespace, or remove the subject.
    Source: https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-subjects
    Not: the account default, which every namespace has, and in files the accounts of namespaces that have none there: that is unknown.
    """
    for subject in dict.fromkeys(binding.bound()):
        if subject.kind != "ServiceAccount" or subject.name == DEFAULT:
            continue
        if find_account(subject.namespace, subject.name, snapshot) is None:
            yield Hit(
                f"is for {subject}, which does not exist",
                path="subjects",
                item=f"{subject.namespace}/{subject.name}",
                fix=f"create service account {subject.name} in namespace {subject.namespace}, or remove the subject",
            )
