# SPDX-License-Identifier: Apache-2.0
#
# What the checks of C++ share: which files are tests, and their string literals.
import re

SOURCE = re.compile(r"^src/.*\.(cc|h)$")
# A test_x.cc is none: the build compiles it into the library of its room.
TEST_HEADER = re.compile(r"(^|_|/)test_\w+\.h$")
TEST = re.compile(rf"_(test|pgtest|fuzz|bench)\.cc$|{TEST_HEADER.pattern}")

TOKEN = re.compile(r'(?P<comment>//[^\n]*|/\*.*?\*/)'
                   r'|R"(?P<mark>\w*)\((?P<raw>.*?)\)(?P=mark)"'
                   r'|"(?P<text>(?:\\.|[^"\\\n])*)"'
                   r"|'(?:\\.|[^'\\\n])+'", re.S)


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
