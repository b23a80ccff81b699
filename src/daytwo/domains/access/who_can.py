"""Who has access, told from roles and bindings as the API server's RBAC authorizer reads them.

Source: https://kubernetes.io/docs/reference/access-authn-authz/rbac/
"""

from collections.abc import Iterator

from daytwo.domains.access.grants import role_ref, rules_given
from daytwo.model.access import Access, Question, WhoCan
from daytwo.model.gap import Gap, Unseen
from daytwo.model.rbac import Binding, ClusterRoleBinding, PolicyRule, RoleBinding
from daytwo.model.snapshot import Snapshot


def who_can(question: Question, snapshot: Snapshot) -> WhoCan:
    """Everybody who can, by whichever binding; what could not be read is a gap of the answer."""
    accesses: dict[Access, None] = {}
    gaps: dict[Gap, None] = dict.fromkeys(_unread(question, snapshot))
    for binding in _bindings(question, snapshot):
        subjects = tuple(binding.bound())
        if not subjects:
            continue
        try:
            rules = rules_given(binding, snapshot)
        except Unseen as unseen:
            gaps[unseen.gap] = None
            continue
        names = _names(question, rules)
        if names is not None:
            for subject in subjects:
                accesses[Access(subject, binding.ref, role_ref(binding), binding.namespace, names)] = None
    return WhoCan(question, tuple(sorted(accesses)), tuple(gaps))


def _bindings(question: Question, snapshot: Snapshot) -> Iterator[Binding]:
    yield from snapshot.seen(ClusterRoleBinding)
    # A RoleBinding gives nothing on what has no namespace, nor on URLs.
    if question.is_namespaced and not question.url:
        yield from snapshot.seen(RoleBinding, question.namespace)


def _unread(question: Question, snapshot: Snapshot) -> Iterator[Gap]:
    asked = [(ClusterRoleBinding.KIND, "")]
    if question.is_namespaced and not question.url:
        asked.append((RoleBinding.KIND, question.namespace))
    for kind, namespace in asked:
        gap = snapshot.gap(kind, namespace)
        if gap is not None:
            yield gap


def _names(question: Question, rules: tuple[PolicyRule, ...]) -> tuple[str, ...] | None:
    """The only names for which these rules allow it; empty for all that the question is about, None when they do not allow it."""
    names: set[str] = set()
    for rule in rules:
        if question.url:
            if rule.allows_url(question.verb, question.url):
                return ()
        elif rule.allows(question.verb, question.group, question.resource, question.subresource, question.name):
            return ()
        elif not question.name and rule.resource_names:
            for name in rule.resource_names:
                if rule.allows(question.verb, question.group, question.resource, question.subresource, name):
                    names.add(name)
    return tuple(sorted(names)) if names else None
