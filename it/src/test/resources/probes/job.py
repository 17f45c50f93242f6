"""
Looks around and tries things as a hostile job would, and prints what came of it as one JSON object.

Everything tried is harmless where it is let through, with every capability and on the host's user namespace: files
of others are opened and not written, limits are read or set to what they are, mounts are the process's own.

Usage: job.py [ADDRESS...]     addresses of the host, which are connected to
"""

import ctypes
import errno
import json
import os
import pwd
import resource
import shutil
import signal
import socket
import stat
import subprocess
import sys

CLONE_NEWNS = 0x00020000
CLONE_NEWUSER = 0x10000000
PTRACE_SEIZE = 0x4206

libc = ctypes.CDLL(None, use_errno=True)
attempts = {}


def attempt(name, action, *arguments):
    """Notes OK, or the name of the errno that the action failed with."""
    try:
        action(*arguments)
        attempts[name] = "OK"
    except OSError as failure:
        attempts[name] = errno.errorcode[failure.errno]


def call(function, *arguments):
    """A function of libc that answers -1 where it fails."""
    if function(*arguments) == -1:
        raise OSError(ctypes.get_errno(), "")


def in_child(action, *arguments):
    """An action that changes the process, in one of its own."""
    child = os.fork()
    if child == 0:
        try:
            action(*arguments)
            os._exit(0)
        except OSError as failure:
            os._exit(failure.errno)
    failed = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if failed:
        raise OSError(failed, "")


def open_for(mode, path):
    os.close(os.open(path, mode))


def read_some(path):
    with open(path, "rb") as file:
        file.read(1)


def write_by_path(path, text):
    with open(path, "w") as file:
        file.write(text)


def make_and_remove_file(directory):
    path = os.path.join(directory, "made-by-job")
    with open(path, "w") as file:
        file.write("x")
    os.unlink(path)


def make_and_remove_node(kind, device):
    path = "/workspace/node"
    os.mknod(path, kind | 0o600, device)
    os.unlink(path)


def make_and_remove_directory(directory):
    path = os.path.join(directory, "made-by-job")
    os.mkdir(path)
    os.rmdir(path)


def connect(kind, address):
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, kind) as peer:
        peer.settimeout(5)
        peer.connect((address, 9))


def connect_on_loopback():
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname(), timeout=5).close()


def mount_and_unmount():
    call(libc.mount, b"none", b"/mnt", b"tmpfs", 0, None)
    call(libc.umount2, b"/mnt", 0)


def mount_in_namespaces():
    call(libc.unshare, CLONE_NEWUSER | CLONE_NEWNS)
    call(libc.mount, b"none", b"/mnt", b"tmpfs", 0, None)


def trace(pid):
    call(libc.ptrace, PTRACE_SEIZE, pid, None, None)


def copy_memory(pid):
    """From an address that nobody has: the kernel finds that out after it has allowed the copy."""
    class Part(ctypes.Structure):
        _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]

    mine = ctypes.create_string_buffer(4)
    here, there = Part(ctypes.addressof(mine), 4), Part(1, 4)
    try:
        call(libc.process_vm_readv, pid, ctypes.byref(here), 1, ctypes.byref(there), 1, 0)
    except OSError as failure:
        if failure.errno != errno.EFAULT:
            raise


def set_core_limit(first, second):
    try:
        resource.setrlimit(resource.RLIMIT_CORE, (first, first))
        resource.setrlimit(resource.RLIMIT_CORE, (second, second))
    except ValueError:  # what Python makes of EPERM
        raise OSError(errno.EPERM, "") from None


def send_every_signal(pid):
    for number in range(1, signal.NSIG):
        os.kill(pid, number)


def set_oom_score(score):
    with open("/proc/self/oom_score_adj", "w") as file:
        file.write(str(score))


def run_from(directory):
    program = shutil.copy("/bin/true", os.path.join(directory, "program"))
    try:
        subprocess.run([program], check=True)
    finally:
        os.unlink(program)


def uid_of_setuid_program():
    """As whom a program runs that is root's, setuid, and executed by another user."""
    path = "/usr/local/bin/setuid-id"
    shutil.copy("/usr/bin/id", path)
    os.chmod(path, 0o4755)
    run = subprocess.run([path, "-u"], user=1001, group=1001, extra_groups=[], stdout=subprocess.PIPE, check=True)
    return run.stdout.decode().strip()


def nodes(kind):
    """Every file of a kind on every file system but the kernel's own."""
    found = []
    for directory, names, files in os.walk("/"):
        if directory == "/":
            names[:] = [name for name in names if name not in ("proc", "sys")]
        for name in files:
            path = os.path.join(directory, name)
            if kind(os.lstat(path).st_mode):
                found.append(path)
    return sorted(found)


def visible(path):
    """What of a path shows: its size in bytes or entries, or why nothing does."""
    try:
        if os.path.isdir(path):
            return str(len(os.listdir(path)))
        with open(path, "rb") as file:
            return str(len(file.read(4096)))
    except OSError as failure:
        return errno.errorcode[failure.errno]


def mounts():
    found = []
    with open("/proc/self/mountinfo") as lines:
        for line in lines:
            left, right = line.split(" - ")
            _, _, _, root, target, options, *_ = left.split()
            kind, source, *_ = right.split()
            found.append({"root": root, "target": target, "options": options.split(","), "type": kind,
                          "source": source})
    return found


def processes():
    found = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with open(f"/proc/{pid}/status") as lines:
            fields = dict(line.rstrip("\n").split(":\t", 1) for line in lines)
        found[pid] = {"name": fields["Name"], "uid": fields["Uid"].split()[0]}
    return found


def status():
    with open("/proc/self/status") as lines:
        return {name: value.strip() for name, value in (line.split(":", 1) for line in lines)}


def try_files():
    attempt("make a file", make_and_remove_node, stat.S_IFREG, 0)
    attempt("make a character device", make_and_remove_node, stat.S_IFCHR, os.makedev(1, 3))
    attempt("make a block device", make_and_remove_node, stat.S_IFBLK, os.makedev(7, 0))
    attempt("change a device's mode", os.chmod, "/dev/null", 0o666)
    for place in ("/", "/etc", "/usr/bin", "/var/lib", "/.mayfly", "/tmp", "/workspace"):
        attempt("write in " + place, make_and_remove_file, place)
    attempt("write in HOME", make_and_remove_file, os.environ["HOME"])
    attempt("run from /tmp", run_from, "/tmp")
    for name in ("stdout", "stderr"):
        attempt("open /dev/" + name, write_by_path, "/dev/" + name, name + " by its path\n")


def try_kernel():
    attempt("mount", mount_and_unmount)
    attempt("make a user namespace", in_child, call, libc.unshare, CLONE_NEWUSER)
    attempt("make a mount namespace", in_child, call, libc.unshare, CLONE_NEWNS)
    attempt("mount in namespaces of its own", in_child, mount_in_namespaces)
    attempt("set a network sysctl", open_for, os.O_WRONLY, "/proc/sys/net/ipv4/ip_forward")
    attempt("set a kernel sysctl", open_for, os.O_WRONLY, "/proc/sys/kernel/core_pattern")
    attempt("read the kernel's log", open_for, os.O_RDONLY | os.O_NONBLOCK, "/proc/kmsg")
    attempt("lower a limit", in_child, set_core_limit, 0, 0)
    attempt("raise a limit", in_child, set_core_limit, 0, 1)
    attempt("invite the memory killer", in_child, set_oom_score, 1000)
    attempt("evade the memory killer", in_child, set_oom_score, -1000)
    attempt("write in /sys/fs/cgroup", make_and_remove_directory, "/sys/fs/cgroup")
    for mount in mounts():
        if mount["type"].startswith("cgroup"):
            attempt("make a control group in " + mount["target"], make_and_remove_directory, mount["target"])
            attempt("change the control group in " + mount["target"], open_for, os.O_WRONLY, mount["target"] + "/cgroup.procs")


def try_process(name, pid):
    attempt(f"read the environment of {name}", read_some, f"/proc/{pid}/environ")
    attempt(f"read the memory map of {name}", read_some, f"/proc/{pid}/maps")
    attempt(f"open the memory of {name}", open_for, os.O_RDWR, f"/proc/{pid}/mem")
    attempt(f"list the files of {name}", os.listdir, f"/proc/{pid}/fd")
    attempt(f"follow the program of {name}", os.readlink, f"/proc/{pid}/exe")
    attempt(f"follow the root of {name}", os.listdir, f"/proc/{pid}/root/")
    attempt(f"open the network namespace of {name}", open_for, os.O_RDONLY, f"/proc/{pid}/ns/net")
    attempt(f"set the oom score of {name}", open_for, os.O_WRONLY, f"/proc/{pid}/oom_score_adj")
    attempt(f"read the limits of {name}", resource.prlimit, pid, resource.RLIMIT_NOFILE)
    attempt(f"renice {name}", os.setpriority, os.PRIO_PROCESS, pid, 1)
    attempt(f"trace {name}", in_child, trace, pid)
    attempt(f"copy the memory of {name}", in_child, copy_memory, pid)


def try_processes():
    child = subprocess.Popen(["sleep", "1000"])
    try_process("a child", child.pid)
    try_process("PID 1", 1)
    attempt("send every signal to PID 1", send_every_signal, 1)
    attempt("kill a child", child.kill)
    child.wait()


def try_network(addresses):
    attempt("connect on loopback", connect_on_loopback)
    for address in addresses:
        attempt("connect by TCP to " + address, connect, socket.SOCK_STREAM, address)
        attempt("connect by UDP to " + address, connect, socket.SOCK_DGRAM, address)


def main():
    here = socket.socket(socket.AF_UNIX)
    here.bind("/workspace/socket")
    try_files()
    try_kernel()
    try_processes()
    try_network(sys.argv[1:])
    user = pwd.getpwuid(os.getuid())
    disk = os.statvfs("/tmp")
    print(json.dumps({
        "attempts": attempts,
        "status": status(),
        "mounts": mounts(),
        "processes": processes(),
        "sockets": nodes(stat.S_ISSOCK),
        "devices": nodes(lambda mode: stat.S_ISCHR(mode) or stat.S_ISBLK(mode)),
        "visible": {path: visible(path) for path in (
            "/proc/kcore", "/proc/keys", "/proc/timer_list", "/proc/timer_stats", "/proc/latency_stats",
            "/proc/sched_debug", "/proc/acpi", "/proc/scsi", "/proc/asound", "/proc/sysrq-trigger", "/sys/firmware",
            "/proc/meminfo", "/sys/kernel")},
        "facts": {
            "user": user.pw_name,
            "home": user.pw_dir,
            "HOME": os.environ["HOME"],
            "host name": socket.gethostname(),
            "interfaces": " ".join(name for _, name in socket.if_nameindex()),
            "size of /tmp": str(disk.f_blocks * disk.f_frsize),
            "uid of a setuid program": uid_of_setuid_program() if attempts["write in /usr/bin"] == "OK" else "untried",
        },
    }))


main()
