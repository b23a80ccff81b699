"""From objects as they were sent and as the API server answered, the rules by which it fills them in."""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from typing import Any, Final, NamedTuple

from daytwo.sources.manifests.defaults import ELEMENTS, Condition, Rule
from tests.servers.client import Object

# As the server takes a reference apart: a tag `latest`, or neither tag nor digest. What is no reference at all,
# such as an identifier of 64 digits, has no tag.
_LATEST: Final = r"(?![0-9a-f]{64}$)(?:[^/@]+/)*[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?::latest(?:@.+)?)?"
_REFERENCES: Final = ("image", "reference")
# Fields whose values tell one sort of object from another.
_TELLING: Final = ("type", "kind")

_POD_RULES: Final = (
    # Only of pods: a template's requests stay as they are, and so do its ports.
    Rule("spec", "hostPort", copy="containerPort", each="containers[].ports[]", when=(Condition("hostNetwork", among=(True,)),)),
    Rule("spec", "hostPort", copy="containerPort", each="initContainers[].ports[]", when=(Condition("hostNetwork", among=(True,)),)),
    Rule("spec.containers[].resources", "requests", merge="limits"),
    Rule("spec.initContainers[].resources", "requests", merge="limits"),
)
_CONTAINER_LIMITS: Final = (Condition("type", among=("Container",)),)

# What cannot be told from the fields of one object beside the one that is filled in. They are held against the server like all others.
GIVEN: Final[dict[str, tuple[Rule, ...]]] = {
    "v1 Pod": _POD_RULES,
    "v1 Namespace": (
        Rule("metadata", "labels", value={}),
        Rule("metadata", "kubernetes.io/metadata.name", copy="/name", each="labels"),
    ),
    "v1 LimitRange": (
        Rule("spec.limits[]", "default", merge="max", when=_CONTAINER_LIMITS),
        Rule("spec.limits[]", "defaultRequest", merge="default", when=_CONTAINER_LIMITS),
        Rule("spec.limits[]", "defaultRequest", merge="min", when=_CONTAINER_LIMITS),
    ),
    "batch/v1 Job": (Rule("", "labels", copy="/spec.template.metadata.labels", each="metadata"),),
}


class Seen(NamedTuple):
    """One object at a path: as it was sent (None: it was not), and as it came back."""

    sent: Object | None
    found: Object


def learned(kind: str, answers: Iterable[tuple[Object, Object]]) -> tuple[Rule, ...]:
    """The rules that explain all of these answers. Raises ValueError where no condition on neighbouring fields tells when one holds."""
    given = GIVEN.get(kind, ())
    seen: dict[str, list[Seen]] = defaultdict(list)
    for sent, found in answers:
        _gather(seen, "", sent, found, {_place(rule) for rule in given})
    rules = list(given)
    for path in sorted(seen):
        rules += _Learner(path, seen[path], {rule.field for rule in given if _place(rule)[0] == path}).rules()
    return tuple(rules)


def _place(rule: Rule) -> tuple[str, str]:
    at = f"{rule.at}.{rule.each}" if rule.at and rule.each else rule.at or rule.each
    return at, rule.field


def _gather(seen: dict[str, list[Seen]], path: str, sent: Object | None, found: Object, given: set[tuple[str, str]]) -> None:
    seen[path].append(Seen(sent, found))
    for key, value in found.items():
        if (path, key) in given:
            continue
        below = f"{path}.{key}" if path else key
        before = (sent or {}).get(key)
        if isinstance(value, dict):
            _gather(seen, below, before if isinstance(before, dict) else None, value, given)
        elif isinstance(value, list) and isinstance(before, list) and len(before) == len(value):
            for old, new in zip(before, value, strict=True):
                if isinstance(new, dict):
                    _gather(seen, below + ELEMENTS, old, new, given)


class _Learner:
    """The rules of the objects at one path."""

    def __init__(self, path: str, seen: Sequence[Seen], given: set[str]) -> None:
        self._path = path
        self._seen = seen
        self._given = given
        self._keys = sorted({key for one in seen for key in (*one.found, *(one.sent or {}))})
        self._added = [key for key in self._keys if key not in given and any(self._is_added(one, key) for one in seen)]
        self._constant: set[str] = set()

    @staticmethod
    def _is_added(one: Seen, key: str) -> bool:
        # Null is what the server writes for nothing, and so is an empty text.
        return (one.sent is None or one.sent.get(key) is None) and one.found.get(key) not in (None, "")

    def rules(self) -> list[Rule]:
        constant: list[Rule] = []
        early: list[Rule] = []
        late: list[Rule] = []
        for key in self._added:
            open_ = self._open(key)
            outcomes = {self._outcome(key, one) for one in open_}
            if len(outcomes) == 1:
                self._constant.add(key)
                constant.append(Rule(self._path, key, value=self._value(outcomes.pop())))
        for key in self._added:
            if key in self._constant:
                continue
            found = self._conditional(key)
            # What asks for a field that is filled in as well asks for it as it was written.
            asks_for_filled = any(test.is_present is not None and test.field in self._added for rule in found for test in rule.when)
            (early if asks_for_filled else late).extend(found)
        return [*early, *constant, *late]

    def _open(self, key: str) -> list[Seen]:
        return [one for one in self._seen if one.sent is None or one.sent.get(key) is None]

    def _outcome(self, key: str, one: Seen) -> str:
        if not self._is_added(one, key):
            return ""
        value = one.found[key]
        return "{}" if isinstance(value, dict) else json.dumps(value)

    @staticmethod
    def _value(outcome: str) -> Any:
        return json.loads(outcome)

    def _conditional(self, key: str) -> list[Rule]:
        open_ = self._open(key)
        added = [one for one in open_ if self._is_added(one, key)]
        others = [one for one in open_ if not self._is_added(one, key)]
        copied = self._copied(key, added)
        if copied is not None:
            when = [] if not others else self._cover(key, added, others)
            return [Rule(self._path, key, copy=copied)] if not when else [Rule(self._path, key, copy=copied, when=tests) for tests in when]
        rules = []
        by_outcome: dict[str, list[Seen]] = defaultdict(list)
        for one in open_:
            by_outcome[self._outcome(key, one)].append(one)
        for outcome, positive in sorted(by_outcome.items()):
            if outcome:
                negative = [one for other, ones in by_outcome.items() if other != outcome for one in ones]
                rules += [Rule(self._path, key, value=self._value(outcome), when=tests) for tests in self._cover(key, positive, negative)]
        return rules

    def _copied(self, key: str, added: Sequence[Seen]) -> str | None:
        is_always_the_same = len({json.dumps(one.found[key], sort_keys=True) for one in added}) == 1
        for other in self._keys:
            if other == key or (is_always_the_same and not other.startswith(key) and not key.startswith(other)):
                continue
            if all(other in one.found and one.found[other] == one.found[key] for one in added):
                return other
        return None

    def _cover(self, key: str, positive: Sequence[Seen], negative: Sequence[Seen]) -> list[tuple[Condition, ...]]:
        """The fewest conditions of which one holds for each of these, and none for any of those."""
        tests = list(self._tests(key, positive))
        for field in _TELLING:
            values = [
                (test,) for test in tests if test.field == field and test.among and not any(self._holds([test], one) for one in negative)
            ]
            if all(any(self._holds(some, one) for some in values) for one in positive):
                return _joined(values)
        for size in (1, 2):
            pure = [some for some in combinations(tests, size) if not any(self._holds(some, one) for one in negative)]
            chosen: list[tuple[Condition, ...]] = []
            left = list(positive)
            while left:
                best = max(pure, key=lambda some: sum(self._holds(some, one) for one in left), default=None)
                if best is None or not any(self._holds(best, one) for one in left):
                    break
                chosen.append(best)
                left = [one for one in left if not self._holds(best, one)]
            else:
                return _joined(chosen)
        raise ValueError(f"{self._path or 'the object'}: nothing beside {key} tells when it is filled in; say it in GIVEN")

    def _tests(self, key: str, positive: Sequence[Seen]) -> Iterator[Condition]:
        settled = [other for other in self._keys if other != key and (other not in self._added or other in self._constant)]
        for other in settled:
            kinds = (str, bool) if other in _TELLING else (bool,)
            values = {value for one in positive if isinstance(value := one.found.get(other), kinds)}
            for value in sorted(values, key=str):
                yield Condition(other, among=(value,))
        for other in self._keys:
            if other != key and other not in self._given:
                yield Condition(other, is_present=True)
                yield Condition(other, is_present=False)
                yield Condition(other, is_alone=True)
        for other in _REFERENCES:
            if other in self._keys:
                yield Condition(other, matches=_LATEST)
                yield Condition(other, differs=_LATEST)

    def _holds(self, tests: Iterable[Condition], one: Seen) -> bool:
        return all(self._is_met(test, one) for test in tests)

    def _is_met(self, test: Condition, one: Seen) -> bool:
        if test.is_present is not None:
            return ((one.sent or {}).get(test.field) is not None) is test.is_present
        if test.is_alone:
            return not {field for field, value in (one.sent or {}).items() if value is not None} - {test.field}
        value = one.found.get(test.field)
        if test.among:
            return isinstance(value, str | bool) and value in test.among
        matches = isinstance(value, str) and re.fullmatch(test.matches or test.differs, value) is not None
        return isinstance(value, str) and matches is bool(test.matches)


def _joined(chosen: Sequence[tuple[Condition, ...]]) -> list[tuple[Condition, ...]]:
    """Alternatives on one field are one condition with several values."""
    among: dict[str, list[str | bool | int]] = defaultdict(list)
    rest = []
    for tests in chosen:
        if len(tests) == 1 and tests[0].among:
            among[tests[0].field] += tests[0].among
        else:
            rest.append(tests)
    return [*((Condition(field, among=tuple(sorted(values, key=str))),) for field, values in sorted(among.items())), *rest]
