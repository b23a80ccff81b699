"""A real PostgreSQL server for the tests: on loopback, without fsync, with a database for each test that asks."""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from itertools import count
from pathlib import Path
from typing import Final

import psycopg

from tests.servers.polling import until
from tests.servers.processes import ServerEnded, Servers, free_ports

BASE: Final = Path(tempfile.gettempdir()) / f"daytwo-postgresql-{os.getuid()}"
COMMAND: Final = "apt-get install --no-install-recommends postgresql"
_LOCAL: Final = Path("/usr/lib/postgresql")
_SETTINGS: Final = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "100",
    # Storms provoke deadlocks; they are found as soon as somebody has waited this long.
    "deadlock_timeout": "50ms",
    "log_min_messages": "fatal",
}


class Missing(Exception):
    """There is no PostgreSQL here; the message holds the command that brings it."""


def find_programs() -> Path:
    """The folder with `initdb` and `postgres`: of the PATH, else Debian's newest."""
    found = shutil.which("initdb")
    if found is not None and (Path(found).resolve().parent / "postgres").exists():
        return Path(found).resolve().parent
    versions = [path for path in _LOCAL.glob("*/bin") if (path / "initdb").exists() and (path / "postgres").exists()]
    if not versions:
        raise Missing(f"these tests need PostgreSQL (its service need not run); install it with: {COMMAND}")
    return max(versions, key=lambda path: float(path.parent.name))


class PostgreSQL:
    """One server. It can be stopped, crashed and started again; its databases outlive that."""

    def __init__(self, *, is_synced: bool = False) -> None:
        """`is_synced` makes it survive a power loss, as real ones are set up; tests do without."""
        self._settings = {**_SETTINGS, "fsync": "on", "full_page_writes": "on"} if is_synced else _SETTINGS
        self._programs = find_programs()
        # initdb and postgres refuse to run as root; whoever they run as must be able to reach their folder.
        self._user = _other_user() if os.getuid() == 0 else None
        BASE.mkdir(mode=0o711, exist_ok=True)
        self._servers = Servers(BASE)
        self._servers.folder.chmod(0o711)
        self.data = self._servers.folder / "data"
        self.data.mkdir(mode=0o700)
        if self._user is not None:
            shutil.chown(self.data, self._user)
        self._numbers = count(1)
        self.port = free_ports(1)[0]
        try:
            made = subprocess.run(
                [self._programs / "initdb", "-D", self.data, "-U", "daytwo", "--auth=trust", "--no-sync", "-E", "UTF8", "--locale=C"],
                capture_output=True,
                text=True,
                check=False,
                cwd=self._servers.folder,
                user=self._user,
            )
            if made.returncode:
                raise ServerEnded(f"initdb ended with code {made.returncode}:\n{made.stdout}{made.stderr}")
            self.start()
        except BaseException:
            self.close()
            raise

    def start(self) -> None:
        """Starts it, again if need be, and waits until it answers."""
        settings = [part for name, value in self._settings.items() for part in ("-c", f"{name}={value}")]
        command: list[str | Path] = [self._programs / "postgres", "-D", self.data, "-p", str(self.port), *settings]
        self._servers.start("postgresql", command, user=self._user)
        until(self._answers, "PostgreSQL to answer")

    def _answers(self) -> bool:
        self._servers.check("postgresql")
        try:
            with psycopg.connect(self.url("postgres"), connect_timeout=2):
                return True
        except psycopg.OperationalError:
            return False

    def stop(self) -> None:
        """Shuts it down at once, connections or not, with its data in order."""
        self._end(signal.SIGINT)

    def crash(self) -> None:
        """Ends it as a power loss would: it recovers from its log when it is started again."""
        self._end(signal.SIGQUIT)

    def _end(self, number: signal.Signals) -> None:
        self._servers.signal("postgresql", number)
        self._servers.wait("postgresql")

    def url(self, database: str) -> str:
        return f"postgresql://daytwo@127.0.0.1:{self.port}/{database}"

    def new_database(self) -> str:
        """The URL of an empty database."""
        name = f"test_{next(self._numbers)}"
        self.run(f"CREATE DATABASE {name}")
        return self.url(name)

    def drop_database(self, url: str) -> None:
        self.run(f"DROP DATABASE {url.rpartition('/')[2]} WITH (FORCE)")

    def run(self, statement: str, database: str = "postgres") -> None:
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            connection.execute(statement.encode())

    def close(self) -> None:
        if self._servers.is_running("postgresql"):
            # Killed instead, it would leave its shared memory behind.
            self.crash()
        self._servers.close()


def _other_user() -> str:
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    raise Missing("PostgreSQL refuses to run as root, and there is neither a user postgres nor nobody to run it as")


if __name__ == "__main__":
    try:
        print(f"postgres: {find_programs()}")
    except Missing as missing:
        sys.exit(str(missing))
