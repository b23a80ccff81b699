"""How the world stands to a change: whether it can be sent, is there already, or was planned on something else."""

from enum import StrEnum

import msgspec


class Stand(StrEnum):
    """`open`: the object is as planned, the change may be sent. `done`: it is as wanted. The others: not what was planned on."""

    OPEN = "open"
    DONE = "done"
    DIFFERS = "differs"
    GONE = "gone"
    REPLACED = "replaced"


class Standing(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """`detail` names the field and what stands there, or which uid."""

    stand: Stand
    detail: str = ""
