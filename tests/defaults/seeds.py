"""The objects that the API server is asked about: `seeds.yaml` written out, and what is left of them when parts are taken away."""

from base64 import b64encode
from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, Final

import yaml

from tests.servers.certificates import signing_request
from tests.servers.client import Object

_FILE: Final = Path(__file__).parent / "seeds.yaml"


@cache
def _document() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return document


def seeds() -> list[Object]:
    """Every seed, each with each of the pods that it is for."""
    return [deepcopy(written) for item in _document()["items"] for written in _written(item)]


def _written(item: Object) -> Iterator[Object]:
    wanted = _wanted_pod(item)
    if wanted is None:
        yield _with_request(item)
        return
    family, _, only = wanted.partition("-")
    pods = _document()["pods"]
    # What a job runs must end.
    finite = _document()["finite"] if family == "finite" else {}
    for name in [only] if only else [family] if family in pods else pods:
        pod = deepcopy(pods[name])
        pod["spec"] |= finite.get(name, {})
        if family == "finite":
            for container in pod["spec"].get("initContainers", ()):
                container.pop("lifecycle", None)
        yield _filled(item, pod)


def _wanted_pod(value: object) -> str | None:
    if isinstance(value, list):
        return next((found for one in value if (found := _wanted_pod(one)) is not None), None)
    if not isinstance(value, dict):
        return None
    for key, one in value.items():
        found = str(one) if key in ("$pod", "$template") else _wanted_pod(one)
        if found is not None:
            return found
    return None


def _filled(value: Any, pod: Object) -> Any:
    if not isinstance(value, dict):
        return value
    filled: Object = {}
    for key, one in value.items():
        if key == "$template":
            filled["template"] = pod
        elif key == "$pod":
            filled["spec"] = pod["spec"]
        else:
            filled[key] = _filled(one, pod)
    return filled


def _with_request(item: Object) -> Object:
    if item["kind"] != "CertificateSigningRequest":
        return item
    return {**item, "spec": {**item["spec"], "request": b64encode(signing_request("seed")).decode()}}


def each_without_one(seed: Object) -> Iterator[Object]:
    """A seed without this part, without that part, and so on."""
    for number in range(len(list(_places(seed, 0)))):
        found = deepcopy(seed)
        holder, key = list(_places(found, 0))[number]
        del holder[key]
        yield found


def lesser(seed: Object, random: Random) -> Object:
    """A seed without some of its parts, any of them but its name."""
    found = deepcopy(seed)
    for _ in range(random.randint(1, 4)):
        places = list(_places(found, 0))
        if not places:
            break
        holder, key = random.choice(places)
        del holder[key]
    return found


def _places(value: Any, depth: int) -> Iterator[tuple[Any, Any]]:
    """Whatever may be taken away: a key of a mapping, or all but the first element of a list."""
    if isinstance(value, dict):
        for key, one in value.items():
            if depth > 0 or key not in ("apiVersion", "kind", "metadata"):
                yield value, key
                yield from _places(one, depth + 1)
    elif isinstance(value, list):
        for index, one in enumerate(value):
            if index:
                yield value, index
            yield from _places(one, depth + 1)
