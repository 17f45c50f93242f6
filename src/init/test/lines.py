"""Holds mayfly-init to its size: every job attacks it, so it has to be read as a whole.

Counted are the lines of all .c and .h of src/init that are neither empty without comments, nor #include or #pragma.
"""
import pathlib
import re
import sys

LIMIT = 600
text = "".join(p.read_text() for p in sorted(pathlib.Path(__file__).parent.parent.glob("*.[ch]")))
code = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
count = sum(1 for line in code.splitlines() if line.strip() and not re.match(r"#\s*(include|pragma)\b", line))
print(f"{count} lines of C, of at most {LIMIT}")
sys.exit(count > LIMIT)
