/*
 * slim IN OUT: a BPF object without its debugging information. libbpf's linker leaves it out and keeps the
 * BTF by which the object is fitted to the kernel that loads it; clang can't write the one without the other.
 */
#include <bpf/libbpf.h>
#include <stdio.h>

int main(int argc, char **argv) {
    struct bpf_linker *linker = argc == 3 ? bpf_linker__new(argv[2], NULL) : NULL;
    if (linker == NULL || bpf_linker__add_file(linker, argv[1], NULL) != 0
        || bpf_linker__finalize(linker) != 0) {
        fprintf(stderr, "usage: slim IN OUT, where OUT can be written and IN is a BPF object\n");
        return 1;
    }
    bpf_linker__free(linker);
    return 0;
}
