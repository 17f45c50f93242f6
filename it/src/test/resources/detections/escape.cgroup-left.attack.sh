#!/bin/bash
# Tries to put itself into the uppermost cgroup.
echo $$ | tee /sys/fs/cgroup/cgroup.procs >/dev/null 2>&1 || true
