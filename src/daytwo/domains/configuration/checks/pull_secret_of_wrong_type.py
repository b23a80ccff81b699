"""The check `configuration/pull-secret-of-wrong-type`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.configuration.references import find_config
from daytwo.model.config import Secret, ServiceAccount
from daytwo.model.finding import Hit
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot

_TYPES = frozenset({"kubernetes.io/dockerconfigjson", "kubernetes.io/dockercfg"})


@check(
    Runnable, ServiceAccount, heading=Heading.RELIABILITY, severity=Severity.MEDIUM, by_hand="the login to a registry only its owner knows"
)
def pull_secret_of_wrong_type(subject: Runnable | ServiceAccount, snapshot: Snapshot) -> Iterator[Hit]:
    """A pull secret of a type from which no login can be read.

    Why: the kubelet skips it without a word: what is private is refused.
    Fix: make it anew: `kubectl create secret docker-registry`; the type cannot be changed.
    Source: https://kubernetes.io/docs/concepts/containers/images/#specifying-imagepullsecrets-on-a-pod
    Not: Secrets that do not exist (configuration/pull-secret-missing).
    """
    if isinstance(subject, ServiceAccount):
        secrets, path = subject.image_pull_secrets, ""
    else:
        secrets, path = subject.pod_spec.image_pull_secrets, f"{subject.pod_path}."
    for number, secret in enumerate(secrets):
        found = find_config(Secret.KIND, subject.namespace, secret.name, snapshot)
        if isinstance(found, Secret) and found.type not in _TYPES:
            yield Hit(
                f"pull secret {secret.name} is of type {found.type}, from which no login is read",
                path=f"{path}imagePullSecrets[{number}].name",
                item=secret.name,
                fix="make it anew with `kubectl create secret docker-registry`",
            )
