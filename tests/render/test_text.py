"""The screen that a tired person reads."""

import re

from msgspec.structs import replace

from daytwo.model.command import Next, kubectl
from daytwo.model.finding import Evidence, Since
from daytwo.model.gap import Gap
from daytwo.model.problem import ChangeSeen
from daytwo.model.ref import Cell, Ref
from daytwo.model.report import Coverage, GapSeen, Mark
from daytwo.model.severity import Heading
from daytwo.render import text
from daytwo.render.view import View
from tests.render.shop import CRASH_LOOP, EXPIRING, NODE_LOST, VAULT, at, hygiene, shop, whole_shop

WIDE = View()


def lines(told: str) -> list[str]:
    return told.splitlines()


def test_the_whole_screen() -> None:
    """The sample screen of the issue, piped."""
    assert text.review(whole_shop(), WIDE) == (
        "shop-prod · looked at 2026-11-20 08:00 UTC · 1,204 objects, 14 namespaces · Kubernetes v1.36.2 · coverage 97 %\n"
        "\n"
        "TODAY  2\n"
        " 1  CRITICAL  shop/payments  2 of 3 pods are crash-looping since 07:12: out of memory (limit 256Mi, 14 restarts)\n"
        "      know    pod payments-7c9d-x2x: last state OOMKilled 07:58;"
        " revision 9 rolled out 07:09, revision 8 had been current for 12 days (by helm)\n"
        "      log     fatal: \\x1b[31mcannot allocate\\x1b[0m (the last 3 lines: daytwo problem 1)\n"
        "      next    kubectl -n shop rollout undo deployment/payments --to-revision=8\n"
        "              Helm owns it: the next upgrade brings revision 9 back unless the chart changes too\n"
        " 2  HIGH      node ip-10-2-3-4  not ready since 07:40: kubelet stopped reporting;"
        " 11 pods of 6 workloads on it, 2 workloads have no other replica\n"
        "      know    lease last renewed 07:39; condition Ready is Unknown (NodeStatusUnknown) 07:40\n"
        "      next    kubectl get pods -A --field-selector spec.nodeName=ip-10-2-3-4\n"
        "\n"
        "THIS WEEK  2\n"
        " 3  MEDIUM    edge/shop-example-tls  certificate for shop.example expires in 6 days (26 Nov 08:00)\n"
        " 4  MEDIUM    shop/checkout  the autoscaler gets no metrics at least since Wed 04:02: v1beta1.metrics.k8s.io does not answer\n"
        "\n"
        "HYGIENE  8      reliability 6 · resources 2      daytwo check\n"
        "COULD NOT LOOK  2  secrets in namespace vault: forbidden for user viewer → 4 checks unknown\n"
        "                   node metrics: v1beta1.metrics.k8s.io answers 503\n"
    )


def test_at_eighty_columns_nothing_but_commands_is_wider() -> None:
    for row in lines(text.review(whole_shop(), View(width=80))):
        assert len(row) <= 80 or "kubectl" in row, row
    assert "      next    kubectl -n shop rollout undo deployment/payments --to-revision=8" in text.review(whole_shop(), View(width=60))


def test_an_empty_today_says_how_much_was_seen() -> None:
    assert "TODAY  0\n  Nothing needs you today: 1,204 objects in 14 namespaces were judged, and nothing was hidden.\n" in (
        text.review(shop(EXPIRING), WIDE)
    )


def test_an_empty_today_with_gaps_is_not_an_all_clear() -> None:
    told = text.review(shop(gaps=(GapSeen(VAULT, ()),), coverage=Coverage(62, 100)), WIDE)
    assert (
        "Nothing found in 1,204 objects in 14 namespaces, but 38 % of what was asked for could not be read. This is not an all-clear."
        in told
    )


def test_coverage_is_whole_only_when_nothing_is_missing() -> None:
    assert "coverage 99.98 %" in text.review(shop(coverage=Coverage(9998, 10000)), WIDE)
    assert "coverage 100 %" in text.review(shop(), WIDE)


def test_limits_stand_in_the_header_and_in_the_empty_list() -> None:
    told = text.review(shop(), View(limits="only namespace pay"))
    assert lines(told)[0].endswith("coverage 100 % · only namespace pay")
    assert "Nothing needs you today within these limits (only namespace pay)" in told


def test_ten_problems_of_today_are_shown_and_the_rest_is_counted() -> None:
    problems = [replace(NODE_LOST, id=f"{index:010x}", subject=f"node n{index}") for index in range(13)]
    week = [replace(EXPIRING, id=f"f{index:09x}") for index in range(17)]
    told = text.review(shop(*problems, *week), WIDE)
    assert "TODAY  13" in told
    assert "10  HIGH      node n9 " in told
    assert "node n10 " not in told
    assert "    and 3 more: --all\n" in told
    assert "THIS WEEK  17" in told
    assert "    and 2 more: --all\n" in told


def test_numbers_go_on_where_the_hidden_ones_end() -> None:
    """The number is the one that `daytwo problem` takes, whatever is shown."""
    problems = [replace(NODE_LOST, id=f"{index:010x}") for index in range(13)]
    assert "\n14  MEDIUM    edge/shop-example-tls" in text.review(shop(*problems, EXPIRING), WIDE)
    told = text.review(shop(*problems, EXPIRING, hygiene(99, Heading.SECURITY)), View(is_all=True))
    assert "\n13  HIGH " in told
    assert "\n15  LOW       shop/worker-99  one replica" in told


def test_a_look_compared_with_an_earlier_one_marks_each_problem() -> None:
    report = replace(
        shop(CRASH_LOOP, EXPIRING),
        marks={CRASH_LOOP.id: Mark.NEW, EXPIRING.id: Mark.STILL},
        gone=(NODE_LOST,),
        compared_with=at("2026-11-19T08:00"),
    )
    told = text.review(report, WIDE)
    assert "compared with 2026-11-19 08:00 UTC" in lines(told)[0]
    assert " 1  CRITICAL  new    shop/payments  2 of 3" in told
    assert " 2  MEDIUM    still  edge/shop-example-tls  certificate" in told
    assert "GONE  1\n    HIGH      node ip-10-2-3-4  not ready: kubelet stopped reporting;" in told


def test_new_only_leaves_out_what_was_there_before_and_what_is_gone() -> None:
    report = replace(
        shop(CRASH_LOOP, EXPIRING),
        marks={CRASH_LOOP.id: Mark.STILL, EXPIRING.id: Mark.NEW},
        gone=(NODE_LOST,),
        compared_with=at("2026-11-19T08:00"),
    )
    told = text.review(report, View(new_only=True))
    assert "TODAY  0\n  Nothing new needs you today.\n" in told
    assert " 2  MEDIUM    new    edge/shop-example-tls" in told
    assert "GONE" not in told


def test_since_stands_at_its_place_or_at_the_end() -> None:
    there = replace(NODE_LOST, title="not ready{since}: kubelet stopped")
    nowhere = replace(NODE_LOST, title="not ready")
    unknown = replace(NODE_LOST, title="not ready{since}: kubelet stopped", since=None)
    least = replace(NODE_LOST, title="not ready{since}", since=Since(at("06:00"), exact=False))
    assert "not ready since 07:40: kubelet stopped\n" in text.review(shop(there), WIDE)
    assert "not ready · since 07:40\n" in text.review(shop(nowhere), WIDE)
    assert "not ready: kubelet stopped\n" in text.review(shop(unknown), WIDE)
    assert "not ready at least since 06:00\n" in text.review(shop(least), WIDE)


def test_a_step_without_a_command_says_why_there_is_none() -> None:
    told = text.review(shop(replace(NODE_LOST, next=Next(note="only its owner can raise the quota"))), WIDE)
    assert "      next    only its owner can raise the quota\n" in told


def test_alike_gaps_of_many_namespaces_are_one_line() -> None:
    gaps = tuple(
        GapSeen(
            Gap("kubernetes", f"secrets in namespace n{index:04}", "forbidden for user viewer", Cell("Secret", f"n{index:04}")), ("a/b",)
        )
        for index in range(1000)
    )
    told = text.review(shop(gaps=gaps, coverage=Coverage(1, 2)), WIDE)
    assert (
        "COULD NOT LOOK  1,000  secrets in 1,000 namespaces (n0000, n0001, n0002 and 997 more): forbidden for user viewer"
        " → 1 check unknown\n"
    ) in told


def test_kinds_hidden_in_the_same_places_for_the_same_reason_are_one_line() -> None:
    reason = "forbidden for user viewer"
    namespaced = [
        Gap("kubernetes", f"{kind} in 8 namespaces (data, default, …)", reason, Cell(kind)) for kind in ("pods", "jobs", "secrets")
    ]
    wide = [Gap("kubernetes", kind, reason, Cell(kind)) for kind in ("nodes", "persistentvolumes", "csinodes", "leases", "csrs")]
    gaps = tuple(GapSeen(gap, (f"x/{gap.wanted.partition(' ')[0]}",)) for gap in (*namespaced, *wide))
    assert text.review(shop(gaps=gaps), WIDE).endswith(
        "COULD NOT LOOK  8  nodes, persistentvolumes, csinodes, leases and 1 more: forbidden for user viewer → 5 checks unknown\n"
        "                   pods, jobs and secrets in 8 namespaces (data, default, …): forbidden for user viewer → 3 checks unknown\n"
    )
    assert text.review(shop(gaps=gaps), View(is_all=True)).count("forbidden") == 8


def test_many_different_gaps_are_cut_and_counted() -> None:
    gaps = tuple(GapSeen(Gap("kubernetes", f"kind{index}", f"timed out after {index} s", Cell(f"Kind{index}")), ()) for index in range(9))
    told = text.review(shop(gaps=gaps), WIDE)
    assert "and 4 more: --all" in told
    assert "kind8" in text.review(shop(gaps=gaps), View(is_all=True))


def test_a_hostile_name_is_shown_and_never_obeyed() -> None:
    evil = replace(
        CRASH_LOOP,
        subject="shop/\x1b]0;owned\x07",
        title="\u202egpj.exe\nFAKE LINE",
        next=Next(repair=kubectl("delete", "pod", "x\x1b[2J;rm -rf")),
    )
    for told in (text.review(shop(evil), WIDE), text.problem(shop(evil), evil, WIDE)):
        assert not [character for character in told if character != "\n" and not character.isprintable()]
        assert "\nFAKE LINE" not in told


def test_colours_carry_no_meaning_alone() -> None:
    plain = text.review(whole_shop(), View(width=100))
    coloured = text.review(whole_shop(), View(width=100, is_coloured=True))
    assert "\x1b[1;31mCRITICAL" in coloured
    assert "\x1b[35mcoverage 97 %" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain


def test_a_log_shows_its_last_line_and_all_lines_when_all_is_asked_for() -> None:
    assert "      log     loading 1.2 GB of rates\n" not in text.review(shop(CRASH_LOOP), WIDE)
    told = text.review(shop(CRASH_LOOP), View(is_all=True))
    assert (
        "      log     starting payments 2.14.0\n"
        "              loading 1.2 GB of rates\n"
        "              fatal: \\x1b[31mcannot allocate\\x1b[0m\n"
    ) in told


def test_a_problem_whole() -> None:
    assert text.problem(whole_shop(), CRASH_LOOP, WIDE) == (
        "shop-prod · looked at 2026-11-20 08:00 UTC · 1,204 objects, 14 namespaces · Kubernetes v1.36.2 · coverage 97 %\n"
        "\n"
        "1  CRITICAL  TODAY  shop/payments  id 3f2a91c07d\n"
        "2 of 3 pods are crash-looping since 07:12: out of memory (limit 256Mi, 14 restarts)\n"
        "\n"
        "today     users reach it through Ingress shop/web, and 1 of 3 replicas is left\n"
        "for       48 min, since 07:12\n"
        "know      pod payments-7c9d-x2x: last state OOMKilled 07:58\n"
        "log       starting payments 2.14.0\n"
        "          loading 1.2 GB of rates\n"
        "          fatal: \\x1b[31mcannot allocate\\x1b[0m\n"
        "changed   revision 9 rolled out 07:09, revision 8 had been current for 12 days (by helm)\n"
        "timeline  07:09:00  revision 9 rolled out\n"
        "          07:12:00  pod payments-7c9d-x2x: container app OOMKilled, exit code 137\n"
        "          07:15:00  pod payments-7c9d-k8m: container app OOMKilled, exit code 137\n"
        "affected  shop/payments (Deployment)  1 of 3 ready · users reach it through Ingress shop/web\n"
        "          ├ pods      payments-7c9d-k8m, payments-7c9d-p4q and payments-7c9d-x2x\n"
        "          ├ nodes     ip-10-2-1-7, ip-10-2-3-9 and ip-10-2-5-2\n"
        "          ├ zones     eu-west-1a, eu-west-1b and eu-west-1c\n"
        "          └ services  payments\n"
        "\n"
        "confirm   kubectl -n shop logs payments-7c9d-x2x -c app --previous --tail=50\n"
        "repair    kubectl -n shop rollout undo deployment/payments --to-revision=8\n"
        "note      Helm owns it: the next upgrade brings revision 9 back unless the chart changes too\n"
        "\n"
        "joins     2 findings: workloads/crash-looping ×2\n"
        "explain   daytwo explain workloads/crash-looping\n"
    )


def test_the_change_is_told_once() -> None:
    change = ChangeSeen(at("07:09"), "revision 9 rolled out", "rollout", who="helm")
    twice = replace(CRASH_LOOP, change=change, know=(Evidence("revision 9 rolled out, by helm", at("07:09")),))
    assert "      know    revision 9 rolled out, by helm 07:09\n" in text.review(shop(twice), WIDE)
    told = text.problem(shop(twice), twice, WIDE)
    assert "changed   revision 9 rolled out 07:09 (by helm)\n" in told
    assert "know" not in told


def test_of_many_workloads_only_the_hurt_ones_show_their_pods() -> None:
    hurt = CRASH_LOOP.affected[0]
    whole = [replace(hurt, ready=3, workload=Ref("Deployment", "shop", f"w{index}")) for index in range(14)]
    many = replace(CRASH_LOOP, affected=(hurt, *whole))
    told = text.problem(shop(many), many, WIDE)
    assert told.count("├ pods") == 1
    assert "          shop/w0 (Deployment)  3 of 3 ready" in told
    assert "          and 3 more workloads: -o json\n" in told


def test_a_problem_with_little_known_has_no_empty_parts() -> None:
    told = text.problem(shop(EXPIRING), EXPIRING, WIDE)
    assert "due       in 6 days (26 Nov 08:00)\n" in told
    for label in ("know", "log", "changed", "timeline", "affected", "repair", "note", "for "):
        assert f"\n{label}" not in told
