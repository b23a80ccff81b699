"""Annotations that named profiles before there were fields for them."""

from typing import Final

from daytwo.model.json import Json

SECCOMP_OF_POD: Final = "seccomp.security.alpha.kubernetes.io/pod"
SECCOMP_OF_CONTAINER: Final = "container.seccomp.security.alpha.kubernetes.io/"


def profile_of(value: str) -> dict[str, Json] | None:
    """The field that an annotation's value stands for, of seccomp as of AppArmor; None for what was no profile then either."""
    if value in ("runtime/default", "docker/default"):
        return {"type": "RuntimeDefault"}
    if value == "unconfined":
        return {"type": "Unconfined"}
    kind, _, name = value.partition("/")
    return {"type": "Localhost", "localhostProfile": name} if kind == "localhost" and name else None
