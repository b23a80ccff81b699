"""Label selectors, exactly as the API server reads them: matchLabels and every operator of matchExpressions."""

import re
from collections.abc import Mapping
from typing import Final

import msgspec


class Requirement(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One of matchExpressions. An operator that Kubernetes does not know matches nothing."""

    key: str
    operator: str
    values: tuple[str, ...] = ()

    def matches(self, labels: Mapping[str, str]) -> bool:
        value = labels.get(self.key)
        match self.operator:
            case "In":
                return value is not None and value in self.values
            case "NotIn":
                # An absent key is not in any set: it matches.
                return value is None or value not in self.values
            case "Exists":
                return value is not None
            case "DoesNotExist":
                return value is None
        return False


class Selector(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    """A metav1.LabelSelector. The empty selector matches everything; what an *absent* one means differs by kind, so callers say it.

    Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/
    """

    match_labels: dict[str, str] = {}
    match_expressions: tuple[Requirement, ...] = ()

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether an object with these labels is selected: all labels and all expressions must hold."""
        for key, value in self.match_labels.items():
            if labels.get(key) != value:
                return False
        return all(requirement.matches(labels) for requirement in self.match_expressions)

    @property
    def is_empty(self) -> bool:
        return not self.match_labels and not self.match_expressions

    def __str__(self) -> str:
        parts = [f"{key}={value}" for key, value in sorted(self.match_labels.items())]
        for requirement in self.match_expressions:
            match requirement.operator:
                case "In" | "NotIn":
                    parts.append(f"{requirement.key} {requirement.operator.lower()} ({','.join(requirement.values)})")
                case "Exists":
                    parts.append(requirement.key)
                case "DoesNotExist":
                    parts.append(f"!{requirement.key}")
        return ",".join(parts) or "everything"


def parse_selector(text: str) -> Selector:
    """A selector as kubectl's `-l` takes it: `a=b,c!=d,e in (f,g),h,!i`; ValueError says what to write instead."""
    return Selector(match_expressions=tuple(_requirement(part) for part in _split(text)))


_NAME: Final = r"[A-Za-z0-9](?:[A-Za-z0-9_.\-]{0,61}[A-Za-z0-9])?"
# The prefix is a DNS subdomain: each of its parts begins and ends with a letter or digit.
_PART: Final = r"[a-z0-9](?:[a-z0-9\-]*[a-z0-9])?"
_KEY: Final = rf"(?P<key>(?:(?=[a-z0-9.\-]{{1,253}}/){_PART}(?:\.{_PART})*/)?{_NAME})"
_VALUE: Final = rf"(?:{_NAME})?"
_FORMS: Final = (
    (rf"{_KEY}\s*={{1,2}}\s*(?P<values>{_VALUE})\Z", "In"),
    (rf"{_KEY}\s*!=\s*(?P<values>{_VALUE})\Z", "NotIn"),
    (rf"{_KEY}\s+in\s*\(\s*(?P<values>{_VALUE}(?:\s*,\s*{_VALUE})*)\s*\)\Z", "In"),
    (rf"{_KEY}\s+notin\s*\(\s*(?P<values>{_VALUE}(?:\s*,\s*{_VALUE})*)\s*\)\Z", "NotIn"),
    (rf"{_KEY}(?P<values>)\Z", "Exists"),
    (rf"!\s*{_KEY}(?P<values>)\Z", "DoesNotExist"),
)


def _split(text: str) -> list[str]:
    parts, depth, start = [], 0, 0
    for index, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if character == "," and depth == 0:
            parts.append(text[start:index])
            start = index + 1
    parts.append(text[start:])
    return [part.strip() for part in parts] if text.strip() else []


def _requirement(part: str) -> Requirement:
    for form, operator in _FORMS:
        match = re.match(form, part)
        if match is not None:
            is_set = operator in ("In", "NotIn")
            return Requirement(match["key"], operator, tuple(value.strip() for value in match["values"].split(",")) if is_set else ())
    raise ValueError(f"{part!r} is not a label selector; write for example app=web, app!=web, 'app in (web,api)', app or !app")
