"""The cluster that a snapshot shows."""

import msgspec

from daytwo.model.masking import mask


class HealthLine(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One line of `/readyz?verbose`."""

    name: str
    ok: bool
    reason: str = ""

    def __post_init__(self) -> None:
        msgspec.structs.force_setattr(self, "reason", mask(self.reason))


class Cluster(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A cluster is the uid of its namespace kube-system; `name` (the context's) is only a label. `user` is who looked."""

    name: str
    uid: str = ""
    version: str = ""
    user: str = ""
    readyz: tuple[HealthLine, ...] = ()

    @property
    def minor(self) -> int | None:
        """36 for `v1.36.2-eks-1`; None where the version is not known."""
        digits = self.version.removeprefix("v").split(".")
        if len(digits) < 2:
            return None
        number = "".join(character for character in digits[1] if character.isdigit())
        return int(number) if number else None
