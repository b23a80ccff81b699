"""What a cluster or a tree of manifests is held to."""

import msgspec

from daytwo.model.exemption import Exemption
from daytwo.model.profile import ALL, Profile


class Standard(msgspec.Struct, frozen=True, gc=False):
    """A profile and the exemptions from it. Without any, every check is asked."""

    profile: Profile = ALL
    exemptions: tuple[Exemption, ...] = ()
