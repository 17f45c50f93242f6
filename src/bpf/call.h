/* The system call that a task is in. */
#pragma once

#include "event.h"

enum { TS_COMPAT = 2, X32_BIT = 0x40000000 };

/* Its number, and by which table. */
static __always_inline __u32 number_of(struct task_struct *task, struct pt_regs *regs, enum abi *abi) {
    *abi = ABI_NATIVE;
#if defined(__TARGET_ARCH_x86)
    __u32 number = BPF_CORE_READ(regs, orig_ax);
    if (BPF_CORE_READ(task, thread_info.status) & TS_COMPAT)
        *abi = ABI_COMPAT;
    else if (number & X32_BIT)
        *abi = ABI_X32;
    return number & ~X32_BIT;
#else
    return BPF_CORE_READ(regs, syscallno);
#endif
}

static __always_inline void arguments(struct pt_regs *regs, enum abi abi, __u64 args[6]) {
#if defined(__TARGET_ARCH_x86)
    if (abi == ABI_COMPAT) {  /* the kernel looks at the lower halves alone */
        args[0] = (__u32)BPF_CORE_READ(regs, bx);
        args[1] = (__u32)BPF_CORE_READ(regs, cx);
        args[2] = (__u32)BPF_CORE_READ(regs, dx);
        args[3] = (__u32)BPF_CORE_READ(regs, si);
        args[4] = (__u32)BPF_CORE_READ(regs, di);
        args[5] = (__u32)BPF_CORE_READ(regs, bp);
        return;
    }
    args[5] = BPF_CORE_READ(regs, r9);
#else
    args[5] = BPF_CORE_READ(regs, user_regs.regs[5]);
#endif
    args[0] = PT_REGS_PARM1_CORE_SYSCALL(regs);
    args[1] = PT_REGS_PARM2_CORE_SYSCALL(regs);
    args[2] = PT_REGS_PARM3_CORE_SYSCALL(regs);
    args[3] = PT_REGS_PARM4_CORE_SYSCALL(regs);
    args[4] = PT_REGS_PARM5_CORE_SYSCALL(regs);
}

static __always_inline void tell_call(struct slot *slot, __u64 sandbox, __u32 number, enum abi abi,
        long result, const __u64 args[6], __u16 flags) {
    struct event_syscall *call = event_begin(slot, sandbox, EVENT_SYSCALL, sizeof *call, flags != 0);
    if (call == NULL)
        return;
    call->number = number;
    call->abi = abi;
    call->result = result;
    __builtin_memcpy(call->args, args, sizeof call->args);
    event_end(call, flags);
}
