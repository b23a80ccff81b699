"""Profiles: those that come with daytwo, and files of one's own."""

from pathlib import Path

import pytest

from daytwo.domains.pod_security.standards import BASELINE, RESTRICTED
from daytwo.engine.standard import selected_checks
from daytwo.model.errors import UsageError
from daytwo.model.scope import Filters
from daytwo.model.severity import Severity
from daytwo.sources.profiles import profile_names, read_profile


def written(folder: Path, text: str, name: str = "own.yaml") -> str:
    (folder / name).write_text(text, encoding="utf-8")
    return str(folder / name)


@pytest.mark.parametrize("name", profile_names())
def test_every_bundled_profile_is_read_says_what_it_is_for_and_asks_for_something(name: str) -> None:
    profile = read_profile(name)
    assert profile.about
    assert profile.source
    assert profile.name == name
    assert selected_checks(Filters(), profile)
    assert all(without.why for without in profile.without)


def test_there_are_the_profiles_that_people_expect() -> None:
    assert {"default", "strict", "pss-baseline", "pss-restricted"} <= set(profile_names())


def test_a_profile_extends_another_and_asks_for_what_that_one_leaves_out(tmp_path: Path) -> None:
    base = "checks: [workloads, network]\nwithout:\n  - {check: network/service-with-one, why: we know}\n"
    written(tmp_path, base, "base.yaml")
    own = "extends: ./base.yaml\nchecks: [network/service-with-one]\nseverity: {workloads/evicted: critical}\n"
    profile = read_profile(written(tmp_path, own))
    chosen = {check.name: check for check in selected_checks(Filters(), profile)}
    assert "network/service-with-one" in chosen
    assert chosen["workloads/evicted"].severity is Severity.CRITICAL
    assert chosen["workloads/evicted"].is_severity_set
    assert {name.partition("/")[0] for name in chosen} == {"workloads", "network"}
    left = {check.name for check in selected_checks(Filters(), read_profile(str(tmp_path / "base.yaml")))}
    assert "network/service-with-one" not in left


def test_only_names_a_check_that_the_profile_leaves_out(tmp_path: Path) -> None:
    profile = read_profile(written(tmp_path, "checks: ['*']\nwithout:\n  - {check: network/service-with-one, why: we know}\n"))
    assert [check.name for check in selected_checks(Filters(only=("network/service-with-one",)), profile)] == ["network/service-with-one"]
    assert "network/service-with-one" not in {check.name for check in selected_checks(Filters(only=("network",)), profile)}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "checks: [network/service-with-ones]\n",
            'there is no check "network/service-with-ones"; did you mean "network/service-with-one"?',
        ),
        ("check: [network]\n", '1:1: there is no field of a profile "check"; did you mean "checks"?'),
        ("checks: [network]\nseverity: {network/service-with-one: dreadful}\n", '"dreadful" is none of critical, high'),
        ("checks: [network]\nseverity: {network/nothing: high}\n", 'there is no check "network/nothing"'),
        ("checks: [network]\noptions: {network/service-with-one: {a: 1}}\n", "the check network/service-with-one takes no values"),
        ("checks: [network]\nwithout: [{check: network/service-with-one}]\n", '"why" is missing'),
        ("extends: deflaut\n", 'there is no profile "deflaut"; did you mean "default", or a file, ./deflaut.yaml?'),
        ("extends: ./own.yaml\n", "which extends it in turn"),
        ("about: nothing\n", "asks for no check"),
    ],
)
def test_what_is_wrong_is_refused_with_what_to_write(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(UsageError) as refused:
        read_profile(written(tmp_path, text))
    assert told in str(refused.value)


def test_the_profiles_of_the_pod_security_standards_ask_exactly_for_their_controls() -> None:
    for name, wanted in (("pss-baseline", BASELINE), ("pss-restricted", RESTRICTED)):
        chosen = selected_checks(Filters(), read_profile(name))
        assert {check.name for check in chosen} == set(wanted)
        assert {check.severity for check in chosen} == {Severity.CRITICAL}
