"""Holds the static programs to their size: they have to be read as a whole, for every job attacks PID 1.

Counted are the lines of all .c and .h of src/PROGRAM, and of those of src itself that the programs share, that are
neither empty without comments, nor #include or #pragma.
"""
import pathlib
import re
import sys

LIMITS = {"init": 600, "hook": 400}
SRC = pathlib.Path(__file__).parent.parent


def count(program):
    text = "".join(p.read_text() for p in sorted([*SRC.glob("*.[ch]"), *SRC.glob(program + "/*.[ch]")]))
    code = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    return sum(1 for line in code.splitlines() if line.strip() and not re.match(r"#\s*(include|pragma)\b", line))


counts = {program: count(program) for program in LIMITS}
for program, lines in counts.items():
    print(f"{lines} lines of C for mayfly-{program}, of at most {LIMITS[program]}")
sys.exit(any(lines > LIMITS[program] for program, lines in counts.items()))
