"""What counts as a typo, and what is simply another name."""

import pytest

from daytwo.model.nearness import edit_distance, is_near, near_labels, nearest


@pytest.mark.parametrize(
    ("one", "other", "distance"),
    [
        ("", "", 0),
        ("web", "web", 0),
        ("web", "", 3),
        ("web", "wbe", 1),
        ("kitten", "sitting", 3),
        ("Deploymnt", "Deployment", 1),
        ("abcd", "badc", 2),
    ],
)
def test_edit_distance_counts_a_swap_of_neighbours_once(one: str, other: str, distance: int) -> None:
    """Adding, dropping, replacing and swapping cost one each, in both directions."""
    assert edit_distance(one, other) == distance
    assert edit_distance(other, one) == distance


@pytest.mark.parametrize(
    ("one", "other"),
    [("wbe", "web"), ("web-typo", "web"), ("payments", "payment"), ("checkout", "chekout"), ("Web", "web"), ("shop-api", "api")],
)
def test_a_typo_or_a_part_more_is_near(one: str, other: str) -> None:
    """Words that a person would take for one another."""
    assert is_near(one, other)


@pytest.mark.parametrize(
    ("one", "other"), [("replica", "primary"), ("web", "api"), ("db", "web"), ("cart", "catalog"), ("a", "b"), ("", "web")]
)
def test_another_word_is_not_near(one: str, other: str) -> None:
    """Roles and other applications are no typos."""
    assert not is_near(one, other)


def test_nearest_is_the_least_changed_name() -> None:
    """The word itself is no suggestion."""
    assert nearest("payment", ["payments", "payment-api", "web", "payment"]) == "payments"
    assert nearest("payment", ["web"]) == ""


def test_labels_are_near_when_every_difference_is_a_typo_or_another_key_for_the_same_name() -> None:
    """One label of another meaning makes it another thing."""
    assert near_labels({"app": "wbe"}, {"app": "web", "tier": "front"}) == {"app": "web"}
    assert near_labels({"app": "web"}, {"app.kubernetes.io/name": "web"}) == {"app.kubernetes.io/name": "web"}
    assert near_labels({"app": "web", "role": "replica"}, {"app": "web", "role": "primary"}) == {}
    assert near_labels({"app": "web"}, {"app": "web"}) == {}
    assert near_labels({"app": "web"}, {"part-of": "web"}) == {}
