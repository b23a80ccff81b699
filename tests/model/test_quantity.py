"""Quantities compare as numbers and print as people write them."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daytwo.model.quantity import amount, binary_bytes, canonical, cores, quantity, quantity_or_zero


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("100m", Decimal("0.1")),
        ("0.5", Decimal("0.5")),
        (".5", Decimal("0.5")),
        ("5.", Decimal(5)),
        ("+5", Decimal(5)),
        ("-5", Decimal(-5)),
        ("1e3", Decimal(1000)),
        ("1E3", Decimal(1000)),
        ("1e-3", Decimal("0.001")),
        ("1E", Decimal(10**18)),
        ("12k", Decimal(12_000)),
        ("1.5Gi", Decimal(3 * 2**29)),
        ("1Gi", Decimal(2**30)),
        ("1G", Decimal(10**9)),
        ("2Ei", Decimal(2**61)),
        ("128974848", Decimal(128_974_848)),
        ("100n", Decimal("1e-7")),
        ("7u", Decimal("0.000007")),
        (128_974_848, Decimal(128_974_848)),
        (0.5, Decimal("0.5")),
        (0, Decimal(0)),
    ],
)
def test_quantity(text: str | int | float, value: Decimal) -> None:
    assert quantity(text) == value


@pytest.mark.parametrize("text", ["", "1K", "1KB", "1 Gi", "Gi", "1.2.3", "1e", "e3", "--1", "1mm", "0x10", "١", "1\n", "100%", "9" * 41])
def test_what_is_no_quantity_is_refused_and_counts_as_nothing(text: str) -> None:
    with pytest.raises(ValueError, match="is not a quantity; write for example 500m"):
        quantity(text)
    assert quantity_or_zero(text) == 0


def test_absent_counts_as_nothing() -> None:
    assert quantity_or_zero(None) == 0


def test_the_same_amount_written_differently_is_equal() -> None:
    assert quantity("1000m") == quantity("1") == quantity(1) == quantity("1e0") == quantity("0.001k")
    assert quantity("1Gi") == quantity("1024Mi") == quantity("1073741824")
    assert quantity("1G") < quantity("1Gi")


@pytest.mark.parametrize(("text", "shown"), [("250m", "250m"), ("2", "2"), ("1.5", "1.5"), ("15.89", "15.89"), ("100", "100"), ("0", "0")])
def test_cores(text: str, shown: str) -> None:
    assert cores(quantity(text)) == shown


@pytest.mark.parametrize(("text", "shown"), [("256Mi", "256Mi"), ("1.5Gi", "1.5Gi"), ("512", "512"), ("1000000", "976.6Ki"), ("0", "0")])
def test_binary_bytes(text: str, shown: str) -> None:
    assert binary_bytes(quantity(text)) == shown


@pytest.mark.parametrize(
    ("resource", "text", "shown"),
    [
        ("cpu", "250m", "250m"),
        ("requests.cpu", "2000m", "2"),
        ("limits.memory", "1024Mi", "1Gi"),
        ("requests.storage", "20Gi", "20Gi"),
        ("pods", "110", "110"),
        ("nvidia.com/gpu", "2", "2"),
        ("count/secrets", "10", "10"),
    ],
)
def test_amount_is_written_in_the_unit_of_its_resource(resource: str, text: str, shown: str) -> None:
    assert amount(resource, quantity(text)) == shown


NUMBERS = st.tuples(st.integers(-(10**9), 10**9), st.integers(0, 6)).map(
    lambda parts: f"{Decimal(parts[0]).scaleb(-parts[1]):f}",
)
SUFFIXES = {
    **{suffix: Fraction(2 ** (10 * power)) for power, suffix in enumerate(("Ki", "Mi", "Gi", "Ti", "Pi", "Ei"), start=1)},
    **{
        suffix: Fraction(10) ** power
        for suffix, power in (("n", -9), ("u", -6), ("m", -3), ("", 0), ("k", 3), ("M", 6), ("G", 9), ("T", 12))
    },
}


@given(NUMBERS, st.sampled_from(sorted(SUFFIXES)))
def test_value_is_number_times_suffix_exactly(number: str, suffix: str) -> None:
    assert Fraction(quantity(number + suffix)) == Fraction(number) * SUFFIXES[suffix]


@given(NUMBERS, st.integers(-12, 12))
def test_value_is_number_times_ten_to_the_exponent(number: str, exponent: int) -> None:
    assert Fraction(quantity(f"{number}e{exponent}")) == Fraction(number) * Fraction(10) ** exponent


@given(st.text(max_size=8))
def test_any_text_is_a_number_or_refused(text: str) -> None:
    try:
        found = quantity(text)
    except ValueError:
        return
    assert found.is_finite()
    assert amount("cpu", found)
    assert amount("memory", found)


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("1000m", "1"),
        ("0.5", "500m"),
        ("1.5", "1500m"),
        ("2", "2"),
        ("100000", "100k"),
        ("1024Mi", "1Gi"),
        ("1.5Gi", "1536Mi"),
        ("0.5Ki", "512"),
        ("0Mi", "0"),
        ("1e4", "10e3"),
        ("1E", "1E"),
        ("0.1n", "1m"),
        ("1.0001", "1001m"),
    ],
)
def test_a_quantity_has_one_form(written: str, stored: str) -> None:
    """That the API server keeps it as it is, is asked of the real one in tests/actions/test_set_resources.py."""
    assert canonical(written) == stored


@given(NUMBERS, st.sampled_from(sorted(SUFFIXES)))
def test_the_canonical_form_is_the_same_amount_and_its_own(number: str, suffix: str) -> None:
    """What is smaller than a thousandth is rounded up, away from zero."""
    found = canonical(number + suffix)
    exact, stored = quantity(number + suffix), quantity(found)
    assert canonical(found) == found
    assert abs(exact) <= abs(stored)
    assert abs(stored - exact) < (1 if suffix.endswith("i") else Decimal("1e-3"))
