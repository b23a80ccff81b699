"""The check `network/path-type-unspecified`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.model.finding import Hit
from daytwo.model.network import Ingress
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    Ingress,
    heading=Heading.DELIVERY,
    severity=Severity.INFO,
    by_hand="what matched until now is the controller's own business: Prefix may match less, or more",
)
def path_type_unspecified(ingress: Ingress, snapshot: Snapshot) -> Iterator[Hit]:
    """An Ingress path of type ImplementationSpecific: what it matches depends on the controller.

    Why: another controller, or a newer one, may match other requests by it: regular expressions here, prefixes there.
    Fix: write Prefix or Exact, where the path is no regular expression.
    Source: https://kubernetes.io/docs/concepts/services-networking/ingress/#path-types
    """
    for index, rule in enumerate(ingress.spec.rules):
        for position, path in enumerate(rule.http.paths if rule.http is not None else ()):
            if path.path_type == "ImplementationSpecific":
                yield Hit(
                    f"what path {path.path or '/'} of {rule.host or 'every host'} matches depends on the controller",
                    path=f"spec.rules[{index}].http.paths[{position}].pathType",
                    item=f"{rule.host or '*'}{path.path or '/'}",
                    fix="write Prefix or Exact",
                )
