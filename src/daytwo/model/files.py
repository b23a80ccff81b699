"""Somebody's files, as they were named, and how to render those that are templates."""

from datetime import datetime

import msgspec


class Files(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Files, folders, charts, or `-` for standard input.

    - `values`, `sets`: what `helm template` is given as `--values` and `--set`.
    - `namespace`: where objects are that name none; empty is `default`.
    - `version`: the Kubernetes version they are meant for, `v1.36`; empty is the newest that daytwo knows.
    - `at`: the time as of which objects that a cluster wrote are judged; None is the newest time among them.
    """

    paths: tuple[str, ...]
    values: tuple[str, ...] = ()
    sets: tuple[str, ...] = ()
    namespace: str = ""
    version: str = ""
    at: datetime | None = None
