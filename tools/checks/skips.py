# SPDX-License-Identifier: Apache-2.0
#
# A test that leaves something out says so in the words that tools/dev/test_summary.py looks for,
# `not run: PART`, in a place where they are printed.
import re

TESTS = re.compile(r"^(tests|web)/.*(/run|\.(py|sh|mjs|ts|tsx))$")
SKIP = re.compile(r"\bskipTest\(|\bSkipTest\(|@(?:unittest\.)?skip\w*\(|\bt\.skip\("
                  r"|\b(?:test|it|describe)\.skip\(")
WORDS = re.compile(r"""[fr]?["'`]not run: \S""")
MAIN = re.compile(r"\bunittest\.main\(")


def check(root, names):
    """The problems among the files `names`, as (file, line, text)."""
    return [(name, line, text) for name in names if TESTS.match(name)
            for line, text in check_file((root / name).read_text(errors="replace"))]


def check_file(text):
    problems = []
    skips = list(SKIP.finditer(text))
    for skip in skips:
        if not WORDS.search(arguments(text, skip.end())):
            problems.append((text.count("\n", 0, skip.start()) + 1,
                             "a skipped test says what is left out: `not run: PART`"))
    for main in MAIN.finditer(text):
        if skips and "verbosity=2" not in arguments(text, main.end()):
            problems.append((text.count("\n", 0, main.start()) + 1,
                             "unittest prints why it skips only with verbosity=2"))
    return problems


def arguments(text, begin):
    """From `begin`, after a parenthesis, to the one that closes it."""
    depth = 1
    for position in range(begin, len(text)):
        depth += {"(": 1, ")": -1}.get(text[position], 0)
        if depth == 0:
            return text[begin:position]
    return text[begin:]
