"""Why the ledger could not be read or written, with what to do about it.

LedgerUnavailable     no ledger there, no access, no connection, damaged
├── LedgerBusy        others hold it for longer than we wait
└── LedgerFull        no room: nothing of the transaction was stored
"""

from daytwo.model.errors import UsageError


class LedgerUnavailable(UsageError):
    """The ledger could not be read or written; nothing of the transaction was stored, unless the message says that this is not known."""


class LedgerBusy(LedgerUnavailable):
    """Others held the ledger for longer than we wait. Trying again later may help."""


class LedgerFull(LedgerUnavailable):
    """There is no room for what was to be written. What was to follow the write must not happen."""
