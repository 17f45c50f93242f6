#!/bin/bash
# Generates sources with awk, sed, perl and python, patches them, compares and compiles them.
set -euo pipefail
seq 20 | awk '{ print "int g" $1 "(void) { return " $1 "; }" }' >generated.c
perl -e 'print "int h$_(void) { return $_; }\n" for 1 .. 20' >>generated.c
python3 -c 'print("\n".join(f"int p{n}(void) {{ return {n}; }}" for n in range(20)))' >>generated.c
cp generated.c changed.c
sed -i 's/return 7;/return 70;/' changed.c
perl -pi -e 's/return 8;/return 80;/' changed.c
diff -u generated.c changed.c >change.patch || true
patch -s -o patched.c generated.c change.patch || cp changed.c patched.c
cmp patched.c changed.c
gcc -c -o generated.o changed.c
[ "$(nm generated.o | grep -c ' T ')" = 60 ]
python3 -c 'import base64, json, zlib; print(json.loads(zlib.decompress(base64.b64decode(base64.b64encode(zlib.compress(b"[1]")))))[0])' | grep -qx 1
echo "CORPUS-OK code-generation"
