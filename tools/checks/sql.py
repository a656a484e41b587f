# SPDX-License-Identifier: Apache-2.0
#
# SQL has its place: a statement that never changes is a file in sql/queries, whose header names its
# parameters and callers; one that is composed is in a *_sql.cc. Elsewhere in C++ there are only
# commands that control the session (BEGIN, SET …) and the line that opens a COPY … FROM STDIN.
# Statements of the analytics store, in sql/analytics/duckdb, name their parameters likewise.
# Executing every query is the task of tests/sql/cases/86_queries.sh.
import re

from checks.cpp import SOURCE, TEST, literals

QUERY = re.compile(r"^sql/(queries/.*\.sql)$")
STORE = re.compile(r"^sql/analytics/duckdb/.*\.sql$")
COMPOSED = re.compile(r"_sql\.cc$")
SUPPORT = re.compile(r"^src/testing/")

OBJECT = (r"(?:AGGREGATE|DATABASE|EXTENSION|FUNCTION|INDEX|MATERIALIZED|PUBLICATION|ROLE|SCHEMA"
          r"|SEQUENCE|SUBSCRIPTION|TABLE|TRIGGER|TYPE|USER|VIEW)")
SQL = re.compile(
    r"\bSELECT\s+\S|\bINSERT\s+INTO\b|\bUPDATE\s+\S+\s.*\bSET\b|\bDELETE\s+FROM\b|\bMERGE\s+INTO\b"
    r"|\bWITH\s+\w+\s+AS\b|\bTRUNCATE\s+\S|\bREFRESH\s+MATERIALIZED\b|\bVACUUM\b|\bDO\s+\$"
    rf"|\b(?:CREATE|ALTER|DROP)\s+(?:[A-Z]+\s+)*{OBJECT}\s+\S|\bLOCK\s+TABLE\b|\bCALL\s+\w+\("
    r"|\b(?:GRANT|REVOKE)\s+\S.*\b(?:TO|FROM)\b|\bCOPY\s+\S.*\b(?:FROM|TO)\s+(?!STDIN\b)"
    r"|\bFROM\s+(?:public\.|pg_)|\bWHERE\s+\w|\bORDER\s+BY\b", re.S)
# Statements in lower case, which are also English: only with what follows in SQL.
LOWER = re.compile(
    r"\bselect\s+.+\sfrom\s+[\w.]+\b|\binsert\s+into\s+[\w.]+\s*(?:\(|values|select)"
    r"|\bupdate\s+[\w.]+\s+set\s+\w+\s*="
    r"|\bdelete\s+from\s+[\w.]+\s*(?:$|;|where|using)", re.S | re.I)
# Parts of a statement: casts to PostgreSQL's types, tests for NULL, orders, JSON operators.
PART = re.compile(
    r"::(?:bigint|boolean|bytea|double precision|float8|int[248]?|integer|jsonb?|smallint|text"
    r"|timestamptz|uuid)\b|\bIS (?:NOT )?NULL\b|\bNULLS (?:FIRST|LAST)\b|\bCOLLATE\s"
    r"|->>|\b(?:ANY|ALL) ?\(\$?\w|^ ?(?:ASC|DESC)\b|^ (?:AND|OR) ?$"
    r"|\b(?:AND|OR) \(?\{\}|\b(?:AND|OR) \w+\.\w+")
PATH = re.compile(r"^queries/.*\.sql$")


def is_sql(text):
    """Whether a literal is a statement or a part of one."""
    return any(pattern.search(text) for pattern in (SQL, LOWER, PART))


def check(root, names):
    """The problems among the files `names`, as (file, line, text)."""
    problems, users = [], {}
    for name in names:
        if not SOURCE.match(name):
            continue
        place = not (TEST.search(name) or COMPOSED.search(name) or SUPPORT.search(name))
        for line, text in literals((root / name).read_text()):
            if place and is_sql(text):
                problems.append((name, line, "SQL; a fixed statement is a file in sql/queries, "
                                             "a composed one is in a *_sql.cc"))
            if PATH.match(text):
                if not (root / "sql" / text).is_file():
                    problems.append((name, line, f"sql/{text} does not exist"))
                if not (TEST.search(name) or SUPPORT.search(name)):
                    users.setdefault(text, set()).add(name)
    for name in names:
        query = QUERY.match(name)
        if query:
            problems += check_query(name, (root / name).read_text(), users.get(query[1], set()))
        elif STORE.match(name):
            problems += check_parameters(name, (root / name).read_text())
    return problems


# The header says "-- $1 name …" of each parameter, or "-- $1, $2 …" of several.
def check_parameters(name, text):
    described = set()
    for line in text.splitlines():
        if found := re.match(r"-- (\$\d+(?:, \$\d+)*)\s+\S", line):
            described.update(found[1].split(", "))
    body = "\n".join(line for line in text.splitlines() if not line.startswith("--"))
    missing = set(re.findall(r"\$\d+\b", body)) - described
    return [(name, 1, f"the header does not describe {parameter}") for parameter in sorted(missing)]


def check_query(name, text, users):
    head = [line for line in text.splitlines() if line.startswith("--")]
    problems = check_parameters(name, text)
    callers = set(re.findall(r"[\w/]+\.cc", "\n".join(head).partition("\n-- Caller ")[2]))
    if not users:
        problems.append((name, 1, "nothing in src/ uses this query"))
    elif callers != users:
        problems.append((name, 1, f"the header's Caller should be {', '.join(sorted(users))}"))
    return problems
