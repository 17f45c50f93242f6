#!/bin/bash
# Builds a static and a shared library with make, links programs to both, installs them into a prefix and checks them.
set -euo pipefail
mkdir -p project
cd project
cat >sum.c <<'C'
int sum(int a, int b) { return a + b; }
C
cat >main.c <<'C'
#include <stdio.h>
int sum(int, int);
int main(void) { printf("%d\n", sum(40, 2)); return 0; }
C
cat >Makefile <<'MAKE'
PREFIX ?= $(CURDIR)/installed
all: libsum.a libsum.so main main-shared
libsum.a: sum.o
	ar rcs $@ $^
libsum.so: sum.c
	gcc -shared -fPIC -o $@ $<
main: main.c libsum.a
	gcc -o $@ main.c libsum.a
main-shared: main.c libsum.so
	gcc -o $@ main.c -L. -lsum -Wl,-rpath,'$$ORIGIN/../lib'
check: all
	test "$$(./main)" = 42
install: all
	install -D -m 0755 main $(DESTDIR)$(PREFIX)/bin/main
	install -D -m 0755 main-shared $(DESTDIR)$(PREFIX)/bin/main-shared
	install -D -m 0644 libsum.so $(DESTDIR)$(PREFIX)/lib/libsum.so
clean:
	rm -f *.o *.a *.so main main-shared
MAKE
make -j2 check
make install
make install DESTDIR="$PWD/staged" PREFIX=/usr
[ "$(installed/bin/main-shared)" = 42 ]
nm installed/bin/main | grep -w sum >/dev/null
strip installed/bin/main
make clean
echo "CORPUS-OK c-library"
