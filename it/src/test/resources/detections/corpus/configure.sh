#!/bin/bash
# Does what configure scripts do: compiles and runs many small programs, and writes headers and makefiles.
set -euo pipefail
checks=(stdio.h stdlib.h string.h unistd.h fcntl.h sys/types.h sys/stat.h sys/socket.h sys/mman.h netinet/in.h pthread.h no/such.h)
: >config.h
for header in "${checks[@]}"; do
    printf '#include <%s>\nint main(void) { return 0; }\n' "$header" >conftest.c
    name=HAVE_$(echo "$header" | tr 'a-z./' 'A-Z__')
    if gcc -o conftest conftest.c 2>conftest.err && ./conftest; then
        echo "#define $name 1" >>config.h
    else
        echo "/* #undef $name */" >>config.h
    fi
    rm -f conftest conftest.c conftest.err
done
for function in ptrace unshare mount setns memfd_create bpf; do
    printf 'char %s(void);\nint main(void) { return &%s == 0; }\n' "$function" "$function" >conftest.c
    gcc -fno-builtin -o conftest conftest.c 2>/dev/null && ./conftest && echo "#define HAVE_$function 1" >>config.h
    rm -f conftest conftest.c
done
for tool in gdb strace docker nsenter tcpdump; do command -v "$tool" || true; done
sed -e 's/@CC@/gcc/' >Makefile <<'MAKE'
all:
	@CC@ --version >/dev/null
MAKE
make
[ "$(grep -c '#define' config.h)" -ge 10 ]
echo "CORPUS-OK configure"
