#!/bin/bash
# Downloads a source archive from a server on loopback into /tmp, checks its digest, builds and runs it.
set -euo pipefail
mkdir -p tool-1.0 served
cat >tool-1.0/main.c <<'C'
#include <stdio.h>
int main(void) { puts("tool"); return 0; }
C
printf 'tool: main.c\n\tgcc -o $@ $<\ninstall: tool\n\tinstall -D tool $(PREFIX)/bin/tool\n' >tool-1.0/Makefile
tar -cJf served/tool-1.0.tar.xz tool-1.0
(cd served && sha256sum tool-1.0.tar.xz >tool-1.0.tar.xz.sha256)
python3 -m http.server --bind 127.0.0.1 --directory served 8420 >/dev/null 2>&1 &
trap 'kill %1' EXIT
timeout 60 bash -c 'until </dev/tcp/127.0.0.1/8420; do :; done' 2>/dev/null
work=$(mktemp -d)
cd "$work"
curl -fsSL --retry 3 -O http://127.0.0.1:8420/tool-1.0.tar.xz
curl -fsSL http://127.0.0.1:8420/tool-1.0.tar.xz.sha256 | sha256sum -c --quiet
tar -xJf tool-1.0.tar.xz
make -C tool-1.0 install PREFIX="$work/prefix"
[ "$("$work/prefix/bin/tool")" = tool ]
echo "CORPUS-OK local-download"
