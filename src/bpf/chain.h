/* Where a file is: the names from it up to the root of its mount tree. */
#pragma once

#include "event.h"

enum { CHAIN_STEPS = 24, CHAIN_SIZE_MASK = 1023, CHAIN_WAS_CUT = 1 << 16 };

struct chain { char names[CHAIN_SIZE]; };

/*
 * Returns how much of the area it filled, with CHAIN_WAS_CUT if there was more to tell. A global function, as
 * are those of place.h: the verifier then looks at it once, and not again for each way that leads to it.
 */
__noinline __u32 chain_of(struct chain *to, __u64 vfsmount, __u64 entry) {
    struct mount *mount = (void *)vfsmount - bpf_core_field_offset(struct mount, mnt);
    struct dentry *dentry = (void *)entry;
    __u32 used = 0;
    if (to == NULL)
        return 0;
    for (int i = 0; i < CHAIN_STEPS; i++) {
        if (dentry == BPF_CORE_READ(mount, mnt.mnt_root)) {
            struct mount *above = BPF_CORE_READ(mount, mnt_parent);
            if (above == mount)
                return used;
            dentry = BPF_CORE_READ(mount, mnt_mountpoint);
            mount = above;
            continue;
        }
        const void *name = BPF_CORE_READ(dentry, d_name.name);
        __u64 at = used;
        asm volatile("" : "+r"(at));  /* 6.1 knows the bound only of the register that was compared */
        long got = at < CHAIN_USED ? bpf_probe_read_kernel_str(to->names + at, NAME_SIZE, name) : 0;
        if (got <= 0)
            break;
        used += (__u32)got;
        asm volatile("" : "+r"(used));
        used &= CHAIN_SIZE_MASK;  /* changes nothing, but all steps are the same to the verifier then */
        struct dentry *parent = BPF_CORE_READ(dentry, d_parent);
        if (dentry == parent)  /* nowhere in the tree, as is memory */
            return used;
        dentry = parent;
    }
    return used | CHAIN_WAS_CUT;
}

/* Fills an area of CHAIN_SIZE, and returns how much of it; *cut if there was more to tell. */
static __always_inline __u16 chain(char *area, struct vfsmount *mount, struct dentry *dentry, bool *cut) {
    __u32 used = chain_of((struct chain *)area, (__u64)mount, (__u64)dentry);
    *cut |= (used & CHAIN_WAS_CUT) != 0;
    return used;
}
