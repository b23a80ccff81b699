"""Settings are read whole or refused with their place."""

from datetime import timedelta
from pathlib import Path

import pytest

from daytwo.model.errors import UsageError
from daytwo.model.tier import Class, Tier
from daytwo.settings import Settings
from daytwo.sources.settings import find_file, read_settings, variables

WHOLE = """
ledger: postgresql://daytwo@db/daytwo
act:
  allow_yes: no
  people: {mutating: 1, destructive: 2}
  enabled: [scale]
  tiers: {scale: T2}
  as: {scale: "system:serviceaccount:ops:scaler", "*": bob}
  brakes: {cooldown: 1m30s, runs_per_day: 40, most_pods: 10, most_nodes: 1, most_share: 0.5}
runs: {at_once: 3, lease: 5s, request_timeout: 10s}
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "daytwo.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_every_setting_of_a_file_is_read(tmp_path: Path) -> None:
    settings = read_settings(written(tmp_path, WHOLE), {})
    assert settings.ledger == "postgresql://daytwo@db/daytwo"
    assert not settings.act.allow_yes
    assert (settings.act.people.needed(Class.MUTATING), settings.act.people.needed(Class.DESTRUCTIVE)) == (1, 2)
    assert settings.act.is_enabled("scale")
    assert not settings.act.is_enabled("drain")
    assert settings.act.tiers == {"scale": Tier.T2}
    assert settings.act.impersonated("scale") == "system:serviceaccount:ops:scaler"
    assert settings.act.impersonated("drain") == "bob"
    brakes = settings.act.brakes
    assert (brakes.cooldown, brakes.runs_per_day, brakes.most_pods, brakes.most_nodes) == (timedelta(seconds=90), 40, 10, 1)
    assert brakes.most_share == 0.5
    assert (settings.runs.at_once, settings.runs.lease, settings.runs.request_timeout.seconds) == (3, timedelta(seconds=5), 10)


@pytest.mark.parametrize("text", ["", "# nothing\n", "act:\n", "act: {}\nruns: {}\n", "act: {brakes: {}, enabled: }\n"])
def test_what_is_not_set_has_its_default(tmp_path: Path, text: str) -> None:
    assert read_settings(written(tmp_path, text), {}) == Settings()
    assert Settings().act.is_enabled("anything")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("act:\n  alow_yes: no\n", '2:3: there is no setting "act.alow_yes"; did you mean "allow_yes"?'),
        ("colour: no\n", '1:1: there is no setting "colour"; the settings holds'),
        ("act:\n  allow_yes: maybe\n", '2:14: act.allow_yes: "maybe" is neither true nor false'),
        ("act: {people: {mutating: two}}\n", '1:26: act.people.mutating: "two" is no whole number'),
        ("act: {people: {mutating: 0}}\n", "1:26: act.people.mutating: 0 is too small; write 1 or more"),
        ("act:\n  enabled: scale\n", "2:12: act.enabled is a list; write act.enabled: [scale]"),
        ("act:\n  enabled: [scael]\n", '2:13: there is no action "scael"; did you mean "scale"? (`daytwo act` lists them)'),
        ("act:\n  tiers: {scale: T4}\n", '2:18: act.tiers.scale: "T4" is none of T1, T2, T3'),
        ("act:\n  as: {skale: bob}\n", '2:8: there is no action "skale"'),
        ("act:\n  as: bob\n", "2:7: act.as holds names and their values"),
        ("act: {brakes: {cooldown: 30}}\n", '1:26: act.brakes.cooldown: "30" has no unit; write "30s" or "30m"'),
        ("act: {brakes: {most_share: 50%}}\n", '1:28: act.brakes.most_share: "50%" is no number; write 0.5'),
        ("act: {brakes: {most_share: 1.5}}\n", "1:28: act.brakes.most_share: 1.5 is too large; write 1 or less"),
        ("act: {brakes: {most_share: nan}}\n", "1:28: act.brakes.most_share: nan is too small"),
        ("runs: {lease: 0s}\n", "1:15: runs.lease: 0s is too short; write 1s or more"),
        ("runs: {at_once: [1]}\n", "1:17: runs.at_once is one value, not a list"),
        ("runs: {at_once: 1,\n at_once: 2}\n", '2:2: "runs.at_once" stands here a second time, the first is in line 1; keep one'),
        ("act: 5\n", "1:6: act holds allow_yes, people,"),
        ("- act\n", "1:1: settings begin with one of ledger, act, runs"),
        ("act: [\n", "2:1: is no YAML: "),
        ("act: &a {as: *a}\n", '1:10: there is no action "as"'),
        ("act: !!python/object:os.system {}\nledger: a\n", None),
    ],
)
def test_what_is_wrong_is_told_with_its_place(tmp_path: Path, text: str, told: str | None) -> None:
    path = written(tmp_path, text)
    if told is None:
        # A tag makes no object here: only the shape of the document is read.
        assert read_settings(path, {}).ledger == "a"
        return
    with pytest.raises(UsageError) as caught:
        read_settings(path, {})
    assert str(caught.value).startswith(f"{path}:")
    assert told in str(caught.value)


def test_bounds_are_part_of_what_is_allowed(tmp_path: Path) -> None:
    settings = read_settings(written(tmp_path, "act: {people: {mutating: 1}, brakes: {most_share: 1}}\nruns: {lease: 1s}\n"), {})
    assert (settings.act.people.mutating, settings.act.brakes.most_share, settings.runs.lease) == (1, 1.0, timedelta(seconds=1))


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "daytwo.yaml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match="is no text in UTF-8"):
        read_settings(path, {})


def test_the_environment_outranks_the_file(tmp_path: Path) -> None:
    environment = {
        "DAYTWO_LEDGER": "/srv/other.db",
        "DAYTWO_ACT_ALLOW_YES": "true",
        "DAYTWO_RUNS_LEASE": "3s",
        "DAYTWO_ACT_BRAKES_MOST_PODS": "7",
    }
    settings = read_settings(written(tmp_path, WHOLE), environment)
    assert (settings.ledger, settings.act.allow_yes, settings.runs.lease) == ("/srv/other.db", True, timedelta(seconds=3))
    assert settings.act.brakes.most_pods == 7
    assert settings.act.brakes.cooldown == timedelta(seconds=90)
    assert settings.act.impersonated("drain") == "bob"


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("DAYTWO_ACT_ALOW_YES", "no", 'there is no setting DAYTWO_ACT_ALOW_YES; did you mean "DAYTWO_ACT_ALLOW_YES"?'),
        ("DAYTWO_RUNS_LEASE", "3", 'DAYTWO_RUNS_LEASE: "3" has no unit; write "3s" or "3m"'),
        ("DAYTWO_ACT_PEOPLE_MUTATING", "0", "DAYTWO_ACT_PEOPLE_MUTATING: 0 is too small; write 1 or more"),
    ],
)
def test_a_wrong_variable_is_refused(variable: str, value: str, told: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_settings(None, {variable: value})
    assert str(caught.value) == told


def test_every_single_value_has_a_variable() -> None:
    assert variables()["DAYTWO_ACT_BRAKES_MOST_SHARE"] == ("act", "brakes", "most_share")
    assert not any("AS" in name.split("_") for name in variables())


def test_the_nearest_file_is_used(tmp_path: Path) -> None:
    """The one named on the command line, then the variable's, then the working folder's, then the user's."""
    here, config = tmp_path / "here", tmp_path / "config"
    for folder in (here, config / "daytwo"):
        folder.mkdir(parents=True)
        written(folder, "")
    named, other = tmp_path / "named.yaml", tmp_path / "other.yaml"
    named.touch()
    other.touch()
    environment = {"XDG_CONFIG_HOME": str(config), "DAYTWO_SETTINGS": str(other)}
    assert find_file(named, environment, here) == named
    assert find_file(None, environment, here) == other
    del environment["DAYTWO_SETTINGS"]
    assert find_file(None, environment, here) == here / "daytwo.yaml"
    assert find_file(None, environment, tmp_path) == config / "daytwo" / "daytwo.yaml"
    assert find_file(None, {"HOME": str(tmp_path)}, tmp_path) is None


def test_a_named_file_must_be_there(tmp_path: Path) -> None:
    """Else brakes that somebody wrote would silently not hold."""
    with pytest.raises(UsageError, match="--settings: there is no file"):
        find_file(tmp_path / "absent.yaml", {}, tmp_path)
    with pytest.raises(UsageError, match="DAYTWO_SETTINGS: there is no file"):
        find_file(None, {"DAYTWO_SETTINGS": str(tmp_path / "absent.yaml")}, tmp_path)
