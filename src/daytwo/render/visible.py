"""Nothing from a cluster steers a terminal: what is not printable is shown as an escape."""

from typing import Final

# What `str.isprintable` refuses and yet stands in texts of our own: no-break, thin and narrow no-break spaces.
_SPACES: Final = frozenset("\u00a0\u2009\u202f")
_SHORT: Final = {"\n": "\\n", "\t": "\\t", "\r": "\\r"}


def visible(text: str) -> str:
    """`text` with control characters, ANSI escapes, bidi overrides, zero-width characters and lone surrogates written out."""
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() or character in _SPACES else escaped(character) for character in text)


def escaped(character: str) -> str:
    """`\\n`, `\\x1b`, `\\u202e`, `\\U000e0041`."""
    code = ord(character)
    if character in _SHORT:
        return _SHORT[character]
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
