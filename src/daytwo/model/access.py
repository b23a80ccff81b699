"""A question about access, and who has it: which subject by which binding to which role."""

import msgspec

from daytwo.model.gap import Gap
from daytwo.model.rbac import RoleSubject
from daytwo.model.ref import Ref

MASTERS = "system:masters"
_ACCOUNT_USER = "system:serviceaccount:"
_ACCOUNT_GROUP = "system:serviceaccounts"


class Question(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Who can `verb` a resource, or a `url` that is none.

    `namespace` is where; empty is in the whole cluster at once for what has no namespace, else in whichever namespace.
    Without `name` it asks for the right to any of them.
    """

    verb: str
    resource: str = ""
    group: str = ""
    subresource: str = ""
    name: str = ""
    namespace: str = ""
    is_namespaced: bool = True
    url: str = ""

    def __str__(self) -> str:
        if self.url:
            return f"{self.verb} {self.url}"
        what = self.resource + (f".{self.group}" if self.group else "") + (f"/{self.subresource}" if self.subresource else "")
        name = f" {self.name}" if self.name else ""
        where = f" in namespace {self.namespace}" if self.namespace else " in any namespace" if self.is_namespaced else ""
        return f"{self.verb} {what}{name}{where}"


class Access(msgspec.Struct, frozen=True, order=True, omit_defaults=True, gc=False):
    """One way by which a subject has it. `namespace` is where it holds, empty is everywhere; `names` are the only objects it is for."""

    subject: RoleSubject
    binding: Ref
    role: Ref
    namespace: str = ""
    names: tuple[str, ...] = ()

    def is_of(self, user: str, groups: frozenset[str]) -> bool:
        """Whether a user in these groups has it by this. Accounts are users by a name of their own."""
        match self.subject.kind:
            case "User":
                return self.subject.name == user
            case "Group":
                return self.subject.name in groups
            case "ServiceAccount":
                return user == account_user(self.subject.namespace, self.subject.name)
        return False


class WhoCan(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Everybody who has access by RBAC, as far as bindings and roles could be read; `gaps` are the rest."""

    question: Question
    accesses: tuple[Access, ...] = ()
    gaps: tuple[Gap, ...] = ()

    def includes(self, user: str, groups: frozenset[str]) -> bool:
        """Whether the API server lets this user through; of accounts the groups that all have need not be told."""
        groups |= groups_of(user)
        return MASTERS in groups or any(not access.names and access.is_of(user, groups) for access in self.accesses)


def account_user(namespace: str, name: str) -> str:
    """The user name of a service account."""
    return f"{_ACCOUNT_USER}{namespace}:{name}"


def groups_of(user: str) -> frozenset[str]:
    """The groups that a user is in by the name alone: those of service accounts."""
    if not user.startswith(_ACCOUNT_USER):
        return frozenset()
    namespace = user.removeprefix(_ACCOUNT_USER).partition(":")[0]
    return frozenset({_ACCOUNT_GROUP, f"{_ACCOUNT_GROUP}:{namespace}", "system:authenticated"})
