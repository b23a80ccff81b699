"""Exemptions are read whole or refused with their place."""

import os
from datetime import date
from pathlib import Path

import pytest

from daytwo.model.errors import UsageError
from daytwo.model.selector import parse_selector
from daytwo.sources.exemptions import find_exemptions, parse_annotation, read_exemptions

WHOLE = """\
exemptions:
  - check: workloads/crash-looping
    kind: Deployment
    namespace: shop
    name: web
    selector: app=web,tier in (front)
    item: app
    reason: it is being rewritten
    owner: team-shop
    ticket: SHOP-12
    expires: 2026-12-31
  - {check: network, reason: a lab, owner: me}
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "exemptions.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_every_field_is_read_with_the_place_of_its_entry(tmp_path: Path) -> None:
    path = written(tmp_path, WHOLE)
    first, second = read_exemptions(path)
    assert (first.check, first.kind, first.namespace, first.name, first.item) == (
        "workloads/crash-looping",
        "Deployment",
        "shop",
        "web",
        "app",
    )
    assert first.selector == parse_selector("app=web,tier in (front)")
    assert (first.reason, first.owner, first.ticket, first.expires) == (
        "it is being rewritten",
        "team-shop",
        "SHOP-12",
        date(2026, 12, 31),
    )
    assert first.place == f"{path}:2:5"
    assert (second.check, second.expires, second.place) == ("network", None, f"{path}:12:5")


ONE = "exemptions:\n  - {check: network, reason: x, owner: y}\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("exemptions:\n  - check: workloads/crash-lopping\n", '2:12: there is no check "workloads/crash-lopping"; did you mean'),
        ("exemptions:\n  - check: workloads/crash\n", '2:12: there is no check "workloads/crash"'),
        (
            "exemptions:\n  - {check: network, reason: x, owner: y, expire: 2026-01-01}\n",
            'no field of an exemption "expire"; did you mean "expires"?',
        ),
        ("exemptions:\n  - {check: network, owner: y}\n", '2:5: "reason" is missing: write why this is accepted'),
        ("exemptions:\n  - {check: network, reason: x}\n", '2:5: "owner" is missing: write who decided it'),
        ("exemptions:\n  - {check: network, reason: ' ', owner: y}\n", "2:5: reason is empty"),
        ("exemptions:\n  - {check: network, reason: x, owner: y, expires: soon}\n", '"soon" is no date; write one such as 2026-12-31'),
        ("exemptions:\n  - {check: network, reason: x, owner: y, selector: 'a in b'}\n", "is not a label selector"),
        ("exemption:\n  - check: network\n", '1:1: there is no field of an exemption "exemption"; did you mean "exemptions"?'),
        ("exemptions: {}\n", "exemptions is a list"),
        ("- check: network\n", "exemptions begin with one of exemptions"),
        ("exemptions: [\n", "is no YAML"),
    ],
)
def test_what_is_wrong_is_refused_with_its_place(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(UsageError) as refused:
        read_exemptions(written(tmp_path, text))
    assert told in str(refused.value)
    assert str(refused.value).startswith(str(tmp_path / "exemptions.yaml"))


def test_an_annotation_holds_the_same_entries() -> None:
    (one,) = parse_annotation("- check: network\n  reason: x\n  owner: y\n", "Deployment shop/web")
    assert (one.check, one.reason, one.place) == ("network", "x", "Deployment shop/web")


def test_a_named_file_must_be_there_and_one_in_the_folder_is_found(tmp_path: Path) -> None:
    assert find_exemptions(None, tmp_path) is None
    path = written(tmp_path, "")
    assert find_exemptions(None, tmp_path) == path
    assert read_exemptions(path) == ()
    with pytest.raises(UsageError, match=r"--exemptions: there is no file"):
        find_exemptions(tmp_path / "other.yaml", tmp_path)
    with pytest.raises(UsageError, match=r"--exemptions: .* is a folder; name a file"):
        find_exemptions(tmp_path, tmp_path)


def test_what_is_no_file_on_disk_is_read_all_the_same(tmp_path: Path) -> None:
    """Such as <(generate-exemptions); it gives its text once, and is asked for more than once."""
    assert find_exemptions(Path("/dev/null"), tmp_path) == Path("/dev/null")
    assert read_exemptions(Path("/dev/null")) == ()
    reading, writing = os.pipe()
    with os.fdopen(writing, "w") as pipe:
        pipe.write(ONE)
    path = Path(f"/dev/fd/{reading}")
    assert find_exemptions(path, tmp_path) == path
    assert [one.check for one in read_exemptions(path)] == ["network"]
    assert len(read_exemptions(path)) == 1
    os.close(reading)
