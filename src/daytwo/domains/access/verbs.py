"""The verbs that the API server asks its authorizers about, and what kubectl's commands are to it.

RBAC compares verbs letter by letter, and an extension may ask about one of its own.
Source: https://kubernetes.io/docs/reference/access-authn-authz/authorization/#determine-the-request-verb
"""

from typing import Final

from daytwo.model.errors import did_you_mean
from daytwo.model.rbac import ClusterRole, Role
from daytwo.model.snapshot import Snapshot

ANY: Final = "*"

VERBS: Final = frozenset(
    {
        *("get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"),
        # Of roles, of users and accounts, of certificate signers, of URLs.
        *("bind", "escalate", "impersonate", "approve", "sign", "attest", "use", "put", "post", "head", "options"),
    }
)

# What people call an action, and the right that it takes: a subresource is a resource of its own, and a POST to one is a create.
# Source: https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-resources
MEANT: Final = {
    "exec": "create pods/exec",
    "attach": "create pods/attach",
    "port-forward": "create pods/portforward",
    "logs": "get pods/log",
    "log": "get pods/log",
    "evict": "create pods/eviction",
    "describe": "get",
    "read": "get",
    "edit": "patch",
    "apply": "patch",
    "write": "update",
    "remove": "delete",
}


def what_was_meant(verb: str, snapshot: Snapshot) -> str | None:
    """What to ask instead of a verb that there is none of: a hint, empty where nothing is near. None for a verb that there is."""
    if verb == ANY or verb in VERBS:
        return None
    rules = [rule for role in snapshot.seen(ClusterRole) for rule in role.rules]
    rules += [rule for role in snapshot.seen(Role) for rule in role.rules]
    if any(verb in rule.verbs for rule in rules):
        return None
    if verb in MEANT:
        return f'; write "{MEANT[verb]}"'
    return did_you_mean(verb.lower(), VERBS)
