# SPDX-License-Identifier: Apache-2.0
#
# Imports of the page's source follow the table in web/README.md. A row may name only folders of
# rows above it, so the table itself cannot permit a circle.
import posixpath
import re

README = "web/README.md"
SOURCE_DIR = "web/src"
SOURCE = re.compile(r"^web/src/.*\.tsx?$")
ROW = re.compile(r"\| `([\w.]+)` \|[^|]*\|([^|]*)\|$")
IMPORT = re.compile(r"""\b(?:from|import)\s*\(?\s*["'](\.[^"']*)["']""")


def check(root, names):
    """The problems among the files `names`, as (file, line, text)."""
    table, problems = read_table((root / README).read_text().splitlines())
    sources = [name for name in names if SOURCE.match(name)]
    folders = {folder_of(name) for name in names if name.startswith(SOURCE_DIR + "/")}
    problems += [(README, 1, f"has no row for {SOURCE_DIR}/{folder}")
                 for folder in sorted(folders - set(table))]
    problems += [(README, 1, f"has a row for {folder}, which is not in {SOURCE_DIR}")
                 for folder in sorted(set(table) - folders)]
    for name in sources:
        problems += check_file(name, (root / name).read_text(), table)
    return problems


def read_table(lines):
    """Folder → folders it may import, and what is wrong with the table."""
    table, problems = {}, []
    for number, line in enumerate(lines, 1):
        row = ROW.match(line)
        if not row:
            continue
        allowed = set(row[2].split())
        problems += [(README, number, f"{row[1]} names {folder}, which has no row above it")
                     for folder in sorted(allowed - set(table))]
        table[row[1]] = allowed
    return table, problems


def folder_of(name):
    """The part of `name` below web/src: a folder, or a file that lies in none."""
    return name.split("/")[2]


def check_file(name, text, table):
    folder = folder_of(name)
    allowed = table.get(folder, set()) | {folder}
    problems = []
    for match in IMPORT.finditer(text):
        target = posixpath.normpath(posixpath.join(posixpath.dirname(name), match[1]))
        inside = target.startswith(SOURCE_DIR + "/")
        if not inside or folder_of(target) not in allowed:
            line = text.count("\n", 0, match.start()) + 1
            problems.append((name, line, f"{folder} may not import {match[1]} ({README})"))
    return problems
