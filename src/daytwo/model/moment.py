"""A point in time as every value of the model holds it."""

from datetime import datetime
from typing import Annotated

import msgspec

# Times without a zone are refused where they are read: they cannot be compared with those that have one.
Moment = Annotated[datetime, msgspec.Meta(tz=True)]
