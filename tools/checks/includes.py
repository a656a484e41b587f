# SPDX-License-Identifier: Apache-2.0
#
# Includes follow the table in src/README.md: rooms, rooms inside rooms, and faces (one header of a
# room). Every folder of the project is on the compiler's search path, so this check is what keeps
# the table true: it reads includes in every spelling the preprocessor knows, leaves no file in src/
# without a room, and rejects permissions that nothing uses.
import posixpath
import re

from checks.cpp import TEST, TEST_HEADER, TOKEN

README = "src/README.md"
ROW = re.compile(r"\| `([a-z_/]+)` \|[^|]*\|([^|]*)\|$", re.M)
DIRECTIVE = re.compile(r"^[ \t]*(?:#|%:)[ \t]*(?:include|include_next|import)\b[ \t]*(.*)$", re.M)
TARGET = re.compile(r'(?:"([^"]*)"|<([^>]*)>)')
OTHERS = re.compile(r"^src/README\.md$|/CMakeLists\.txt$")
# Written by the build, outside of src/.
GENERATED = {"atlas_version.h", "sql_table.inc", "web_table.inc"}


def check(root, names):
    """The problems among the files `names`, as (file, line, text)."""
    sources = {name for name in names if name.startswith("src/")}
    return check_files({name: (root / name).read_text() for name in sources
                        if name == README or re.search(r"\.(cc|h)$", name)}, sources)


def check_files(texts, names):
    """Like check(); `texts` has the contents of the C++ files and of the table."""
    rooms = Rooms(texts[README], names)
    problems = rooms.problems
    for name in sorted(name for name in names if not OTHERS.search(name)):
        room = rooms.of(name.removeprefix("src/"))
        if not re.search(r"\.(cc|h)$", name):
            problems.append((name, 1, "src/ has C++ files that end in .cc and .h, nothing else"))
        elif name.count("/") < 2:
            problems.append((name, 1, f"lies in no room ({README})"))
        elif room is None:
            problems.append((README, 1, f"has no row for {name}"))
        else:
            problems += check_file(name, texts[name], room, rooms)
    return problems + rooms.unused()


def includes(text):
    """(line, header, in angle brackets) of every include; the header is None for a macro."""
    # A line that is continued keeps its number, so the newline only moves behind it.
    while "\\\n" in text:
        text = re.sub(r"\\\n([^\n]*)", r"\1\n", text, count=1)
    text = TOKEN.sub(lambda token: token[0] if token["comment"] is None
                     else re.sub(r"[^\n]", " ", token[0]), text)
    for match in DIRECTIVE.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        target = TARGET.match(match[1])
        yield (line, None, False) if target is None else (
            line, target[1] if target[1] is not None else target[2], target[2] is not None)


def check_file(name, text, room, rooms):
    test = bool(TEST.search(name)) or room == "testing"
    problems = []

    def report(line, what):
        problems.append((name, line, f"{what} ({README})"))

    for line, header, angle in includes(text):
        if header is None:
            report(line, "an include names its header itself, not through a macro")
            continue
        if angle and rooms.of(posixpath.normpath(header)) is None:
            continue  # the system's, or a library's
        if header in GENERATED:
            continue
        if angle:
            report(line, f'a header of ours is included as "{header}"')
        if "/" not in header or posixpath.normpath(header) != header or header.startswith("."):
            report(line, f'"{header}" does not begin at src/ or is no plain path')
        elif not test and TEST_HEADER.search(header):
            report(line, f"only tests may include {header}")
        elif not (rooms.permits_test if test else rooms.permits)(room, header):
            report(line, f"{room} may not include {header}")
        # What `testing` may include is also what every test may.
        rooms.used.add(("testing" if TEST.search(name) else room, header))
    return problems


class Rooms:
    """The table: rooms, and what each may include."""

    def __init__(self, text, names):
        self.allowed = {row[1]: row[2].split() for row in ROW.finditer(text)}
        self.used = set()
        self.problems = []
        for room, allowed in self.allowed.items():
            self.check_row(room, allowed, names)

    def check_row(self, room, allowed, names):
        def report(what):
            self.problems.append((README, 1, what))

        if not any(name.startswith(f"src/{room}/") for name in names):
            report(f"has a row for src/{room}, which has no files yet")
        for entry in allowed:
            if self.of(entry) is None or (entry.endswith(".h") and f"src/{entry}" not in names):
                report(f"lets {room} include {entry}, which is no room or face")
            elif room in self.reach(self.of(entry)):
                report(f"{room} and {entry} may include each other")

    def of(self, path):
        """The room of a file or room: the longest row that it begins with."""
        parts = path.split("/")
        for length in range(len(parts), 0, -1):
            room = "/".join(parts[:length])
            if room in self.allowed:
                return room
        return None

    def reach(self, room):
        """The room and everything below it."""
        seen, todo = set(), [room]
        while todo:
            current = todo.pop()
            if current not in seen and current is not None:
                seen.add(current)
                todo += [self.of(entry) for entry in self.allowed[current]]
        return seen

    def permits(self, room, header):
        other = self.of(header)
        return other == room or other in self.allowed[room] or header in self.allowed[room]

    def permits_test(self, room, header):
        """A test also sees what its first folder reaches, and what supports tests."""
        top = room.split("/")[0]
        mine = [other for other in self.allowed if other.split("/")[0] == top]
        return any(self.of(header) in self.reach(other) for other in [*mine, "testing"]
                   if other in self.allowed)

    def unused(self):
        """Permissions that nothing uses: tests have their own."""
        pairs = {(room, self.of(header)) for room, header in self.used
                 if header not in self.allowed[room]}
        return [(README, 1, f"lets {room} include {entry}, which no file but tests does")
                for room, allowed in self.allowed.items() for entry in allowed
                if ((room, entry) not in self.used if entry.endswith(".h")
                    else (room, entry) not in pairs)]
