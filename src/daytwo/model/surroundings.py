"""What the ledger knows around a plan: who works on its targets, when somebody last did, how much was done today."""

from datetime import datetime

import msgspec


class Surroundings(msgspec.Struct, frozen=True, gc=False):
    """As of `at`, by the ledger's clock. `holder` is the run that has the lock of a target, empty when none has.

    `last_run_at` is when a run on one of the targets last ended; `runs_today` is how many started within 24 hours.
    """

    at: datetime
    holder: str = ""
    holder_title: str = ""
    last_run_at: datetime | None = None
    runs_today: int = 0
