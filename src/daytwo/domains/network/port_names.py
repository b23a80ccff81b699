"""What the API server takes for a port's name: an IANA service name.

Source: https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#Container (ports.name), RFC 6335
"""

import re
from typing import Final

_FORM: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


def is_port_name(text: str) -> bool:
    """At most 15 lower-case letters, digits and single dashes inside, with a letter among them."""
    return len(text) <= 15 and _FORM.fullmatch(text) is not None and any(letter.isalpha() for letter in text)
