"""An X.509 certificate, reduced to its public facts."""

from datetime import datetime

import msgspec


class Certificate(msgspec.Struct, frozen=True, order=True, omit_defaults=True, rename="camel", gc=False):
    """The public facts of one X.509 certificate."""

    not_after: datetime
    not_before: datetime
    subject: str = ""
    issuer: str = ""
    names: tuple[str, ...] = ()
    serial: str = ""
