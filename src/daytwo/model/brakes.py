"""The brakes: while they are on, nothing new is written to any cluster."""

from datetime import datetime

import msgspec


class Brakes(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Who put them on, when and why. `since` is None when that cannot be told; they are on all the same."""

    why: str
    by: str = ""
    since: datetime | None = None
