#!/bin/bash
# Builds static and stripped programs, splits their debug information off and looks into them with binutils.
set -euo pipefail
cat >main.c <<'C'
#include <stdio.h>
#include <sys/utsname.h>
int main(void) { struct utsname name; uname(&name); puts(name.machine); return 0; }
C
gcc -g -static -o static main.c
gcc -g -pie -o dynamic main.c
objcopy --only-keep-debug dynamic dynamic.debug
strip --strip-debug dynamic
objcopy --add-gnu-debuglink=dynamic.debug dynamic
readelf -h static | grep -q ELF64
objdump -d dynamic >disassembly
ldd dynamic >libraries
[ "$(./static)" = "$(uname -m)" ]
[ "$(./dynamic)" = "$(uname -m)" ]
echo 'int v = 1;' | gcc -x c -c -o data.o -
ld -r -o joined.o data.o
ar t "$(gcc -print-file-name=libc.a)" | head -1 >/dev/null || true
echo "CORPUS-OK static-binaries"
