"""Who owns what is read from a mapping file and from the catalogue's entities."""

from pathlib import Path

import pytest

from daytwo.model.errors import UsageError
from daytwo.model.json import Object
from daytwo.model.ownership import Entry, Ownership, team_name
from daytwo.model.ref import Ref
from daytwo.model.selector import Selector, parse_selector
from daytwo.sources.ownership import entries_of, files_below, find_owners, read_owners

WEB = Ref("Deployment", "shop", "web")


def written(folder: Path, text: str) -> Path:
    path = folder / "owners.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_mapping_file_names_teams_and_their_objects(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        """\
teams: [shop, platform]
owners:
  - owner: group:default/shop
    namespace: shop
    tier: "1"
    runbook: docs/shop.md
  - {owner: platform, kind: DaemonSet, selector: "app in (logs, metrics)", on_call: https://pager.test/platform}
""",
    )
    found = read_owners(path)
    assert found.teams == ("shop", "platform")
    assert found.entries[0] == Entry(owner="shop", namespace="shop", tier="1", runbook="docs/shop.md", place=f"{path}:3:5")
    assert found.entries[1].selector == parse_selector("app in (logs, metrics)")
    assert found.entries[1].covers(Ref("DaemonSet", "any", "x"), {}, {"app": "logs"})
    assert not found.entries[1].covers(WEB, {}, {"app": "logs"})


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("owners:\n  - owner: shop\n    namespce: shop\n", ':3:5: there is no field of an owner "namespce"; did you mean "namespace"?'),
        ("owners:\n  - namespace: shop\n", ':2:5: "owner" is missing: write the team that looks after these objects'),
        ("owners:\n  - owner: ''\n    namespace: shop\n", ":2:5: owner is empty"),
        ("owners:\n  - owner: shop\n", ":2:5: says of no object that shop owns it; write namespace, kind, name or selector"),
        ("teams: [shop]\nowners:\n  - owner: shpo\n    namespace: shop\n", 'there is no team "shpo" among teams; did you mean "shop"?'),
        ("owners:\n  - owner: shop\n    selector: 'a!!b'\n", ":2:5: selector: "),
        ("owner:\n  - owner: shop\n", ':1:1: there is no field of an owner "owner"; did you mean "owners"?'),
        ("owners: [\n", "is no YAML"),
    ],
)
def test_what_is_misspelt_is_refused_with_its_place(text: str, says: str, tmp_path: Path) -> None:
    path = written(tmp_path, text)
    with pytest.raises(UsageError) as refused:
        read_owners(path)
    assert says in str(refused.value)
    assert str(refused.value).startswith(str(path))


def test_an_empty_file_says_nothing(tmp_path: Path) -> None:
    assert read_owners(written(tmp_path, "")) == Ownership()


def test_the_file_is_looked_for_here_unless_it_is_named(tmp_path: Path) -> None:
    assert find_owners(None, tmp_path) is None
    path = written(tmp_path, "")
    assert find_owners(None, tmp_path) == path
    with pytest.raises(UsageError, match="--owners: there is no file"):
        find_owners(tmp_path / "other.yaml", tmp_path)
    assert find_owners(Path("/dev/null"), tmp_path) == Path("/dev/null")


def test_catalogue_entities_are_linked_by_id_or_selector() -> None:
    """As Backstage does: where an entity has a selector, it goes by that."""
    cart: Object = {
        "apiVersion": "backstage.io/v1alpha1",
        "kind": "Component",
        "metadata": {
            "name": "cart",
            "annotations": {
                "backstage.io/kubernetes-id": "cart",
                "backstage.io/kubernetes-namespace": "shop",
                "pagerduty.com/service-id": "PX1",
            },
            "links": [{"url": "https://wiki/cart", "type": "runbook"}],
        },
        "spec": {"owner": "group:default/shop"},
    }
    search: Object = {
        "apiVersion": "backstage.io/v1alpha1",
        "kind": "Component",
        "metadata": {"annotations": {"backstage.io/kubernetes-id": "x", "backstage.io/kubernetes-label-selector": "app=search"}},
        "spec": {"owner": "team-search"},
    }
    unlinked: Object = {"apiVersion": "backstage.io/v1alpha1", "kind": "Group", "metadata": {"name": "shop"}, "spec": {}}
    odd: Object = {"apiVersion": "backstage.io/v1alpha1", "kind": "Component", "metadata": ["?"], "spec": "?"}
    web: Object = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"annotations": {"backstage.io/kubernetes-id": "cart"}}}
    found = entries_of([(cart, "catalog-info.yaml:1:1"), (search, "s.yaml:1:1"), (unlinked, "g"), (odd, "o"), (web, "w")])
    assert found == (
        Entry(
            owner="shop",
            kubernetes_id="cart",
            namespace="shop",
            on_call="pagerduty.com/service-id",
            runbook="https://wiki/cart",
            place="catalog-info.yaml:1:1",
            is_of_catalog=True,
        ),
        Entry(owner="team-search", selector=parse_selector("app=search"), place="s.yaml:1:1", is_of_catalog=True),
    )
    assert found[0].covers(WEB, {}, {"backstage.io/kubernetes-id": "cart"})
    assert not found[0].covers(Ref("Deployment", "pay", "web"), {"backstage.io/kubernetes-id": "cart"}, {})
    assert found[1].covers(WEB, {"app": "search"}, {})


def test_an_entry_that_asks_for_nothing_is_about_nothing() -> None:
    assert not Entry(owner="shop").covers(WEB, {}, {})
    assert Entry(owner="shop", selector=Selector()).covers(WEB, {}, {})


def test_entity_references_are_known_by_their_last_part() -> None:
    assert [team_name(text) for text in ("group:default/shop", "user:jane", "default/shop", "shop", " shop ")] == [
        "shop",
        "jane",
        "shop",
        "shop",
        "shop",
    ]


def test_files_are_named_as_the_folder_was(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "web.md").write_text("", encoding="utf-8")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "config").write_text("", encoding="utf-8")
    (tmp_path / "web.yaml").write_text("", encoding="utf-8")
    assert files_below([str(tmp_path), str(tmp_path / "web.yaml")]) == (str(tmp_path / "docs" / "web.md"), str(tmp_path / "web.yaml"))
