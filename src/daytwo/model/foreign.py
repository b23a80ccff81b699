"""Objects of kinds that daytwo has no model of, as files hold them: known by name and by what every object carries."""

from typing import ClassVar

from daytwo.model.metadata import Resource
from daytwo.model.ref import Ref


class ForeignObject(Resource, frozen=True, omit_defaults=True, rename="camel", gc=False, kw_only=True):
    """`kind` is its unique name, with the group."""

    KIND: ClassVar[str] = "ForeignObject"

    kind: str = ""

    @property
    def ref(self) -> Ref:
        return Ref(self.kind, self.metadata.namespace, self.metadata.name)
