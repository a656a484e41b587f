#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The last lines of a test run, from ctest's JUnit file: what was not run, and the count.

    tools/dev/test_summary.py JUNIT [--report FILE --seconds N]

A test whose real part cannot be had on this machine prints a line `not run: PART` and passes with
the rest, or ends with 77 when nothing is left. With --report the run is also written as a page of
Markdown. Exits with 1 when a test failed or none ran."""
import argparse
import datetime
import os
import pathlib
import re
import subprocess
import sys
import xml.etree.ElementTree

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Anywhere in a line: unittest writes its own words before it, and quotes the reason of a skip.
NOT_RUN = re.compile(r"""(['"]?)\bnot run: (\S.*?)\1\s*$""", re.M)


class Outcome:
    def __init__(self, case):
        self.name = case.get("name")
        self.seconds = float(case.get("time") or 0)
        self.status = {"run": "passed", "fail": "failed"}.get(case.get("status"), "skipped")
        self.parts = [match[2] for match in NOT_RUN.finditer(case.findtext("system-out") or "")]
        if self.status == "skipped" and not self.parts:
            self.parts = [self.name]


def read(path):
    return [Outcome(case) for case in xml.etree.ElementTree.parse(path).getroot().iter("testcase")]


def count(outcomes):
    of = {status: sum(outcome.status == status for outcome in outcomes)
          for status in ("passed", "failed", "skipped")}
    skipped = f", {of['skipped']} skipped" if of["skipped"] else ""
    return f"{of['passed']} passed, {of['failed']} failed{skipped}"


def not_run(outcomes):
    """Each part once, in the order of the tests that named it."""
    parts = dict.fromkeys(part for outcome in outcomes for part in outcome.parts)
    return list(parts) or ["nothing"]


def git(*args):
    return subprocess.run(["git", *args], cwd=ROOT, check=True, capture_output=True,
                          text=True).stdout.strip()


def commit(report):
    changed = git("status", "--porcelain", "--untracked-files=no", "--", ".", f":!{report}")
    return git("rev-parse", "--short=12", "HEAD") + (" with changes" if changed else "")


def memory_gib():
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / (1 << 30)


def minutes(seconds):
    return f"{int(seconds) // 60} min {int(seconds) % 60} s"


def page(outcomes, report, seconds):
    lines = [
        "# Report of `./dev test --all`", "",
        "Written by the run itself: every check and test, also those that take too long for every "
        "change.", "",
        f"| | |\n|---|---|\n| date | {datetime.datetime.now(datetime.timezone.utc):%Y-%m-%d} |",
        f"| commit | {commit(report)} |",
        f"| machine | {len(os.sched_getaffinity(0))} cores, {memory_gib():.0f} GiB memory |",
        f"| tests | {count(outcomes)} |",
        f"| whole run | {minutes(seconds)}, from set-up and builds to the last test |", "",
        "## Not run", "",
        *[f"- not run: {part}" for part in not_run(outcomes)], "",
        "## Time per test", "",
        "Several tests run at once, so the sum is more than the run took.", "",
        "| test | result | seconds |", "|---|---|---:|",
        *[f"| {outcome.name} | {outcome.status} | {outcome.seconds:.1f} |"
          for outcome in sorted(outcomes, key=lambda outcome: -outcome.seconds)],
    ]
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("junit")
    parser.add_argument("--report", help="the page to write, relative to the root")
    parser.add_argument("--seconds", type=float, default=0, help="that the whole run took")
    options = parser.parse_args()
    outcomes = read(options.junit)
    if options.report:
        (ROOT / options.report).write_text(page(outcomes, options.report, options.seconds))
        print(f"{options.report} is written")
    for part in not_run(outcomes):
        print(f"not run: {part}")
    print(f"tests: {count(outcomes)}")
    return 0 if outcomes and all(outcome.status != "failed" for outcome in outcomes) else 1


sys.exit(main())
