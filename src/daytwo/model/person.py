"""Who acts or approves: as the API server says one is, else the logged-in user."""

import msgspec


class Person(msgspec.Struct, frozen=True, omit_defaults=True, order=True, gc=False):
    """`name` is what counts when people are counted. `through` is the identity used in a person's stead (impersonation)."""

    name: str
    origin: str = ""
    through: str = ""

    def __str__(self) -> str:
        return f"{self.name} as {self.through}" if self.through else self.name
