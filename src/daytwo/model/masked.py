"""How masked text reads; apart, so that what a credential looks like is only loaded when there is text to mask."""

from typing import Final

MASK: Final = "‹masked›"
