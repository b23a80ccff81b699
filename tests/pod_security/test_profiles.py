"""The profiles of the standards ask for what the standards ask for."""

from importlib.resources import files

import yaml

from daytwo.domains.pod_security.standards import BASELINE, RESTRICTED


def test_the_profiles_name_the_checks_of_their_levels() -> None:
    """Restricted builds on baseline."""
    baseline, restricted = (_checks(f"pss-{level}.yaml") for level in ("baseline", "restricted"))
    assert sorted(baseline) == sorted(BASELINE)
    assert sorted(baseline + restricted) == sorted(RESTRICTED)


def _checks(name: str) -> list[str]:
    text = files("daytwo").joinpath("library", "profiles", name).read_text(encoding="utf-8")
    found: list[str] = yaml.safe_load(text)["checks"]
    return found
