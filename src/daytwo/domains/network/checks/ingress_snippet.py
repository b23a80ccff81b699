"""The check `network/ingress-snippet`."""

from collections.abc import Iterator
from typing import Final

from daytwo.catalog import check
from daytwo.model.finding import Hit
from daytwo.model.network import Ingress
from daytwo.model.path import join
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot

# https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/
# https://docs.nginx.com/nginx-ingress-controller/configuration/ingress-resources/advanced-configuration-with-snippets/
_SNIPPETS: Final = (
    "nginx.ingress.kubernetes.io/configuration-snippet",
    "nginx.ingress.kubernetes.io/server-snippet",
    "nginx.ingress.kubernetes.io/auth-snippet",
    "nginx.ingress.kubernetes.io/stream-snippet",
    "nginx.ingress.kubernetes.io/modsecurity-snippet",
    "nginx.org/location-snippets",
    "nginx.org/server-snippets",
)


@check(
    Ingress,
    heading=Heading.SECURITY,
    severity=Severity.HIGH,
    by_hand="what the snippet does has to be said in another way first",
)
def ingress_snippet(ingress: Ingress, snapshot: Snapshot) -> Iterator[Hit]:
    """An Ingress that puts text of its own into the configuration of nginx.

    Why: whoever may write Ingresses gets at the controller's service account token by it, and with that at every Secret of the
    cluster (CVE-2021-25742); a mistake in it breaks the configuration of all others.
    Fix: use the annotations made for the purpose, or the filters of an HTTPRoute; keep snippets forbidden in the controller
    (allow-snippet-annotations: false).
    Source: https://github.com/kubernetes/ingress-nginx/issues/7837
    """
    for key in _SNIPPETS:
        if ingress.annotations.get(key):
            yield Hit(
                f"puts text into nginx's configuration by {key.partition('/')[2]} (CVE-2021-25742)",
                path=join("metadata.annotations", key),
                item=key,
                fix="use the annotations made for the purpose, or the filters of an HTTPRoute",
            )
