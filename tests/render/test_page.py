"""Lines wrap between words with a hanging indent; what will be pasted is never broken."""

from hypothesis import given
from hypothesis import strategies as st

from daytwo.render.page import Line, Span, Style, columns, lay_out, line


def rows(*lines: Line, width: int | None, is_coloured: bool = False) -> list[str]:
    return lay_out(list(lines), width=width, is_coloured=is_coloured).splitlines()


def test_without_a_width_nothing_is_wrapped() -> None:
    assert rows(line("word " * 100), width=None) == [("word " * 100).rstrip()]


def test_a_long_line_continues_under_its_hang() -> None:
    assert rows(line(" 1  ", "one two three four", hang=4), width=14) == [" 1  one two", "    three four"]


def test_a_word_longer_than_the_row_stays_whole() -> None:
    name = "notification-preference-synchronisation-worker"
    assert rows(line("pod ", name, " is gone", hang=2), width=20) == ["pod", f"  {name}", "  is gone"]


def test_a_command_is_one_row_however_long() -> None:
    command = "kubectl -n shop rollout undo deployment/payments --to-revision=8"
    assert rows(line("next ", command, hang=5, is_whole=True), width=30) == [f"next {command}"]


def test_a_word_that_changes_its_colour_on_the_way_is_one_word() -> None:
    wrapped = rows(line("aaa bbb", Span("ccc", Style.STRONG), " ddd", hang=2), width=9)
    assert wrapped == ["aaa", "  bbbccc", "  ddd"]


def test_wide_characters_take_two_columns() -> None:
    assert columns("支払い") == 6
    assert columns("e\u0301") == 1
    assert rows(line("支払い 支払い", hang=0), width=10) == ["支払い", "支払い"]


def test_colours_stand_for_themselves_and_are_closed_in_each_row() -> None:
    assert rows(line(Span("HIGH", Style.HIGH), "  web"), width=None, is_coloured=True) == ["\x1b[31mHIGH\x1b[0m  web"]
    wrapped = rows(line(Span("one two", Style.STRONG), hang=0), width=4, is_coloured=True)
    assert wrapped == ["\x1b[1mone\x1b[0m", "\x1b[1mtwo\x1b[0m"]


def test_escapes_from_a_cluster_are_shown_between_our_own() -> None:
    assert rows(line(Span("\x1b[0mevil", Style.HIGH)), width=None, is_coloured=True) == ["\x1b[31m\\x1b[0mevil\x1b[0m"]


@given(st.lists(st.text(), max_size=5), st.integers(20, 120), st.integers(0, 60))
def test_wrapping_loses_and_adds_no_word(texts: list[str], width: int, hang: int) -> None:
    one = line(*texts, hang=hang)
    whole = lay_out([one], width=None, is_coloured=False)
    wrapped = lay_out([one], width=width, is_coloured=False)
    assert wrapped.split() == whole.split()
    for row in wrapped.splitlines():
        # Only a word that is alone behind the indent, or behind a label no wider than it, may be too long.
        assert columns(row) <= width or columns(row.rpartition(" ")[0]) <= max(hang, 4)
