"""Rights on the API server: what one thing takes, and the roles that give it."""

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
