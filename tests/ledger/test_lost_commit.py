"""PostgreSQL: a connection that is lost at COMMIT. Whether it was stored is looked up, and the work is done once."""

import socket
import threading
from collections.abc import Iterator
from enum import Enum

import pytest

from daytwo.ledger.database import Ledger, Transaction, open_ledger
from daytwo.ledger.proof import prove
from tests.ledger.test_events import append, events_of
from tests.servers.postgresql import PostgreSQL


class Cut(Enum):
    BEFORE = "the server never hears of it"
    AFTER = "the server has done it, and its answer is lost"


class CuttingProxy:
    """Stands between daytwo and the server, and cuts the connection at a COMMIT, as often as it is told to."""

    def __init__(self, port: int) -> None:
        self._server_port = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.cuts: list[Cut] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self._server_port))
            threading.Thread(target=self._relay, args=(client, server), daemon=True).start()

    def _relay(self, client: socket.socket, server: socket.socket) -> None:
        back = threading.Thread(target=self._copy, args=(server, client), daemon=True)
        with client, server:
            back.start()
            while asked := _received(client):
                if b"COMMIT" in asked and self.cuts:
                    cut = self.cuts.pop()
                    client.shutdown(socket.SHUT_RDWR)
                    if cut is Cut.AFTER:
                        server.sendall(asked)
                        # Terminate (X): the server has answered the COMMIT before it reads this.
                        server.sendall(b"X\x00\x00\x00\x04")
                    break
                server.sendall(asked)
            server.shutdown(socket.SHUT_WR)
            back.join()

    @staticmethod
    def _copy(source: socket.socket, target: socket.socket) -> None:
        while told := _received(source):
            try:
                target.sendall(told)
            except OSError:
                continue
        try:
            target.shutdown(socket.SHUT_WR)
        except OSError:
            return

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


def _received(source: socket.socket) -> bytes:
    try:
        return source.recv(65_536)
    except OSError:
        return b""


@pytest.fixture
def proxy(postgresql: PostgreSQL) -> Iterator[CuttingProxy]:
    proxy = CuttingProxy(postgresql.port)
    yield proxy
    proxy.close()


@pytest.fixture
def ledger(postgresql: PostgreSQL, proxy: CuttingProxy) -> Iterator[Ledger]:
    url = postgresql.new_database()
    with open_ledger(url.replace(f":{postgresql.port}/", f":{proxy.port}/")) as ledger:
        yield ledger
    postgresql.drop_database(url)


@pytest.mark.parametrize("cuts", [[Cut.BEFORE], [Cut.AFTER], [Cut.BEFORE, Cut.AFTER], [Cut.AFTER, Cut.BEFORE], [Cut.BEFORE] * 3])
def test_work_whose_commit_got_lost_is_done_once(ledger: Ledger, proxy: CuttingProxy, cuts: list[Cut]) -> None:
    """Stored though nobody said so: not done again. Not stored: done again. The caller sees neither."""
    append(ledger, 1)
    runs = 0

    def work(tx: Transaction) -> int:
        nonlocal runs
        runs += 1
        tx.append("anna", "run-1", "step_started", {"number": runs})
        return runs

    proxy.cuts = list(cuts)
    answer = ledger.transact(work)
    append(ledger, 1)
    assert proxy.cuts == []
    assert [event.kind for event in events_of(ledger)] == ["step_finished", "step_started", "step_finished"]
    # What the caller was told belongs to the run that was stored.
    assert events_of(ledger)[1].data["number"] == answer == runs
    assert prove(ledger).fault is None
