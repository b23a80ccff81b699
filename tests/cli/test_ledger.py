"""`daytwo ledger` as somebody types it, on both databases."""

import json
import re
import signal
import subprocess
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from daytwo.ledger.database import Ledger, open_ledger
from tests.cli.conftest import Desk
from tests.ledger.test_events import append
from tests.ledger.test_proof import Tamper, tamper  # noqa: F401 - a fixture
from tests.servers.polling import until


class Keeper:
    """Somebody at a desk with the ledger's name in the environment."""

    def __init__(self, desk: Desk, name: str) -> None:
        self.desk = desk
        self.environment = {"DAYTWO_LEDGER": name}

    def run(self, *arguments: str) -> CompletedProcess[str]:
        return self.desk.run("daytwo", "ledger", *arguments, **self.environment)


@pytest.fixture
def keeper(desk: Desk, ledger_name: str) -> Keeper:
    return Keeper(desk, ledger_name)


def test_events_are_shown_as_text_and_json(keeper: Keeper, ledger: Ledger) -> None:
    """One line each, the newest last; as JSON with their hashes and the head."""
    append(ledger, 3, "r7k2")
    ledger.transact(lambda tx: tx.append("berta", "c1", "look_concluded", {"problems": 2}))
    shown = keeper.run("show", "--about", "r7k2", "--last", "2")
    assert shown.returncode == 0, shown.stderr
    rows = shown.stdout.splitlines()
    assert [re.sub(r"\d{4}-\S+ \S+ UTC", "TIME", row) for row in rows] == [
        "2  TIME  step_finished  r7k2  by anna  number: 1",
        "3  TIME  step_finished  r7k2  by anna  number: 2",
    ]
    document = json.loads(keeper.run("show", "-o", "json").stdout)
    assert document["schema"] == "daytwo.history/v1"
    assert document["head"] == str(ledger.head())
    assert [event["seq"] for event in document["events"]] == [1, 2, 3, 4]
    assert document["events"][3]["data"] == {"problems": 2}


def test_choices_that_match_nothing_say_so(keeper: Keeper, ledger: Ledger) -> None:
    """An empty answer is not mistaken for an empty ledger."""
    assert keeper.run("show").stderr == "daytwo: the ledger holds no event yet\n"
    append(ledger, 1)
    assert keeper.run("show", "--kind", "run_undone").stderr == "daytwo: no event is like that\n"
    assert keeper.run("show", "--since", "1h").stderr == ""


@pytest.mark.parametrize(
    ("since", "told"),
    [
        ("soon", 'daytwo: --since: "soon" is no time; write one such as 2026-11-20T08:00:00Z, 24h, 90d or yesterday\n'),
        ("2026-11-20T08:00", 'daytwo: --since: "2026-11-20T08:00" has no zone; write one such as 2026-11-20T08:00:00Z\n'),
    ],
)
def test_times_that_are_none_are_refused(desk: Desk, tmp_path: Path, since: str, told: str) -> None:
    """The message says what to write."""
    done = desk.run("daytwo", "ledger", "show", "--since", since)
    assert (done.returncode, done.stderr) == (2, told)


def test_whole_history_is_verified(keeper: Keeper, ledger: Ledger) -> None:
    """0 and the head, which proves the same again when it is given."""
    append(ledger, 3)
    done = keeper.run("verify")
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith(f"3 events, each as it was written\nhead {ledger.head()}\n")
    assert keeper.run("verify", "--head", str(ledger.head())).returncode == 0


def test_changed_history_is_told(keeper: Keeper, ledger: Ledger, tamper: Tamper) -> None:  # noqa: F811
    """1, and the first event that is wrong."""
    append(ledger, 3)
    tamper("UPDATE event SET actor = 'eve' WHERE seq = 2")
    done = keeper.run("verify")
    assert done.returncode == 1
    assert "event 2 was changed, or stands in another's place\nwhat is before event 2 is as it was written\n" in done.stdout


def test_cut_tail_is_found_by_an_export(keeper: Keeper, ledger: Ledger, tamper: Tamper) -> None:  # noqa: F811
    """An export that is kept elsewhere tells that events were removed since."""
    append(ledger, 4)
    exported = keeper.run("export", "--out", "history.jsonl")
    assert exported.returncode == 0, exported.stderr
    assert len((keeper.desk.folder / "history.jsonl").read_text().splitlines()) == 6
    assert keeper.run("export").stdout == (keeper.desk.folder / "history.jsonl").read_text()
    tamper("DELETE FROM event WHERE seq > 2; UPDATE head SET seq = 2, hash = (SELECT hash FROM event WHERE seq = 2)")
    done = keeper.run("verify", "--head", "history.jsonl")
    assert done.returncode == 1
    assert "the ledger is older than the head 4: events 3 to 4 are missing" in done.stdout


@pytest.mark.parametrize("head", ["nonsense", "3:abc", "quiet.recording"])
def test_what_is_no_head_is_refused(desk: Desk, tmp_path: Path, head: str) -> None:
    """The message says how one is written."""
    done = desk.run("daytwo", "ledger", "verify", "--head", head)
    assert done.returncode == 2
    assert "SEQ:HASH" in done.stderr


def test_backup_is_put_back_with_the_brakes_on(keeper: Keeper, ledger: Ledger) -> None:
    """Into another, empty ledger; a ledger with events takes none."""
    append(ledger, 2)
    done = keeper.run("backup", "backup.db")
    assert done.stdout == f"backup.db\nhead {ledger.head()}\n", done.stderr
    assert keeper.run("backup", "backup.db").returncode == 2
    done = keeper.run("restore", "backup.db")
    assert done.returncode == 2
    assert "has events already" in done.stderr
    done = keeper.run("restore", "backup.db", "--ledger", "other.db")
    assert done.returncode == 0, done.stderr
    assert "the brakes are on" in done.stderr
    assert keeper.run("verify", "--ledger", "other.db", "--head", str(ledger.head())).returncode == 0


def test_old_events_are_pruned(keeper: Keeper, ledger: Ledger) -> None:
    """What is gone is counted; a span without a unit and the future are refused."""
    append(ledger, 2)
    assert keeper.run("prune", "--before", "1d").stdout == "nothing is that old\n"
    assert keeper.run("prune", "--before", "90").returncode == 2
    assert "is in the future" in keeper.run("prune", "--before", "2999-01-01T00:00:00Z").stderr

    def pruned() -> str | None:
        told = keeper.run("prune", "--before", "1s").stdout
        return told if told.startswith("2 events removed") else None

    assert f"head {ledger.head()}" in until(pruned, "the events to be a second old")
    assert keeper.run("verify").stdout.endswith(f"1 event, after 2 that were pruned, each as it was written\nhead {ledger.head()}\n")


def test_tail_follows_until_it_is_interrupted(keeper: Keeper, ledger: Ledger) -> None:
    """Each new event appears; Ctrl-C ends it without a traceback."""
    append(ledger, 12)
    log = keeper.desk.folder / "tail.txt"
    with log.open("wb") as out:
        process = subprocess.Popen(
            ["daytwo", "ledger", "tail", "-f"],
            stdout=out,
            stderr=subprocess.STDOUT,
            env={**keeper.desk.environment, **keeper.environment},
            cwd=keeper.desk.folder,
        )
    until(lambda: len(log.read_text().splitlines()) == 10, "the newest ten")
    append(ledger, 2, "later")
    until(lambda: log.read_text().count("later") == 2, "the new ones")
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=30) == 130
    assert "Traceback" not in log.read_text()


def test_looking_makes_no_ledger(desk: Desk) -> None:
    """Where nothing is remembered yet, looking says so and leaves nothing behind."""
    for command in (("show",), ("tail",), ("verify",), ("export",), ("backup", "b.db"), ("prune", "--before", "1d")):
        done = desk.run("daytwo", "ledger", *command)
        assert done.returncode == 2
        assert "there is no ledger yet" in done.stderr
    assert not (desk.folder / "state").exists()
    assert not (desk.folder / "b.db").exists()


def test_password_of_the_database_is_not_told(desk: Desk) -> None:
    """Neither by an error nor by a message."""
    done = desk.run("daytwo", "ledger", "show", "--ledger", "postgresql://anna:hunter2@127.0.0.1:1/ledger")
    assert done.returncode == 2
    assert "postgresql://127.0.0.1:1/ledger: connection failed" in done.stderr
    assert "hunter2" not in done.stderr


def test_ledger_named_by_the_settings_is_used(desk: Desk) -> None:
    """--ledger outranks the environment, which outranks the file."""
    for name in ("file", "variable", "flag"):
        with open_ledger(desk.folder / f"{name}.db") as ledger:
            ledger.transact(lambda tx, name=name: tx.append("anna", name, "run_started"))  # type: ignore[misc]
    (desk.folder / "daytwo.yaml").write_text("ledger: file.db\n")
    assert "  file  " in desk.run("daytwo", "ledger", "show").stdout
    assert "  variable  " in desk.run("daytwo", "ledger", "show", DAYTWO_LEDGER="variable.db").stdout
    assert "  flag  " in desk.run("daytwo", "ledger", "show", "--ledger", "flag.db", DAYTWO_LEDGER="variable.db").stdout


def test_head_file_that_says_nothing_is_told(desk: Desk) -> None:
    """A head beside the ledger that cannot be read is not taken for a proof."""
    place = desk.folder / "mine.db"
    with open_ledger(place) as ledger:
        append(ledger, 2)
    kept = desk.folder / "mine.db.head"
    kept.write_text("{}")
    done = desk.run("daytwo", "ledger", "verify", "--ledger", "mine.db")
    assert done.returncode == 0
    assert "is not what daytwo writes, so that it proves nothing about the tail" in done.stderr
    kept.unlink()
    kept.mkdir()
    done = desk.run("daytwo", "ledger", "verify", "--ledger", "mine.db")
    assert done.returncode == 2
    assert "nobody can tell whether its tail is whole" in done.stderr
