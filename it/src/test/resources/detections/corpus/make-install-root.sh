#!/bin/bash
# Installs a library and a program into /usr/local as root, as the last line of many READMEs says, and uses them.
# needs: root
set -euo pipefail
echo 'int answer(void) { return 42; }' >answer.c
echo 'int answer(void); int main(void) { return answer() != 42; }' >main.c
cat >Makefile <<'MAKE'
libanswer.so: answer.c
	gcc -shared -fPIC -o $@ $<
answer: main.c libanswer.so
	gcc -o $@ main.c -L. -lanswer
install: answer
	install -m 0755 answer /usr/local/bin/
	install -m 0644 libanswer.so /usr/local/lib/
	ldconfig
uninstall:
	rm -f /usr/local/bin/answer /usr/local/lib/libanswer.so
	ldconfig
MAKE
make
make install
answer
make uninstall
echo "CORPUS-OK make-install-root"
