"""Names and messages from a cluster never steer the terminal they are shown on."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from daytwo.render.visible import visible


def test_ordinary_text_in_any_language_is_left_alone() -> None:
    for text in ("", "shop/web · 97 %", "فريق المدفوعات", "צוות תשלומים", "支払い", "crème brûlée", "1\u202f204"):
        assert visible(text) == text


def test_controls_and_ansi_escapes_are_written_out() -> None:
    assert visible("a\x1b[31mred\x07\x00\x7f") == "a\\x1b[31mred\\x07\\x00\\x7f"
    assert visible("two\nlines\tand\rmore") == "two\\nlines\\tand\\rmore"


def test_one_byte_controls_of_the_upper_half_are_written_out() -> None:
    """U+009B is a whole CSI for some terminals."""
    assert visible("\x9b31m") == "\\x9b31m"


def test_bidi_overrides_and_zero_width_characters_are_written_out() -> None:
    """A file that ends in "gpj.exe" must not look like one that ends in "exe.jpg"."""
    assert visible("\u202egpj.exe") == "\\u202egpj.exe"
    assert visible("pay\u200bments") == "pay\\u200bments"
    assert visible("\U000e0041") == "\\U000e0041"


def test_a_lone_surrogate_is_written_out() -> None:
    assert visible("\ud800") == "\\ud800"


@given(st.text(alphabet=st.characters(codec=None)))
def test_nothing_that_could_steer_a_terminal_is_left(text: str) -> None:
    shown = visible(text)
    assert not [character for character in shown if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp")]
    assert visible(shown) == shown
