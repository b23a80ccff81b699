"""An X.509 certificate, reduced to its public facts."""

import msgspec

from daytwo.model.moment import EARLIEST, LATEST, Moment


class Certificate(msgspec.Struct, frozen=True, order=True, omit_defaults=True, rename="camel", gc=False):
    """The public facts of one X.509 certificate."""

    not_after: Moment
    not_before: Moment
    subject: str = ""
    issuer: str = ""
    names: tuple[str, ...] = ()
    serial: str = ""

    def __post_init__(self) -> None:
        # A certificate that never expires says so with the year 9999.
        msgspec.structs.force_setattr(self, "not_after", min(max(self.not_after, EARLIEST), LATEST))
        msgspec.structs.force_setattr(self, "not_before", min(max(self.not_before, EARLIEST), LATEST))
