"""A finding that somebody has decided to live with, and until when."""

from datetime import date

import msgspec

from daytwo.model.selector import Selector


class Exemption(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One entry: which check, of which objects, why, whose decision, and how long it holds.

    - `check`: a check's whole name, or a domain's; never a prefix.
    - `kind`, `namespace`, `name`: what the finding's owner is called, whole; empty is any. `selector` asks for its labels.
    - `item`: only the finding of this item, such as a container.
    - `expires`: the last day on which it holds (UTC); without one it does not expire.
    - `place`: where the entry stands, `exemptions.yaml:12:3`.
    """

    check: str
    reason: str
    owner: str
    kind: str = ""
    namespace: str = ""
    name: str = ""
    selector: Selector | None = None
    item: str = ""
    ticket: str = ""
    expires: date | None = None
    place: str = ""
