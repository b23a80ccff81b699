"""Calico's selectors match as its reference says; what is no selector is said to be none."""

import pytest

from daytwo.model.calico import matcher

POD = {"app": "web", "tier": "front", "projectcalico.org/orchestrator": "k8s"}


@pytest.mark.parametrize(
    ("selector", "wanted"),
    [
        ("", True),
        ("all()", True),
        ("global()", False),
        ("app == 'web'", True),
        ('app == "web"', True),
        ("app=='db'", False),
        ("app != 'db'", True),
        # An absent label is not equal to anything, and in no set.
        ("role != 'db'", True),
        ("role not in {'a', 'b'}", True),
        ("role in {'a'}", False),
        ("app in {'db', 'web'}", True),
        ("app in {}", False),
        ("has(tier)", True),
        ("!has(role)", True),
        ("app contains 'e'", True),
        ("role contains 'e'", False),
        ("app starts with 'we'", True),
        ("app ends with 'eb'", True),
        ("role starts with ''", False),
        # `&&` binds more than `||`, and `!` more than both.
        ("app == 'db' && tier == 'x' || has(app)", True),
        ("app == 'db' && (tier == 'x' || has(app))", False),
        ("!has(role) && !(app == 'db')", True),
        ("projectcalico.org/orchestrator == 'k8s'", True),
    ],
)
def test_selector_matches(selector: str, wanted: bool) -> None:
    assert matcher(selector)(POD) is wanted


@pytest.mark.parametrize(
    "selector", ["app =", "app == ", "(app == 'web'", "app == 'web' tier", "== 'web'", "app ~ 'web'", "has(", "'", "app in {'a'"]
)
def test_what_is_no_selector_is_refused(selector: str) -> None:
    with pytest.raises(ValueError):
        matcher(selector)(POD)
