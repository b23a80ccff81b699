"""One parameter of an action, as command line, runbook and reference know it."""

from enum import StrEnum

import msgspec


class ParameterType(StrEnum):
    """`texts` is a list of strings, given by repeating the flag; `duration` such as 30s or 5m; `path` a file that is read now."""

    TEXT = "text"
    TEXTS = "texts"
    NUMBER = "number"
    FLAG = "flag"
    DURATION = "duration"
    PATH = "path"


class Parameter(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """`name` is the flag's without dashes. An argument stands after the target, without a flag."""

    name: str
    type: ParameterType
    help: str
    is_required: bool = False
    is_argument: bool = False
    metavar: str = ""
