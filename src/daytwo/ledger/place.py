"""Where a ledger is kept: an SQLite file, or a PostgreSQL database with a few files of this machine's. Opens nothing."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from daytwo.folders import state_folder
from daytwo.model.errors import UsageError

NO_LEDGER = "none"
"""What `--ledger` says where nothing is to be remembered; only looking can do without."""

_POSTGRESQL = ("postgresql", "postgres")


@dataclass(frozen=True, slots=True)
class Place:
    """`path` is the database file; for PostgreSQL, which `url` names, only the stem of the files that are kept on this machine."""

    path: Path
    url: str = ""

    @property
    def is_postgresql(self) -> bool:
        return bool(self.url)

    @property
    def lock_file(self) -> Path:
        """Locked by whoever writes to the SQLite file; never removed."""
        return self.path.with_name(f"{self.path.name}.lock")

    @property
    def head_file(self) -> Path:
        """The newest head that this machine knows."""
        return self.path.with_name(f"{self.path.name}.head")

    @property
    def brakes_file(self) -> Path:
        """There while the brakes are on."""
        return self.path.with_name(f"{self.path.name}.brakes")

    def __str__(self) -> str:
        """For messages: without any password."""
        if not self.url:
            return str(self.path)
        parts = urlsplit(self.url)
        return f"postgresql://{parts.netloc.rpartition('@')[2]}{parts.path}"


def ledger_place(name: str | Path | None = None) -> Place:
    """The place that `--ledger` names: a path, or `postgresql://…`; without one, the file in the user's state folder."""
    if name is None or name == "":
        return Place(state_folder() / "ledger.db")
    if isinstance(name, Path):
        return Place(name.absolute())
    if name == NO_LEDGER:
        raise UsageError("--ledger none: this cannot be done without a ledger; name a file, or leave the flag out")
    scheme, separator, rest = name.partition("://")
    if not separator:
        return Place(Path(name).expanduser().absolute())
    if scheme in _POSTGRESQL:
        url = f"postgresql://{rest}"
        parts = urlsplit(url)
        stem = f"{parts.netloc.rpartition('@')[2]}{parts.path}"
        return Place(state_folder() / f"postgresql-{hashlib.sha256(stem.encode()).hexdigest()[:16]}", url)
    raise UsageError(f"--ledger: {scheme}:// is no ledger; name a file, or postgresql://USER@HOST/DATABASE")
