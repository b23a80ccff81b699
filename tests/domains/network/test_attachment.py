"""Hosts of listeners and routes meet as the Gateway API says."""

import pytest

from daytwo.domains.network.attachment import hosts_meet


@pytest.mark.parametrize(
    ("one", "other", "wanted"),
    [
        ("example.com", "example.com", True),
        ("Example.com", "example.COM", True),
        ("*.example.com", "a.example.com", True),
        # Of any depth, unlike a certificate's.
        ("*.example.com", "a.b.example.com", True),
        ("*.example.com", "example.com", False),
        ("*.example.com", "badexample.com", False),
        ("*.example.com", "*.a.example.com", True),
        ("*.example.com", "*.example.org", False),
        ("a.example.com", "b.example.com", False),
    ],
)
def test_hosts_meet(one: str, other: str, wanted: bool) -> None:
    assert hosts_meet(one, other) is wanted
    assert hosts_meet(other, one) is wanted
