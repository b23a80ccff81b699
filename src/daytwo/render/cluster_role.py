"""A ClusterRole and its binding as manifests for `kubectl apply -f -`."""

import msgspec

from daytwo.model.right import ClusterRole


def to_yaml(role: ClusterRole) -> str:
    """The role as a manifest for `kubectl apply -f -`."""
    lines = ["apiVersion: rbac.authorization.k8s.io/v1", "kind: ClusterRole", "metadata:", f"  name: {role.name}", "rules:"]
    for rule in role.rules:
        prefix = "- "
        fields = {
            "apiGroups": rule.api_groups,
            "resources": rule.resources,
            "resourceNames": rule.resource_names,
            "nonResourceURLs": rule.non_resource_urls,
            "verbs": rule.verbs,
        }
        for name, values in fields.items():
            if values:
                lines.append(f"{prefix}{name}: [{', '.join(_quoted(value) for value in values)}]")
                prefix = "  "
    return "\n".join(lines) + "\n"


def binding_to_yaml(role: ClusterRole, user: str) -> str:
    """The ClusterRoleBinding that gives the role to a user (`system:serviceaccount:NAMESPACE:NAME` is a service account)."""
    parts = user.split(":")
    if parts[:2] == ["system", "serviceaccount"] and len(parts) == 4:
        subject = ["- kind: ServiceAccount", f"  name: {_quoted(parts[3])}", f"  namespace: {_quoted(parts[2])}"]
    else:
        subject = ["- kind: User", "  apiGroup: rbac.authorization.k8s.io", f"  name: {_quoted(user)}"]
    lines = ["apiVersion: rbac.authorization.k8s.io/v1", "kind: ClusterRoleBinding", "metadata:", f"  name: {role.name}", "roleRef:"]
    lines += ["  apiGroup: rbac.authorization.k8s.io", "  kind: ClusterRole", f"  name: {role.name}", "subjects:", *subject]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """JSON's quoting is YAML's too; plain names stay plain."""
    is_plain = text.replace("-", "").replace(".", "").isalnum() and not text[0].isdigit() and text.islower()
    return text if is_plain and text not in ("true", "false", "null", "yes", "no", "on", "off") else msgspec.json.encode(text).decode()
