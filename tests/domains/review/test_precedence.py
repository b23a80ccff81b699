"""The review names checks by their names; a renamed check must not be forgotten here."""

from daytwo import catalog
from daytwo.domains.review import next_step, precedence


def test_every_check_that_the_review_names_exists() -> None:
    named = precedence.named_checks() | next_step.named_checks()
    assert named <= set(catalog.names()), sorted(named - set(catalog.names()))
