"""What somebody sees at a terminal: colours, width, progress, redrawing, and Ctrl-C."""

import json
import sys
from pathlib import Path

import pytest

from daytwo.render.page import columns
from tests.cli.conftest import Desk
from tests.cli.terminal import Terminal

ROOT = Path(__file__).parents[2]
STAND_IN = (sys.executable, "-m", "tests.cli.stand_in")


def terminal(desk: Desk, *command: str, columns: int = 100, rows: int = 50, **environment: str) -> Terminal:
    return Terminal(
        command,
        folder=desk.folder,
        environment={**desk.environment, "PYTHONPATH": str(ROOT), **environment},
        columns=columns,
        rows=rows,
    )


def test_a_terminal_gets_colours_by_meaning(desk: Desk) -> None:
    shown = terminal(desk, "daytwo", "review", "shop.recording")
    assert shown.end() == 1
    assert "\x1b[1;31mCRITICAL" in shown.shown
    assert "\x1b[35mCOULD NOT LOOK" in shown.shown


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_no_color_and_dumb_terminals_get_none(desk: Desk, name: str, value: str) -> None:
    shown = terminal(desk, "env", f"{name}={value}", "daytwo", "review", "shop.recording")
    assert shown.end() == 1
    assert "\x1b[" not in shown.shown.replace("\r\x1b[K", "")


def test_an_empty_no_color_says_nothing(desk: Desk) -> None:
    """As https://no-color.org has it."""
    shown = terminal(desk, "daytwo", "review", "shop.recording", NO_COLOR="")
    shown.end()
    assert "\x1b[1;31m" in shown.shown


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("command", ["review shop.recording --all", "problem 2 shop.recording", "check shop.recording", "review --help"])
def test_lines_fit_the_terminal_but_for_commands(desk: Desk, width: int, command: str) -> None:
    shown = terminal(desk, "daytwo", *command.split(), columns=width)
    shown.end()
    rows = [row for row in shown.plain.splitlines() if "kubectl " not in row and "daytwo act " not in row]
    assert [row for row in rows if columns(row) > width] == []
    assert max(columns(row) for row in rows) > width * 0.7


def test_a_command_to_paste_is_one_line_on_a_narrow_terminal(desk: Desk) -> None:
    shown = terminal(desk, "daytwo", "review", "shop.recording", columns=50)
    shown.end()
    assert "daytwo act rollout-undo deployment/payments -n shop --to-revision=8 --context shop-prod\n" in shown.plain


def test_progress_is_shown_and_taken_away(desk: Desk) -> None:
    shown = terminal(desk, *STAND_IN, "quiet.recording", "review")
    assert shown.end() == 0
    assert "reading 12 of 43 kinds · 1,204 objects · 1 gap" in shown.shown
    before, _, after = shown.shown.rpartition("\r\x1b[K")
    assert "reading" in before
    assert after.startswith("\x1b[1mquiet")


def test_nothing_but_the_report_is_piped(desk: Desk) -> None:
    done = desk.run(*STAND_IN, "quiet.recording", "review", PYTHONPATH=str(ROOT))
    assert done.returncode == 0
    assert done.stderr == ""
    assert "\x1b" not in done.stdout


def test_ctrl_c_while_reading_ends_cleanly(desk: Desk) -> None:
    shown = terminal(desk, *STAND_IN, "quiet.recording", "review", "--context", "slow")
    shown.wait_for("reading 12 of 43 kinds")
    shown.press_ctrl_c()
    assert shown.end() == 130
    assert "Traceback" not in shown.plain
    assert shown.shown.replace("^C", "").endswith("\r\x1b[K\n")


def test_ctrl_c_before_anything_is_read_ends_cleanly(desk: Desk) -> None:
    shown = terminal(desk, "daytwo", "review", "shop.recording")
    shown.press_ctrl_c()
    shown.end()
    assert "Traceback" not in shown.plain


def test_watching_draws_again_until_ctrl_c(desk: Desk) -> None:
    shown = terminal(desk, *STAND_IN, "quiet.recording", "review", "--watch", "1s")
    shown.wait_for("Nothing needs you today", times=2)
    shown.press_ctrl_c()
    assert shown.end() == 130
    assert shown.shown.count("\x1b[H\x1b[2J") >= 2
    assert "Traceback" not in shown.plain


def test_watching_outlives_a_cluster_that_goes_away_for_a_while(desk: Desk) -> None:
    shown = terminal(desk, *STAND_IN, "quiet.recording", "review", "--watch", "1s", "--context", "flaky")
    shown.wait_for("connection refused; what you see is older now; looking again in 1s")
    shown.wait_for("Nothing needs you today", times=2)
    shown.press_ctrl_c()
    assert shown.end() == 130


def test_watching_fits_the_screen(desk: Desk) -> None:
    shown = terminal(desk, *STAND_IN, "shop.recording", "review", "--watch", "1s", rows=8)
    shown.wait_for("more lines: make the window taller")
    shown.press_ctrl_c()
    shown.end()
    screen = shown.shown.rpartition("\x1b[3J")[2].partition("^C")[0]
    assert len(screen.rstrip("\n").splitlines()) <= 7


def test_a_cluster_can_be_recorded_and_reviewed(desk: Desk) -> None:
    """A recording gives the same report as the cluster it was taken from."""
    live = desk.run(*STAND_IN, "shop.recording", "review", "-o", "json", PYTHONPATH=str(ROOT))
    made = desk.run(*STAND_IN, "shop.recording", "record", "--out", "copy.recording", PYTHONPATH=str(ROOT))
    assert made.stdout == "copy.recording\n"
    assert made.returncode == 3
    again = desk.run("daytwo", "review", "copy.recording", "-o", "json")
    problems = [[(one["id"], one["title"], one["horizon"]) for one in json.loads(text)["problems"]] for text in (live.stdout, again.stdout)]
    assert problems[0] == problems[1]


def test_a_recording_is_named_after_cluster_and_time(desk: Desk) -> None:
    done = desk.run(*STAND_IN, "hostile.recording", "record", PYTHONPATH=str(ROOT))
    assert done.stdout == "evil-0-owned-20261120T080000Z.recording\n"
    assert (desk.folder / done.stdout.strip()).exists()


def test_commands_name_the_context_that_was_asked_for(desk: Desk) -> None:
    plain = desk.run(*STAND_IN, "shop.recording", "review", PYTHONPATH=str(ROOT))
    named = desk.run(*STAND_IN, "shop.recording", "review", "--context", "prod", "--kubeconfig", "k.yaml", PYTHONPATH=str(ROOT))
    undo = "      next    daytwo act rollout-undo deployment/payments -n shop --to-revision=8"
    assert f"{undo}\n" in plain.stdout
    assert f"{undo} --kubeconfig k.yaml --context prod\n" in named.stdout
