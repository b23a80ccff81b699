"""Profiles by name, as they come with daytwo, or from a file of one's own."""

from pathlib import Path
from typing import Final

import msgspec

from daytwo import catalog
from daytwo.model.errors import UsageError, did_you_mean
from daytwo.model.profile import CHECKS, EVERY, OPTIONS, Profile
from daytwo.sources.definitions import Definition, Vocabulary, listed, read_definition

DEFAULT: Final = "default"
FOLDER: Final = Path(__file__).parent.parent / "library" / "profiles"
_MOST_EXTENDED: Final = 10


def profile_names() -> tuple[str, ...]:
    """The profiles that come with daytwo."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))


def read_profile(name: str = DEFAULT) -> Profile:
    """The profile of this name or in this file (with a / or ending in .yaml), what it extends taken in. UsageError."""
    return _read(name, Path(), ())


def _read(name: str, beside: Path, before: tuple[Path, ...]) -> Profile:
    path = _path(name, beside)
    if path in before or len(before) > _MOST_EXTENDED:
        raise UsageError(f"{before[-1]}: extends {name}, which extends it in turn; leave one out")
    own = msgspec.structs.replace(read_definition(path, Profile, _DEFINITION), name=name)
    if not own.extends:
        if not own.checks:
            raise UsageError(f"{path}: asks for no check; write checks: ['*'], or extends: default")
        return own
    base = _read(own.extends, path.parent, (*before, path))
    return msgspec.structs.replace(
        own,
        checks=(*base.checks, *own.checks),
        # What this one asks for by name, the one below may have left out.
        without=(*(one for one in base.without if EVERY not in own.checks and one.check not in own.checks), *own.without),
        severity={**base.severity, **own.severity},
        options={**base.options, **own.options},
    )


def _path(name: str, beside: Path) -> Path:
    if "/" in name or name.endswith((".yaml", ".yml")):
        return Path(name) if not beside.parts or Path(name).is_absolute() else beside / name
    known = profile_names()
    if name not in known:
        meant = did_you_mean(name, known)
        hint = f"{meant.rstrip('?')}, or a file, ./{name}.yaml?" if meant else f"; there are {listed(known)}, or name a file: ./{name}.yaml"
        raise UsageError(f'there is no profile "{name}"{hint}')
    return FOLDER / f"{name}.yaml"


def _names_and_domains() -> tuple[str, ...]:
    names = catalog.names()
    return (EVERY, *names, *sorted({name.partition("/")[0] for name in names}))


def _options_of(name: str) -> type[msgspec.Struct] | None:
    options = catalog.find_check(name).options
    return type(options) if options is not None else None


_DEFINITION: Final = Definition(
    "field of a profile",
    "profiles",
    {
        CHECKS["names"]: Vocabulary("check", _names_and_domains, "daytwo checks"),
        OPTIONS["names"]: Vocabulary("check", catalog.names, "daytwo checks", _options_of),
    },
)
