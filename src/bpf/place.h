/* Which files are watched: by the directory entry, which is the same whatever link or mount led there. */
#pragma once

#include "event.h"

enum { ALIASES = 64, MODE_KIND = 0170000, MODE_DIRECTORY = 0040000 };

static __always_inline __u32 said_of(void *map, const void *key) {
    __u32 *found = bpf_map_lookup_elem(map, key);
    return found != NULL ? *found : 0;
}

static __always_inline bool is_directory(struct inode *inode) {
    return (BPF_CORE_READ(inode, i_mode) & MODE_KIND) == MODE_DIRECTORY;
}

/*
 * What was said of an entry, of the directory it is in and the one above, by inode. That its name is to stay
 * (PLACE_DIRECTORY) is said of the entry alone.
 */
__noinline __u32 said_by_inode(__u64 entry) {
    struct dentry *dentry = (void *)entry;
    struct place_key key = {.device = BPF_CORE_READ(dentry, d_sb, s_dev),
        .inode = BPF_CORE_READ(dentry, d_inode, i_ino)};
    __u32 own = key.inode != 0 ? said_of(&places, &key) : 0;
    key.inode = BPF_CORE_READ(dentry, d_parent, d_parent, d_inode, i_ino);
    __u32 above = said_of(&places, &key);
    key.inode = BPF_CORE_READ(dentry, d_parent, d_inode, i_ino);
    above |= said_of(&places, &key);
    bpf_probe_read_kernel_str(key.name, sizeof key.name, BPF_CORE_READ(dentry, d_name.name));
    return own | (above & ~PLACE_DIRECTORY) | said_of(&places, &key);
}

/* The same by name. */
__noinline __u32 said_by_name(__u64 entry) {
    struct dentry *dentry = (void *)entry;
    struct dentry *parent = BPF_CORE_READ(dentry, d_parent);
    struct name_key key = {0};
    bpf_probe_read_kernel_str(key.name, sizeof key.name, BPF_CORE_READ(dentry, d_name.name));
    __u32 own = said_of(&names, &key);
    bpf_probe_read_kernel_str(key.parent, sizeof key.parent, BPF_CORE_READ(parent, d_name.name));
    own |= said_of(&names, &key);
    __builtin_memset(key.name, 0, sizeof key.name);
    __u32 above = said_of(&names, &key);
    __builtin_memset(key.parent, 0, sizeof key.parent);
    bpf_probe_read_kernel_str(key.parent, sizeof key.parent, BPF_CORE_READ(parent, d_parent, d_name.name));
    key.name[0] = '/';
    return own | ((above | said_of(&names, &key)) & ~PLACE_DIRECTORY);
}

static __always_inline __u32 said_of_entry(__u64 entry) { return said_by_inode(entry) | said_by_name(entry); }

/*
 * A hard link is an entry like any other: the file's other names are asked, too, as far as the kernel has
 * them at hand. It does for a while after a link was made.
 */
static __always_inline struct hlist_node *other_names(struct dentry *dentry) {
    struct inode *inode = BPF_CORE_READ(dentry, d_inode);
    if (inode == NULL || BPF_CORE_READ(inode, i_nlink) < 2 || is_directory(inode))
        return NULL;
    return BPF_CORE_READ(inode, i_dentry.first);
}

static __always_inline __u64 name_at(struct hlist_node *node) {
    return (__u64)node - bpf_core_field_offset(struct dentry, d_u.d_alias);
}

__noinline __u32 place_of(__u64 entry) {
    __u32 flags = said_of_entry(entry);
    struct hlist_node *node = other_names((void *)entry);
    for (int i = 0; i < ALIASES && node != NULL; i++) {
        if (name_at(node) != entry)
            flags |= said_of_entry(name_at(node));
        node = BPF_CORE_READ(node, next);
    }
    return flags;
}

/* The name by which something of `place` was said of a file: its own, or another one. */
__noinline __u64 watched_as(__u64 entry, __u32 place) {
    if (said_of_entry(entry) & place)
        return entry;
    struct hlist_node *node = other_names((void *)entry);
    for (int i = 0; i < ALIASES && node != NULL; i++) {
        if (said_of_entry(name_at(node)) & place)
            return name_at(node);
        node = BPF_CORE_READ(node, next);
    }
    return entry;
}
