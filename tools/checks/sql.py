# SPDX-License-Identifier: Apache-2.0
#
# SQL has its place: a statement that never changes is a file in sql/queries, whose header names its
# parameters and callers; one that is composed is in a *_sql.cc. Elsewhere in C++ there are only
# commands that control the session (BEGIN, SET …) and the line that opens a COPY … FROM STDIN.
# Executing every query is the task of tests/sql/cases/86_queries.sh.
import re

QUERY = re.compile(r"^sql/(queries/.*\.sql)$")
CPP = re.compile(r"^src/.*\.(cc|h)$")
TEST = re.compile(r"_(test|pgtest|fuzz|bench)\.cc$|(_|/)test_\w+\.(cc|h)$|^src/testing/")
COMPOSED = re.compile(r"_sql\.cc$")

TOKEN = re.compile(r'(?P<comment>//[^\n]*|/\*.*?\*/)'
                   r'|R"(?P<mark>\w*)\((?P<raw>.*?)\)(?P=mark)"'
                   r'|"(?P<text>(?:\\.|[^"\\\n])*)"'
                   r"|'(?:\\.|[^'\\\n])+'", re.S)
OBJECT = (r"(?:AGGREGATE|DATABASE|EXTENSION|FUNCTION|INDEX|MATERIALIZED|PUBLICATION|ROLE|SCHEMA"
          r"|SEQUENCE|SUBSCRIPTION|TABLE|TRIGGER|TYPE|USER|VIEW)")
SQL = re.compile(
    r"\bSELECT\s+\S|\bINSERT\s+INTO\b|\bUPDATE\s+\S+\s.*\bSET\b|\bDELETE\s+FROM\b|\bMERGE\s+INTO\b"
    r"|\bWITH\s+\w+\s+AS\b|\bTRUNCATE\s+\S|\bREFRESH\s+MATERIALIZED\b|\bVACUUM\b|\bDO\s+\$"
    rf"|\b(?:CREATE|ALTER|DROP)\s+(?:[A-Z]+\s+)*{OBJECT}\s+\S|\bLOCK\s+TABLE\b|\bCALL\s+\w+\("
    r"|\b(?:GRANT|REVOKE)\s+\S.*\b(?:TO|FROM)\b|\bCOPY\s+\S.*\b(?:FROM|TO)\s+(?!STDIN\b)"
    r"|\bFROM\s+(?:public\.|pg_)|\bWHERE\s+\w|\bORDER\s+BY\b", re.S)
PATH = re.compile(r"^queries/.*\.sql$")
EXAMPLES = {
    "SELECT 1": True, "\nCREATE TEMP TABLE IF NOT EXISTS t (a int)": True,
    "UPDATE public.shards SET writer = 0": True, "GRANT a TO b": True, "COPY t TO STDOUT": True,
    "x = ANY ($1) ORDER BY x": True, "LOCK TABLE t": True, "DELETE FROM t": True,
    "COPY {} FROM STDIN (FORMAT binary)": False, "BEGIN": False, "DELETE": False,
    "SET LOCAL jit = off": False, "CREATE DATABASE": False, "cannot update the set": False,
}


def check(root, names):
    """The problems among the files `names`, as (file, line, text)."""
    for text, is_sql in EXAMPLES.items():
        assert bool(SQL.search(text)) == is_sql, text
    problems, users = [], {}
    for name in names:
        if not CPP.match(name):
            continue
        place = not (TEST.search(name) or COMPOSED.search(name))
        for line, text in literals((root / name).read_text()):
            if place and SQL.search(text):
                problems.append((name, line, "SQL; a fixed statement is a file in sql/queries, "
                                             "a composed one is in a *_sql.cc"))
            if PATH.match(text):
                if not (root / "sql" / text).is_file():
                    problems.append((name, line, f"sql/{text} does not exist"))
                if not TEST.search(name):
                    users.setdefault(text, set()).add(name)
    for name in names:
        query = QUERY.match(name)
        if query:
            problems += check_query(name, (root / name).read_text(), users.get(query[1], set()))
    return problems


def literals(text):
    """The string literals outside of comments, adjacent ones joined, with the line of the first."""
    begin, parts, end = 0, [], 0
    for token in TOKEN.finditer(text):
        content = token["raw"] if token["raw"] is not None else token["text"]
        if token["comment"] is not None:
            continue
        between = re.sub(r"//[^\n]*|/\*.*?\*/", "", text[end:token.start()], flags=re.S)
        if parts and (content is None or between.strip()):
            yield text.count("\n", 0, begin) + 1, "".join(parts)
            parts = []
        if content is None:
            continue
        if not parts:
            begin = token.start()
        parts.append(content)
        end = token.end()
    if parts:
        yield text.count("\n", 0, begin) + 1, "".join(parts)


def check_query(name, text, users):
    head = [line for line in text.splitlines() if line.startswith("--")]
    body = "\n".join(line for line in text.splitlines() if not line.startswith("--"))
    problems = []
    for parameter in sorted(set(re.findall(r"\$\d+\b", body))):
        if not any(re.match(rf"-- {re.escape(parameter)}\s+\S", line) for line in head):
            problems.append((name, 1, f"the header does not describe {parameter}"))
    callers = set(re.findall(r"[\w/]+\.cc", "\n".join(head).partition("\n-- Caller ")[2]))
    if not users:
        problems.append((name, 1, "nothing in src/ uses this query"))
    elif callers != users:
        problems.append((name, 1, f"the header's Caller should be {', '.join(sorted(users))}"))
    return problems
