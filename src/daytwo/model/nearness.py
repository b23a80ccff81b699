"""Which name was probably meant: what tells a typo from a different thing."""

from collections.abc import Iterable, Mapping
from typing import Final

# Keys under which people put the same thing, an application's name.
_NAME_KEYS: Final = frozenset({"app", "name", "k8s-app", "app.kubernetes.io/name", "app.kubernetes.io/instance", "component"})
_SEPARATORS: Final = "-._/"
# Comparing each of so many names with each would also take longer than all the rest.
MANY: Final = 500


def edit_distance(one: str, other: str) -> int:
    """How many characters must be added, dropped, replaced or swapped with their neighbour to make one word of the other."""
    before: list[int] = []
    current = list(range(len(other) + 1))
    for row, character in enumerate(one, 1):
        older, before, current = before, current, [row]
        for column, wanted in enumerate(other, 1):
            best = min(before[column] + 1, current[column - 1] + 1, before[column - 1] + (character != wanted))
            if row > 1 and column > 1 and character == other[column - 2] and one[row - 2] == wanted:
                best = min(best, older[column - 2] + 1)
            current.append(best)
    return current[-1]


def is_near(one: str, other: str) -> bool:
    """Whether one word is the other with a typo, in another case, or with a part more or less: `web`, `wbe`, `Web`, `web-v2`."""
    one, other = one.lower(), other.lower()
    shorter, longer = sorted((one, other), key=len)
    if len(shorter) >= 3 and (
        any(longer.startswith(shorter + sign) or longer.endswith(sign + shorter) for sign in _SEPARATORS) or one == other
    ):
        return True
    allowed = max(1, len(longer) // 4)
    return len(shorter) >= 2 and len(longer) - len(shorter) <= allowed and edit_distance(one, other) <= allowed


def nearest(word: str, names: Iterable[str]) -> str:
    """The name that was probably meant; empty when none is near. Among very many names something is always near, and means nothing."""
    names = tuple(names)
    if len(names) > MANY:
        return ""
    near = [name for name in names if name != word and is_near(word, name)]
    return min(near, key=lambda name: (edit_distance(word, name), name), default="")


def near_labels(selector: Mapping[str, str], labels: Mapping[str, str]) -> dict[str, str]:
    """Of an object that a selector misses by a typo, the labels it has instead; empty when it is no near miss."""
    instead: dict[str, str] = {}
    for key, value in selector.items():
        found = labels.get(key)
        if found == value:
            continue
        if found is not None and is_near(value, found):
            instead[key] = found
            continue
        other = next((name for name, one in labels.items() if one == value and name not in selector and _is_same_key(key, name)), None)
        if other is None:
            return {}
        instead[other] = value
    return instead


def _is_same_key(one: str, other: str) -> bool:
    return is_near(one, other) or (one in _NAME_KEYS and other in _NAME_KEYS)
