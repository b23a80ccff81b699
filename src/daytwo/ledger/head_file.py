"""The newest head, kept in a small file beside an SQLite ledger: it tells when a tail of the history was cut off."""

from pathlib import Path

import msgspec

from daytwo.ledger.small_file import put_file
from daytwo.model.remembered import Head, parse_head


class _Kept(msgspec.Struct):
    head: str


def read_head_file(path: Path) -> Head | None:
    """The head in it; None when there is none, or nobody can read it. OSError for what cannot be opened."""
    try:
        return parse_head(msgspec.json.decode(path.read_bytes(), type=_Kept).head)
    except (FileNotFoundError, msgspec.MsgspecError, ValueError):
        return None


def write_head_file(path: Path, head: Head) -> None:
    """Not durable: after a power loss the file names an earlier head, which is a point of the chain as well."""
    put_file(path, msgspec.json.encode(_Kept(str(head))).decode() + "\n", is_durable=False)
