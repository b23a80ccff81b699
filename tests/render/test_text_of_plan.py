"""A plan is read by somebody who is tired: what changes stands first, what is denied or unknown cannot be missed."""

import json as stdlib_json
import re
from datetime import timedelta

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from daytwo.domains.changes.policy import PolicyFacts
from daytwo.model.brakes import Brakes
from daytwo.model.json import Json
from daytwo.model.person import Person
from daytwo.model.plan import Diff, FieldDiff, Fighter
from daytwo.model.proposal import Proposal
from daytwo.render import fields
from daytwo.render.page import columns, lay_out
from daytwo.render.text_of_plan import proposal as text
from daytwo.settings import Acting, People
from tests.render.acting import (
    APPLY,
    APPLY_DIFF,
    AT,
    CLUSTER,
    DIFF,
    DRAIN,
    DRAIN_DIFFS,
    FOREIGN,
    PLAN,
    proposal,
)


def told(found: Proposal, width: int | None = 80, *, is_coloured: bool = False) -> str:
    return text(found, width=width, is_coloured=is_coloured)


def test_the_whole_page() -> None:
    """On 80 columns; what admission changes besides is told apart."""
    assert told(proposal(PLAN, DIFF)) == (
        "prod-eu · as ada@example.com (kubernetes) · Kubernetes v1.36.2\n"
        "\n"
        "scale deployment shop/web from 3 to 5  MUTATING  T1\n"
        "change    deployment shop/web  (scale)\n"
        "            spec.replicas  3 → 5\n"
        "            changed besides by admission:\n"
        '              metadata.annotations["policy.example.com/checked"]\n'
        '                absent → "true"\n'
        "then      2 pods start\n"
        "touches   1 workload\n"
        "undo      scale back to 3\n"
    )


def test_arrows_stand_below_each_other_where_there_is_room() -> None:
    assert told(proposal(APPLY, APPLY_DIFF), 120).splitlines()[3:12] == [
        "change    deployment shop/web",
        "            spec.template.spec.containers[web].image",
        "              registry.example.com/shop/web:1.4.2 → registry.example.com/shop/web:1.4.3",
        "            spec.template.spec.containers[web].resources.requests.cpu     absent → 100m",
        "            spec.template.spec.containers[web].resources.requests.memory  absent → 128Mi",
        '            metadata.labels.port                                          "80"   → 80',
        '            metadata.labels["app.kubernetes.io/name"]                     absent → web',
        "            spec.paused                                                   true   → absent",
        "beware    spec.example is deprecated",
    ]


def test_old_and_new_stand_below_each_other_where_there_is_none() -> None:
    assert told(proposal(APPLY, APPLY_DIFF), 60).splitlines()[5:10] == [
        "            spec.template.spec.containers[web].image",
        "                registry.example.com/shop/web:1.4.2",
        "              → registry.example.com/shop/web:1.4.3",
        "            spec.template.spec.containers[web].resources.requests.cpu",
        "              absent → 100m",
    ]


def test_steps_are_numbered_and_each_has_its_fields() -> None:
    rows = told(proposal(DRAIN, *DRAIN_DIFFS)).splitlines()
    assert rows[2] == "drain node node-a  DESTRUCTIVE  T3"
    assert rows[3:7] == [
        "steps     1  cordon node node-a",
        "             spec.unschedulable  absent → true",
        "          2  evict pod shop/web-0",
        "          3  evict pod shop/web-1",
    ]
    assert "touches   1 node · 1 workload · 2 pods end · up to 67 % of it away at once" in rows
    assert "undo      none: evicted pods do not move back" in rows


def test_a_diff_that_nobody_may_see_is_said_to_be_unknown() -> None:
    found = proposal(PLAN, Diff(unknown="you may not patch deployments/scale in namespace shop"))
    assert "            diff unknown: you may not patch deployments/scale in namespace shop\n" in told(found)


def test_what_policy_denies_is_told_with_its_reason() -> None:
    around = PolicyFacts(Acting(), AT, (DIFF,), brakes=Brakes("network is down", "bob", AT - timedelta(minutes=3)))
    assert (
        "policy    denied  the brakes were put on by bob 3 min ago: network is down\n            (`daytwo brakes off` takes them off)\n"
    ) in told(proposal(PLAN, DIFF, around=around))


def test_who_would_revert_it_is_told_with_how_we_know() -> None:
    fighter = Fighter("HPA shop/web", "sets the replicas itself", "its scaleTargetRef", "change its bounds")
    page = told(proposal(msgspec.structs.replace(PLAN, fighters=(fighter,)), DIFF), None)
    assert "reverts   HPA shop/web sets the replicas itself (its scaleTargetRef); change its bounds\n" in page
    later = Fighter("Helm release web", "sets it anew with the next upgrade", "its annotation", is_later=True)
    page = told(proposal(msgspec.structs.replace(PLAN, fighters=(later,)), DIFF), None)
    assert "later     Helm release web sets it anew with the next upgrade (its annotation)\n" in page


def test_what_could_not_be_seen_has_a_row_of_its_own() -> None:
    page = told(proposal(msgspec.structs.replace(PLAN, unknowns=("who owns it: applications may not be listed",)), DIFF))
    assert "unknown   who owns it: applications may not be listed\n" in page


def test_several_people_and_impersonation_are_told() -> None:
    around = PolicyFacts(Acting(people=People(mutating=2)), AT, (DIFF,), is_shared=True)
    page = told(proposal(PLAN, DIFF, around=around, person=Person("ada", "", "system:serviceaccount:ops:scaler")))
    assert page.startswith("prod-eu · as ada through system:serviceaccount:ops:scaler · Kubernetes v1.36.2\n")
    assert "policy    2 people must approve, whoever starts it included\n" in page


def test_nothing_to_do_is_told_in_two_lines() -> None:
    idle = msgspec.structs.replace(PLAN, steps=(), already="deployment shop/web already has 5 replicas")
    assert told(proposal(idle)).splitlines()[2:] == [
        "scale deployment shop/web from 3 to 5",
        "nothing   to do: deployment shop/web already has 5 replicas",
    ]


def test_a_foreign_command_is_shown_whole_and_quoted() -> None:
    page = told(proposal(FOREIGN, Diff(unknown="it is a foreign command")))
    assert "runs      kubectl delete pod 'x y'\n" in page
    assert "          diff unknown: it is a foreign command\n" in page


def test_what_blocks_it_is_told() -> None:
    page = told(proposal(msgspec.structs.replace(DRAIN, steps=(), blocked="disruption budget shop/web allows none")))
    assert "blocked   disruption budget shop/web allows none\n" in page


def test_colours_stand_for_meaning_and_change_no_text() -> None:
    painted = told(proposal(DRAIN, *DRAIN_DIFFS), is_coloured=True)
    assert "\x1b[1;31mDESTRUCTIVE\x1b[0m" in painted
    assert re.sub(r"\x1b\[[0-9;]*m", "", painted) == told(proposal(DRAIN, *DRAIN_DIFFS))


def test_what_a_cluster_says_steers_no_terminal() -> None:
    hostile = "evil\x1b[2J\u202e\nundo      scale back to 3"
    page = told(
        proposal(msgspec.structs.replace(PLAN, effects=(hostile,)), Diff(asked=(FieldDiff("/spec/\x1b[31m", hostile, hostile + "x"),)))
    )
    assert "\x1b" not in page
    assert "\u202e" not in page
    assert page.count("\nundo      scale back to 3\n") == 1


def test_many_fields_are_cut_and_counted() -> None:
    many = Diff(asked=(FieldDiff("/data", None, {f"k{number:03}": "v" for number in range(50)}),))
    page = told(proposal(APPLY, many))
    assert "and 10 more fields: -o json" in page


def test_values_are_told_apart_from_their_likes() -> None:
    values: list[tuple[Json, str]] = [
        (None, "absent"),
        ("absent", '"absent"'),
        (80, "80"),
        ("80", '"80"'),
        ("1e3", '"1e3"'),
        (True, "true"),
        ("true", '"true"'),
        ("", '""'),
        ("web:2", "web:2"),
        ("a b", '"a b"'),
        (["a", 1], '["a",1]'),
        ({}, "{}"),
        (0.5, "0.5"),
    ]
    assert [fields.value(value) for value, _ in values] == [told for _, told in values]


def test_paths_read_as_people_write_them() -> None:
    paths = {
        "/spec/replicas": "spec.replicas",
        "/spec/template/spec/containers/0/image": "spec.template.spec.containers[0].image",
        "/spec/template/spec/containers/[web]/image": "spec.template.spec.containers[web].image",
        "/metadata/annotations/example.com~1a~0b": 'metadata.annotations["example.com/a~b"]',
        "": "the whole object",
    }
    assert {pointer: fields.path_of(pointer) for pointer in paths} == paths


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text("ab\x1b →", max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab./", min_size=1, max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(JSON, JSON, st.sampled_from([None, 40, 80, 120]))
def test_each_leaf_that_differs_is_told_and_nothing_else(old: Json, new: Json, width: int | None) -> None:
    """Values that are equal give no row; different ones give at least one, whose words are never broken."""
    rows = fields.rows([FieldDiff("/x", old, new)], 12, width)
    same = stdlib_json.dumps(old, sort_keys=True) == stdlib_json.dumps(new, sort_keys=True)
    assert bool(rows) != same
    page = lay_out(rows, width=width, is_coloured=False)
    assert "\x1b" not in page
    if width is not None:
        assert all(columns(row) <= max(width, 12 + 4 + max(map(columns, row.split()), default=0) + 4) for row in page.splitlines())


def test_a_proposal_of_several_calls_shows_each() -> None:
    both = Proposal(CLUSTER, Person("ada"), (*proposal(PLAN, DIFF).items, *proposal(APPLY, APPLY_DIFF).items), undoes="r7k2")
    page = told(both)
    assert page.startswith("prod-eu · as ada · Kubernetes v1.36.2 · takes back run r7k2\n")
    assert page.index("scale deployment") < page.index("apply deployment")
