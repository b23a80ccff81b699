"""An X.509 certificate, reduced to its public facts."""

import msgspec

from daytwo.model.moment import Moment


class Certificate(msgspec.Struct, frozen=True, order=True, omit_defaults=True, rename="camel", gc=False):
    """The public facts of one X.509 certificate."""

    not_after: Moment
    not_before: Moment
    subject: str = ""
    issuer: str = ""
    names: tuple[str, ...] = ()
    serial: str = ""
