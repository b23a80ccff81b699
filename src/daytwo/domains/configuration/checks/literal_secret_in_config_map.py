"""The check `configuration/literal-secret-in-config-map`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.model.config import ConfigMap
from daytwo.model.finding import Hit
from daytwo.model.path import join
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    ConfigMap,
    heading=Heading.SECURITY,
    severity=Severity.MEDIUM,
    by_hand="the value has to be put somewhere else first, and changed: whoever read the file knows it",
)
def literal_secret_in_config_map(config_map: ConfigMap, snapshot: Snapshot) -> Iterator[Hit]:
    """A ConfigMap with a password, token or private key in it.

    Why: ConfigMaps are read by everybody who may view the namespace, and are not encrypted where Secrets are.
    Fix: put the value into a Secret, change it, and mount that.
    Source: https://kubernetes.io/docs/concepts/configuration/configmap/
    Not: references to variables and templates, and names that tell about a secret. The first 16 KiB of each value are looked at; the
    value itself is never kept.
    """
    for key in config_map.credential_keys:
        yield Hit(
            f"key {key} holds a credential in plain text",
            path=join("data", key),
            item=key,
            fix="move it into a Secret, and change it",
        )
