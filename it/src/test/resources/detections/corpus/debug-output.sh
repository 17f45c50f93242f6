#!/bin/bash
# Prints what people print when a job fails: environment, processes, disks, memory, network, limits.
set -euo pipefail
{
    env | sort
    printenv PATH
    set | head -5
    id
    uname -a
    cat /etc/os-release /proc/cpuinfo /proc/meminfo /proc/self/status /proc/self/cgroup /proc/self/mounts
    ps aux
    ps -ef --forest
    top -b -n 1
    df -h
    du -sh .
    free -m
    ip address
    ip route
    ss -tln
    ulimit -a
    ls -la / /tmp "$HOME" .
    cat /etc/hosts /etc/resolv.conf /etc/passwd
    pgrep bash
    uptime
    mount
    gcc --version
    python3 --version
    git --version
    git config --list --show-origin
} >output 2>&1 || true
[ -s output ]
echo "CORPUS-OK debug-output"
