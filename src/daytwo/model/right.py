"""Rights on the API server: what one thing takes, and the roles that give it."""

from collections.abc import Iterable

import msgspec


class Rule(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel"):
    """One rule of a role; as in RBAC `*` stands for all."""

    api_groups: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ()
    resource_names: tuple[str, ...] = ()
    non_resource_urls: tuple[str, ...] = msgspec.field(default=(), name="nonResourceURLs")

    def allows(self, verb: str, group: str, resource: str) -> bool:
        """Whether this rule alone allows it for objects of any name."""
        return (
            not self.resource_names
            and not {verb, "*"}.isdisjoint(self.verbs)
            and not {group, "*"}.isdisjoint(self.api_groups)
            and not {resource, "*"}.isdisjoint(self.resources)
        )


class ClusterRole(msgspec.Struct, frozen=True):
    """A ClusterRole to apply."""

    name: str
    rules: tuple[Rule, ...]


class Right(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing daytwo does: a verb on a resource (`pods/log` with its subresource), or on a path."""

    verb: str
    group: str = ""
    resource: str = ""
    path: str = ""

    def __str__(self) -> str:
        return f"{self.verb} {self.path or (f'{self.resource}.{self.group}' if self.group else self.resource)}"


def role(name: str, rights: Iterable[Right], rules: Iterable[Rule] = ()) -> ClusterRole:
    """The ClusterRole that gives just these rights, and `rules` besides: what is allowed alike stands together."""
    verbs: dict[tuple[str, str], set[str]] = {}
    paths: dict[str, set[str]] = {}
    for right in rights:
        if right.path:
            paths.setdefault(right.path, set()).add(right.verb)
        else:
            verbs.setdefault((right.group, right.resource), set()).add(right.verb)
    resources: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for (group, resource), found in sorted(verbs.items()):
        resources.setdefault((group, tuple(sorted(found))), []).append(resource)
    made = [Rule(api_groups=(group,), resources=tuple(names), verbs=each) for (group, each), names in resources.items()]
    made += [Rule(non_resource_urls=(path,), verbs=tuple(sorted(found))) for path, found in sorted(paths.items())]
    return ClusterRole(name, (*made, *rules))
