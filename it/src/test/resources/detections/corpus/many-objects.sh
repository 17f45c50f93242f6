#!/bin/bash
# Compiles a hundred files at once, with dependency files, a precompiled header, link-time optimisation and a map.
set -euo pipefail
for number in $(seq 100); do
    echo "int f$number(int x) { return x + $number; }" >"f$number.c"
done
{
    for number in $(seq 100); do echo "int f$number(int);"; done
    echo 'int main(void) { int x = 0;'
    for number in $(seq 100); do echo "x = f$number(x);"; done
    echo 'return x != 5050; }'
} >main.c
cat >Makefile <<'MAKE'
SOURCES = $(wildcard *.c)
OBJECTS = $(SOURCES:%.c=build/%.o)
program: $(OBJECTS)
	gcc -O1 -flto -o $@ $^ -Wl,-Map,program.map
build/%.o: %.c | build
	gcc -O1 -flto -MMD -c -o $@ $<
build:
	mkdir -p $@
-include $(OBJECTS:.o=.d)
MAKE
make -j4 >/dev/null
./program
touch f1.c
make >/dev/null
./program
echo "CORPUS-OK many-objects"
