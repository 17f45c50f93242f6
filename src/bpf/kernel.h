/*
 * What the programs read of the kernel's structures, and no more: CO-RE finds the fields by name in the
 * kernel that loads them, so the build needs no BTF of the machine that builds.
 */
#pragma once

#define __VMLINUX_H__  /* bpf_tracing.h then takes the names that pt_regs has in the kernel */
#include <linux/bpf.h>

#include <stdbool.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct list_head { struct list_head *next; };
struct atomic { int counter; };
struct kernel_id { unsigned int val; };
struct inode;
struct mm_struct { unsigned long arg_start, arg_end; };

struct kernfs_node { __u64 id; };
struct cgroup;
struct cgroup_subsys_state { struct cgroup *cgroup; struct cgroup_subsys_state *parent; };
struct cgroup { struct cgroup_subsys_state self; struct kernfs_node *kn; };
struct css_set { struct cgroup_subsys_state *subsys[16]; struct cgroup *dfl_cgrp; };
enum cgroup_subsys_id { pids_cgrp_id };  /* its value here is replaced by the kernel's */

struct upid { int nr; };
struct hlist_node { struct hlist_node *next; };
struct hlist_head { struct hlist_node *first; };
struct pid { unsigned int level; struct hlist_head tasks[4]; struct upid numbers[1]; };
struct user_namespace;
/* 64 bits, of which the fields have other names before 6.3: read by its place. */
struct capabilities { __u64 bits; };
struct cred {
    struct kernel_id euid, egid;
    struct capabilities cap_effective;
    struct user_namespace *user_ns;
};
struct signal_struct {
    struct atomic live;
    int group_exit_code;
    unsigned int flags;
    struct pid *pids[4];
    __u64 utime, stime;
    unsigned long maxrss;
};

struct super_block { unsigned int s_dev; unsigned long s_magic; };
struct inode {
    unsigned short i_mode;
    unsigned long i_ino;
    unsigned int i_nlink;
    struct super_block *i_sb;
    struct hlist_head i_dentry;
};
struct qstr { const unsigned char *name; };
struct dentry {
    struct dentry *d_parent;
    struct qstr d_name;
    struct inode *d_inode;
    struct super_block *d_sb;
    union { struct hlist_node d_alias; } d_u;
};
struct vfsmount { struct dentry *mnt_root; };
struct mnt_namespace;
struct mount {
    struct mount *mnt_parent;
    struct dentry *mnt_mountpoint;
    struct vfsmount mnt;
    struct mnt_namespace *mnt_ns;
};
struct path { struct vfsmount *mnt; struct dentry *dentry; };
struct file {
    struct inode *f_inode;
    unsigned int f_mode, f_flags;
    struct path f_path;
    void *private_data;
};
struct sock_common { unsigned short skc_family; };
struct sock { struct sock_common __sk_common; struct pid *sk_peer_pid; const struct cred *sk_peer_cred; };
struct socket { struct sock *sk; };
struct sockaddr_un { char sun_path[108]; };
struct unix_address { int len; struct sockaddr_un name[1]; };
struct unix_sock { struct unix_address *addr; struct path path; struct sock *peer; };
struct proc_inode { struct pid *pid; struct inode vfs_inode; };
struct fdtable { unsigned int max_fds; struct file **fd; };
struct files_struct { struct fdtable *fdt; };
struct fs_struct { struct path pwd; };
struct anon_vma;
struct vm_area_struct { unsigned long vm_flags; struct anon_vma *anon_vma; struct file *vm_file; };
struct linux_binprm { struct file *file; int argc; const char *filename; };
struct kernel_siginfo { int si_code; };

struct thread_info { __u32 status; };
struct task_struct {
    struct thread_info thread_info;
    unsigned int flags;
    struct mm_struct *mm;
    int exit_code;
    int pid, tgid;
    struct task_struct *real_parent, *group_leader;
    struct list_head children;
    struct pid *thread_pid;
    struct hlist_node pid_links[4];
    __u64 utime, stime, start_boottime;
    const struct cred *cred;
    char comm[16];
    struct fs_struct *fs;
    struct files_struct *files;
    struct signal_struct *signal;
    struct css_set *cgroups;
};

#if defined(__TARGET_ARCH_x86)
struct pt_regs { unsigned long bp, bx, r10, r9, r8, ax, cx, dx, si, di, orig_ax; };
#elif defined(__TARGET_ARCH_arm64)
struct user_pt_regs { __u64 regs[31], sp, pc, pstate; };
struct pt_regs { struct user_pt_regs user_regs; __u64 orig_x0; int syscallno; };
#endif

#pragma clang attribute pop
