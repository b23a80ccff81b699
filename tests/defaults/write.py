"""Measures what the API server fills in and writes it down: `python -m tests.defaults.write`. Takes a minute."""

import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from random import Random
from typing import Final

import msgspec

from daytwo.sources.manifests.defaults import FOLDER, Rule
from tests.defaults.learn import learned
from tests.defaults.seeds import each_without_one, lesser, seeds
from tests.defaults.server import answer, plain_server
from tests.servers.client import Client, Object

_MORE: Final = 40


def asked(random: Random) -> Iterator[Object]:
    """Every seed, every seed without each of its parts, and seeds without some."""
    for seed in seeds():
        yield seed
        yield from each_without_one(seed)
        for _ in range(_MORE):
            yield lesser(seed, random)


def answers(client: Client, objects: Iterable[Object]) -> dict[str, list[tuple[Object, Object]]]:
    """By kind, what was sent with what came back; what the server refuses is left out."""
    found: dict[str, list[tuple[Object, Object]]] = defaultdict(list)
    for sent in objects:
        answered = answer(client, sent)
        if answered is not None:
            found[f"{sent['apiVersion']} {sent['kind']}"].append((sent, answered))
    return found


def table(version: str, rules: dict[str, tuple[Rule, ...]]) -> str:
    """One rule a line, so that a change of one is one line of a diff."""
    kinds = []
    for kind in sorted(rules):
        lines = ",\n".join(f"   {msgspec.json.encode(rule).decode()}" for rule in rules[kind])
        kinds.append(f"  {json.dumps(kind)}: [\n{lines}\n  ]" if lines else f"  {json.dumps(kind)}: []")
    return f'{{\n "kubernetes": {json.dumps(version)},\n "rules": {{\n' + ",\n".join(kinds) + "\n }\n}\n"


def main() -> int:
    with plain_server() as client:
        server = client.request("GET", "/version")
        found = answers(client, asked(Random(0)))
    minor = f"{server['major']}.{server['minor'].rstrip('+')}"
    file = FOLDER / f"{minor}.json"
    file.write_text(table(server["gitVersion"], {kind: learned(kind, seen) for kind, seen in found.items()}), encoding="utf-8")
    sys.stdout.write(f"{file}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
