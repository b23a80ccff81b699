"""Calico's selector language: `app == 'web' && has(role) && tier not in {'a', 'b'}`.

Source: https://docs.tigera.io/calico/latest/reference/resources/networkpolicy#selectors
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final

Matcher = Callable[[Mapping[str, str]], bool]

_TOKEN: Final = re.compile(
    r"""\s*(?:(?P<string>'[^']*'|"[^"]*")
         |(?P<sign>&&|\|\||==|!=|[!(){},])
         |(?P<word>[A-Za-z0-9_./\-]+))""",
    re.VERBOSE,
)


@lru_cache(maxsize=4096)
def matcher(text: str) -> Matcher:
    """What a selector matches; the empty one everything. ValueError for what is no selector."""
    if not text.strip():
        return lambda labels: True
    reader = _Reader(_tokens(text))
    found = reader.alternatives()
    if reader.rest:
        raise ValueError(f"{text!r}: {reader.rest[0]!r} is one too many")
    return found


def _tokens(text: str) -> list[str]:
    tokens, at = [], 0
    text = text.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise ValueError(f"{text!r} is no selector of Calico: look at character {at + 1}")
        tokens.append(match[0].strip())
        at = match.end()
    return tokens


class _Reader:
    """Reads a selector from left to right: `||` binds less than `&&`, `!` most."""

    def __init__(self, tokens: list[str]) -> None:
        self.rest = tokens

    def alternatives(self) -> Matcher:
        parts = [self._all_of()]
        while self._takes("||"):
            parts.append(self._all_of())
        return parts[0] if len(parts) == 1 else lambda labels: any(part(labels) for part in parts)

    def _all_of(self) -> Matcher:
        parts = [self._one()]
        while self._takes("&&"):
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else lambda labels: all(part(labels) for part in parts)

    def _one(self) -> Matcher:
        if self._takes("!"):
            inner = self._one()
            return lambda labels: not inner(labels)
        if self._takes("("):
            inner = self.alternatives()
            self._expect(")")
            return inner
        word = self._next()
        if word in ("all", "global", "has") and self._takes("("):
            return self._call(word)
        return self._comparison(_unquoted(word))

    def _call(self, name: str) -> Matcher:
        if name == "has":
            key = _unquoted(self._next())
            self._expect(")")
            return lambda labels: key in labels
        self._expect(")")
        # global() means what stands in no namespace: never a pod.
        return (lambda labels: True) if name == "all" else (lambda labels: False)

    def _comparison(self, key: str) -> Matcher:
        sign = self._next()
        if sign == "not":
            self._expect("in")
            values = self._values()
            return lambda labels: labels.get(key) not in values
        if sign == "in":
            values = self._values()
            return lambda labels: labels.get(key) in values
        if sign in ("starts", "ends"):
            self._expect("with")
        value = _unquoted(self._next())
        match sign:
            case "==":
                return lambda labels: labels.get(key) == value
            case "!=":
                return lambda labels: labels.get(key) != value
            case "contains":
                return lambda labels: value in labels.get(key, "") and key in labels
            case "starts":
                return lambda labels: key in labels and labels[key].startswith(value)
            case "ends":
                return lambda labels: key in labels and labels[key].endswith(value)
        raise ValueError(f"{sign!r} is no comparison of Calico's")

    def _values(self) -> frozenset[str]:
        self._expect("{")
        values = []
        while not self._takes("}"):
            values.append(_unquoted(self._next()))
            self._takes(",")
        return frozenset(values)

    def _next(self) -> str:
        if not self.rest:
            raise ValueError("the selector ends too early")
        return self.rest.pop(0)

    def _takes(self, token: str) -> bool:
        if self.rest and self.rest[0] == token:
            self.rest.pop(0)
            return True
        return False

    def _expect(self, token: str) -> None:
        found = self._next()
        if found != token:
            raise ValueError(f"{found!r} stands where {token!r} should")


def _unquoted(token: str) -> str:
    return token[1:-1] if token[:1] in ("'", '"') else token
