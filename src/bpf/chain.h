/* Where a file is: the names from it up to the root of its mount tree. */
#pragma once

#include "event.h"

enum { CHAIN_STEPS = 24 };

/* Fills an area of CHAIN_SIZE, and returns how much of it; *cut if there was more to tell. */
static __always_inline __u32 chain(char *area, struct vfsmount *of, struct dentry *dentry, bool *cut) {
    struct mount *mount = (void *)of - bpf_core_field_offset(struct mount, mnt);
    __u32 used = 0;
    for (int i = 0; i < CHAIN_STEPS; i++) {
        if (dentry == BPF_CORE_READ(mount, mnt.mnt_root)) {
            struct mount *above = BPF_CORE_READ(mount, mnt_parent);
            if (above == mount)
                return used;
            dentry = BPF_CORE_READ(mount, mnt_mountpoint);
            mount = above;
            continue;
        }
        long got = used < CHAIN_USED ? bpf_probe_read_kernel_str(area + used, NAME_SIZE,
            BPF_CORE_READ(dentry, d_name.name)) : 0;
        if (got <= 0)
            break;
        used += (__u32)got & (2 * NAME_SIZE - 1);
        struct dentry *parent = BPF_CORE_READ(dentry, d_parent);
        if (dentry == parent)  /* nowhere in the tree, as is memory */
            return used;
        dentry = parent;
    }
    *cut = true;
    return used;
}
