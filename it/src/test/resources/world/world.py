"""
The test world: a name space "mfyt-world" with hosts, servers and an attacker's sinks, joined to this machine by one
pair of devices and by routes for exactly its addresses; and "mfyt-job", which is joined to the world only, and from
which attempts are seen to work.

Usage: world.py DIRECTORY [quiet]     as root; DIRECTORY is empty and the caller's

Prints "ready" once all is there and every address has been seen to lead into the world. Takes "flush" on its standard
input, see servers.py; at its end it takes everything away, and fails where something is left. One at a time on a
machine: another waits.
"""

import errno
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import plan  # noqa: E402

CERTIFICATES = {
    "allowed.test": "DNS:allowed.test,DNS:*.allowed.test", "good.cdn.test": "DNS:good.cdn.test",
    "evil.cdn.test": "DNS:evil.cdn.test", "world": "DNS:world.test,DNS:*.test",
}
# ip-netns(8) shows these in the place of /etc's own to what is run in the space.
ETC = pathlib.Path("/etc/netns", plan.JOB)


def run(*command, **more):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more)
    if done.returncode:
        raise SystemExit(f"world: {' '.join(command)}: {done.stderr.strip()}")
    return done.stdout


def attempt(*command):
    return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0


def ip(*arguments):
    return run("ip", *arguments)


def within(space, *command):
    return run("ip", "netns", "exec", space, *command)


def family(address):
    return "-6" if ":" in address else "-4"


def take_machine():
    """Waits until no other world is on this machine; a name that the kernel forgets with the process."""
    lock = socket.socket(socket.AF_UNIX)
    told = False
    while True:
        try:
            lock.bind("\0mayfly-it-world")
            return lock
        except OSError as failure:
            if failure.errno != errno.EADDRINUSE:
                raise
        if not told:
            print("world: another one is up on this machine: waiting for its end", file=sys.stderr, flush=True)
            told = True
        time.sleep(0.2)


# --- Making -------------------------------------------------------------------------------------------------


def backstop():
    """First of all: nothing for these addresses may take the default route."""
    for route in plan.UNREACHABLE:
        ip(family(route), "route", "add", "unreachable", route, "metric", plan.LAST_METRIC)


def settle(space, *settings):
    for setting in settings:
        within(space, "sysctl", "--quiet", "--write", setting)


def link(space, here, there, addresses):
    """A pair of devices between a space (or the host) and the world; no packet is sent by making it."""
    name, here4, here6 = here
    ip("link", "add", name, *(["netns", space] if space else []), "type", "veth", "peer", "name", there[0], "netns",
       plan.WORLD)
    for where, device, four, six in ((space, name, here4, here6), (plan.WORLD, *there)):
        command = ["-n", where] if where else []
        ip(*command, "link", "set", device, "addrgenmode", "none")
        ip(*command, "addr", "add", four + "/30", "dev", device)
        ip(*command, "addr", "add", six + "/64", "dev", device, "nodad")
    ip("-n", plan.WORLD, "link", "set", there[0], "up")
    ip(*(["-n", space] if space else []), "link", "set", name, "up")
    for route in addresses:
        gateway = there[1] if ":" not in route else there[2]
        ip(*(["-n", space] if space else []), family(route), "route", "add", route, "via", gateway, "dev", name)


def spaces():
    for space in (plan.WORLD, plan.JOB):
        ip("netns", "add", space)
        settle(space, "net.ipv6.conf.default.accept_ra=0", "net.ipv6.conf.all.accept_ra=0",
               "net.ipv4.conf.all.rp_filter=0", "net.ipv4.conf.default.rp_filter=0")
        ip("-n", space, "link", "set", "lo", "up")
    for address in (*plan.ADDRESSES, plan.LOAD4):
        ip("-n", plan.WORLD, "addr", "add", address + ("/128" if ":" in address else "/32"), "dev", "lo",
           *(["nodad"] if ":" in address else []))
    link("", (plan.HOST_LINK, plan.HOST4, plan.HOST6), (plan.WORLD_LINK, plan.WORLD4, plan.WORLD6), plan.ROUTED)
    for route in plan.ANSWERED4 + plan.ANSWERED6:
        ip("-n", plan.WORLD, family(route), "route", "add", route, "via",
           plan.HOST6 if ":" in route else plan.HOST4, "dev", plan.WORLD_LINK)
    link(plan.JOB, (plan.JOB_LINK, plan.JOB4, plan.JOB6), (plan.JOB_WORLD_LINK, plan.JOB_WORLD4, plan.JOB_WORLD6),
         ["0.0.0.0/0", "::/0"])
    # Nobody asks for a neighbour on behalf of an address of another device without a link-local address.
    ip("addr", "add", "fe80::1/64", "dev", plan.HOST_LINK, "nodad")
    ip("-n", plan.WORLD, "addr", "add", "fe80::2/64", "dev", plan.WORLD_LINK, "nodad")
    ip("-n", plan.WORLD, "addr", "add", plan.JOB_WORLD_LINK_LOCAL + "/64", "dev", plan.JOB_WORLD_LINK, "nodad")
    ip("-n", plan.JOB, "addr", "add", "fe80::2/64", "dev", plan.JOB_LINK, "nodad")
    settle(plan.JOB, "net.ipv4.ping_group_range=0 2147483647")
    settle(plan.WORLD, "net.ipv4.tcp_max_syn_backlog=65536", "net.core.somaxconn=8192")
    ETC.mkdir(parents=True)
    (ETC / "resolv.conf").write_text(f"nameserver {plan.PUBLIC4['dns']}\noptions timeout:1 attempts:1\n")
    (ETC / "hosts").write_text("127.0.0.1 localhost\n")


def assert_routes():
    """Where packets of this machine for every test address would go, before any is sent."""
    for address in (*plan.ADDRESSES, plan.LOAD4, *plan.ALSO_ASSERTED):
        looked = subprocess.run(["ip", "-o", "route", "get", address], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                text=True)
        into_world = f" dev {plan.HOST_LINK} " in looked.stdout
        said = (looked.stdout + looked.stderr).lower()
        unreachable = looked.returncode != 0 and ("no route to host" in said or "unreachable" in said)
        if not into_world and (address in plan.ADDRESSES or not unreachable):
            raise SystemExit(f"world: packets for {address} would not go into the world: "
                             f"{looked.stdout.strip() or looked.stderr.strip()}")
        inside = ip("-n", plan.JOB, "-o", "route", "get", address)
        if f" dev {plan.JOB_LINK} " not in inside:
            raise SystemExit(f"world: packets of {plan.JOB} for {address} would go elsewhere: {inside}")


def certify(directory):
    """An authority and what it says of each name."""
    directory.mkdir()
    new = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    authority, key = str(directory / "ca.crt"), str(directory / "ca.key")
    run(*new, "-subj", "/CN=Mayfly test world", "-keyout", key, "-out", authority)
    for name, alternatives in CERTIFICATES.items():
        own = str(directory / (name + ".key"))
        certificate = run(*new, "-CA", authority, "-CAkey", key, "-subj", f"/CN={name}", "-addext",
                          f"subjectAltName={alternatives}", "-addext", "basicConstraints=critical,CA:FALSE",
                          "-keyout", own)
        (directory / (name + ".pem")).write_text(certificate + pathlib.Path(own).read_text())


# --- Taking away --------------------------------------------------------------------------------------------


def own_processes():
    found = []
    for space in (plan.WORLD, plan.JOB):
        if pathlib.Path("/run/netns", space).exists():
            found += [int(pid) for pid in run("ip", "netns", "pids", space).split()]
    return found


def clear():
    """Whatever is there of it, of this world or of one that was killed."""
    for pid in own_processes():
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    attempt("ip", "link", "delete", plan.HOST_LINK)
    for space in (plan.JOB, plan.WORLD):
        if pathlib.Path("/run/netns", space).exists():
            ip("netns", "delete", space)
    for route in reversed(plan.UNREACHABLE):
        attempt("ip", family(route), "route", "delete", "unreachable", route, "metric", plan.LAST_METRIC)
    shutil.rmtree(ETC, ignore_errors=True)
    if ETC.parent.is_dir() and not any(ETC.parent.iterdir()):
        ETC.parent.rmdir()


def leftovers():
    found = [f"name space {space}" for space in (plan.WORLD, plan.JOB) if pathlib.Path("/run/netns", space).exists()]
    found += [f"device {device}" for device in os.listdir("/sys/class/net") if device == plan.HOST_LINK]
    for route in plan.UNREACHABLE:
        found += [f"route {line}" for line in ip(family(route), "route", "show", "exact", route).splitlines()]
    found += [str(ETC)] if ETC.exists() else []
    return found


# --- Being there --------------------------------------------------------------------------------------------


def pass_fences():
    """Sends a packet after all others, on every processor: the kernel queues what is on its way by processor."""
    mine = os.sched_getaffinity(0)
    try:
        for processor in mine:
            os.sched_setaffinity(0, {processor})
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as fence:
                fence.settimeout(10)
                fence.sendto(b"fence", (plan.WORLD4, plan.FENCE))
                fence.recv(16)
    finally:
        os.sched_setaffinity(0, mine)


def serve(directory, options):
    here = pathlib.Path(__file__).parent
    servers = subprocess.Popen(
        ["ip", "netns", "exec", plan.WORLD, sys.executable, "-B", str(here / "servers.py"), str(directory), *options],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        if servers.stdout.readline() != "ready\n":
            raise SystemExit("world: the servers did not start")
        print("ready", flush=True)
        for line in sys.stdin:
            if line.strip() == "flush":
                pass_fences()
                servers.stdin.write("flush\n")
                servers.stdin.flush()
                answer = servers.stdout.readline()
                if not answer:
                    raise SystemExit("world: the servers have ended")
                print(json.dumps(json.loads(answer)), flush=True)
    finally:
        servers.kill()
        servers.wait()


def main():
    directory = pathlib.Path(sys.argv[1]).resolve()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    machine = take_machine()
    clear()
    strange = leftovers()
    if strange:
        raise SystemExit(f"world: somebody else's are there: {strange}")
    try:
        backstop()
        spaces()
        assert_routes()
        certify(directory / "tls")
        serve(directory, sys.argv[2:])
    finally:
        clear()
    left = leftovers()
    machine.close()
    if left:
        raise SystemExit(f"world: left behind: {left}")


main()
