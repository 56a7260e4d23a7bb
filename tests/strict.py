"""A pytest plugin: the slow runs wait for --long, and a strict run lets no test be skipped.

Strict is a run with CI=true or OVERREAD_TEST_STRICT=1. There a skipped test fails, unless its
reason starts with "allowed:".
"""

import os
from collections.abc import Generator

import pytest

ALLOWED = "allowed:"
STRICT = os.environ.get("CI") == "true" or os.environ.get("OVERREAD_TEST_STRICT") == "1"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="also run the slow stress runs")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--long"):
        return
    wait = pytest.mark.skip(reason=f"{ALLOWED} a slow run, start it with bin/test --long")
    for item in items:
        if item.get_closest_marker("long"):
            item.add_marker(wait)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if not hasattr(report, "wasxfail"):
        _refuse_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    _refuse_skip(report)
    return report


def _refuse_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    if not STRICT or not report.skipped or not isinstance(report.longrepr, tuple):
        return
    reason = report.longrepr[2].removeprefix("Skipped: ")
    if not reason.startswith(ALLOWED):
        report.outcome = "failed"
        report.longrepr = f"Skipped in a strict run, where nothing may be: {reason}"
