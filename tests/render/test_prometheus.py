"""The textfile for a node exporter."""

import re

from msgspec.structs import replace

from daytwo.render import prometheus
from daytwo.render.view import View
from tests.render.shop import CRASH_LOOP, shop, whole_shop

SAMPLE = re.compile(r'^(?P<name>[a-z_]+)\{(?P<labels>([a-z_]+="([^"\\\n]|\\[\\n"])*",?)*)\} (?P<value>-?[0-9.e+]+)$')


def test_every_line_is_help_type_or_a_sample_and_each_family_is_whole() -> None:
    told = prometheus.review(whole_shop(), View())
    assert told.endswith("\n")
    family = ""
    for row in told.splitlines():
        if row.startswith("# HELP "):
            family = row.split(" ")[2]
        elif row.startswith("# TYPE "):
            assert row == f"# TYPE {family} gauge"
        else:
            match = SAMPLE.match(row)
            assert match, row
            assert match["name"] == family


def test_no_series_stands_twice() -> None:
    rows = [row.rpartition(" ")[0] for row in prometheus.review(whole_shop(), View()).splitlines() if not row.startswith("#")]
    assert len(rows) == len(set(rows))


def test_problems_of_today_and_this_week_are_series_and_hygiene_is_counted() -> None:
    told = prometheus.review(whole_shop(), View())
    assert (
        'daytwo_problem{cluster="shop-prod",id="3f2a91c07d",subject="shop/payments",horizon="today",severity="critical"} 1\n'
        'daytwo_problem{cluster="shop-prod",id="84be1d5500",subject="node ip-10-2-3-4",horizon="today",severity="high"} 1\n'
    ) in told
    assert told.count("daytwo_problem{") == 4
    assert 'daytwo_problems{cluster="shop-prod",horizon="hygiene",severity="low"} 8\n' in told
    assert 'daytwo_problems{cluster="shop-prod",horizon="hygiene",severity="critical"} 0\n' in told


def test_findings_coverage_gaps_and_time() -> None:
    told = prometheus.review(whole_shop(), View())
    assert 'daytwo_findings{cluster="shop-prod",check="workloads/crash-looping",severity="high"} 2\n' in told
    assert 'daytwo_unknown_findings{cluster="shop-prod",check="certificates/expiring"} 1\n' in told
    assert 'daytwo_coverage_ratio{cluster="shop-prod"} 0.9702380952380952\n' in told
    assert 'daytwo_gaps{cluster="shop-prod"} 2\n' in told
    assert 'daytwo_snapshot_timestamp_seconds{cluster="shop-prod"} 1795161600\n' in told


def test_hostile_names_end_no_label_and_no_line() -> None:
    evil = replace(CRASH_LOOP, subject='a"} 1\nfake{x="\\')
    rows = [row for row in prometheus.review(shop(evil), View()).splitlines() if row.startswith("daytwo_problem{")]
    assert len(rows) == 1
    assert SAMPLE.match(rows[0])
