"""What a reference to a runbook points at."""

import re
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Final

from daytwo.domains.operations.care import RUNBOOK_KEYS, Said, entries, said
from daytwo.model.runnable import Runnable
from daytwo.model.snapshot import Snapshot

_URL: Final = re.compile(r"https?://[^\s/?#]+\S*", re.IGNORECASE)
# What templates and copied examples leave behind.
_PLACEHOLDER: Final = re.compile(
    r"(todo|tbd|n/?a|none|fixme|xxx+|changeme|https?://(\S*\.)?example\.(com|org|net)(/\S*)?|\S*(\{\{|<)\S*)", re.IGNORECASE
)


def runbook(subject: Runnable, snapshot: Snapshot, keys: Sequence[str] = RUNBOOK_KEYS) -> Said | None:
    """The runbook that a workload, its namespace or its entry in the catalogue names."""
    own = said(subject, snapshot, keys)
    if own is not None:
        return own
    return next((Said(entry.runbook, entry.place) for entry in entries(subject, snapshot) if entry.runbook), None)


def is_url(reference: str) -> bool:
    return _URL.fullmatch(reference) is not None


def is_placeholder(reference: str) -> bool:
    return _PLACEHOLDER.fullmatch(reference) is not None


def is_there(reference: str, subject: Runnable, snapshot: Snapshot) -> bool:
    """Whether a file of this path stands in the tree: beside the manifest, or anywhere below what was read. An anchor is not looked for."""
    path = PurePosixPath(reference.partition("#")[0].partition("?")[0].lstrip("/"))
    known = snapshot.once(_endings)
    if str(path).removeprefix("./") in known:
        return True
    origin = subject.origin
    return origin is not None and _normal(PurePosixPath(origin.file).parent / path) in known


def _endings(snapshot: Snapshot) -> frozenset[str]:
    """Every file by every path that ends at it: `a/b/c.md`, `b/c.md`, `c.md`."""
    found: set[str] = set()
    for file in snapshot.ownership.files or ():
        parts = PurePosixPath(file).parts
        found.update("/".join(parts[start:]) for start in range(len(parts)))
        found.add(_normal(PurePosixPath(file)))
    return frozenset(found)


def _normal(path: PurePosixPath) -> str:
    parts: list[str] = []
    for part in path.parts:
        if part == ".." and parts and parts[-1] != "..":
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)
