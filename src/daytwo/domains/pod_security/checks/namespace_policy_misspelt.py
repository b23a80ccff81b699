"""The check `pod-security/namespace-policy-misspelt`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.pod_security.namespaces import LABELS, PREFIX, VALUES_OF_VERSION, misspelt
from daytwo.domains.pod_security.standards import Level
from daytwo.model.control_plane import Namespace
from daytwo.model.finding import Hit
from daytwo.model.path import join
from daytwo.model.repair import setting
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(Namespace, heading=Heading.SECURITY, severity=Severity.MEDIUM, by_hand="which level is meant is a decision")
def namespace_policy_misspelt(namespace: Namespace, snapshot: Snapshot) -> Iterator[Hit]:
    """A Pod Security label on a namespace that means nothing, or not what it seems to.

    Why: a label of an unknown name enforces nothing; of a known one with an unknown value the API server makes the strictest for
    `enforce` and nothing at all for `warn` and `audit`, where it does not refuse the namespace.
    Fix: use enforce, audit and warn with privileged, baseline or restricted, and their -version with latest or v1.N.
    Source: https://kubernetes.io/docs/concepts/security/pod-security-admission/
    """
    for key, value in sorted(namespace.labels.items()):
        name = key.removeprefix(PREFIX)
        if name == key:
            continue
        place = join("metadata.labels", key)
        if name not in LABELS:
            yield Hit(f"label {key} means nothing", path=place, item=key, fix=f"use one of {', '.join(LABELS)}")
        elif (meant := misspelt(name, value)) is not None:
            yield Hit(
                f"label {key} has the value {value}, which is no {'version' if name.endswith('-version') else 'level'}",
                path=place,
                item=key,
                fix=f"write {meant}" if meant else f"use {VALUES_OF_VERSION if name.endswith('-version') else ', '.join(Level)}",
                repair=setting(place, meant) if meant else None,
            )
