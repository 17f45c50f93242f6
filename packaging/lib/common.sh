# shellcheck shell=bash disable=SC2034
# What the scripts of packaging/ share. Sourced by bash scripts that have set -euo pipefail.

# Where the distribution keeps daemons: su and cron leave sbin out of PATH.
export PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"

readonly MAYFLY_STATE=/var/lib/mayfly
readonly MAYFLY_LOGS=/var/log/mayfly

say() { printf '%s\n' "$*"; }
note() { printf 'mayfly: %s\n' "$*" >&2; }

# fail CAUSE [REMEDY...]: each remedy is a line of its own.
fail() {
  local line
  printf 'error: %s\n' "$1" >&2
  shift
  for line in "$@"; do printf '  fix: %s\n' "$line" >&2; done
  exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

# require COMMAND PACKAGE
require() {
  have "$1" || fail "the command '$1' is missing" "apt-get install $2 (packaging/quickstart does it for you)"
}

require_root() {
  [ "$(id -u)" -eq 0 ] || fail "$1 needs root" "run it with sudo, or as root"
}

# Re-executes the calling script as root. Call it as: become_root "$0" "$@"
become_root() {
  [ "$(id -u)" -ne 0 ] || return 0
  have sudo || fail "${1##*/} needs root and there is no sudo" "log in as root and run it again"
  note "${1##*/} needs root: asking sudo"
  exec sudo --preserve-env=CI,JAVA_HOME,http_proxy,https_proxy,no_proxy -- "$@"
}

# wait_for SECONDS WHAT COMMAND...: polls until COMMAND succeeds; tells that it waits once two seconds have passed.
wait_for() {
  local limit=$1 what=$2 start=$SECONDS told=0
  shift 2
  until "$@"; do
    if ((SECONDS - start >= limit)); then return 1; fi
    if ((SECONDS - start >= 2 && SECONDS - start > told)); then
      told=$((SECONDS - start))
      if ((told == 2 || told % 10 == 0)); then note "waiting for $what (${told} s of at most $limit s)"; fi
    fi
    sleep 0.05
  done
}

# Sets the variables of one engine instance: names, directories, sockets.
instance_paths() {
  INSTANCE=$1
  [[ $INSTANCE =~ ^[a-z][a-z0-9]{0,7}$ ]] ||
    fail "'$INSTANCE' is not an instance name" "use at most 8 lower-case letters and digits, a letter first"
  if [ "$INSTANCE" = mayfly ]; then
    ENGINE_NAME=mayfly BRIDGE=mayfly0
  else
    ENGINE_NAME=mayfly-$INSTANCE BRIDGE=mayfly-$INSTANCE
  fi
  RUN_DIR=/run/$ENGINE_NAME
  ENGINE_RUN=$RUN_DIR/engine
  SOCKET=$RUN_DIR/engine.sock
  DATA_DIR=/var/lib/$ENGINE_NAME
  ENGINE_DATA=$DATA_DIR/engine
  CONTAINERD_DATA=$DATA_DIR/containerd
  CONTAINERD_SOCKET=$ENGINE_RUN/containerd.sock
  CGROUP_PARENT=/$ENGINE_NAME
  ENGINE_LOG=$MAYFLY_LOGS/engine-$INSTANCE.log
}

# engine_api METHOD PATH [CURL OPTION...]: one call to the instance's engine. curl rather than the docker
# client, because distributions package the client apart from the daemon and hosts put others before it in PATH.
engine_api() {
  local method=$1 path=$2
  shift 2
  curl --silent --show-error --fail --noproxy '*' --unix-socket "$SOCKET" --request "$method" "$@" "http://engine$path"
}

engine_answers() { engine_api GET /_ping --max-time 2 --output /dev/null 2>/dev/null; }

# is_process PID EXECUTABLE ARGUMENT: whether PID runs EXECUTABLE with exactly this argument. A pid file outlives
# its process, and the number may be another's by now.
is_process() {
  local pid=$1 program=$2 argument=$3 exe
  exe=$(readlink "/proc/$pid/exe" 2>/dev/null) || return 1
  exe=${exe% (deleted)}
  [ "${exe##*/}" = "$program" ] && grep -qzxF -- "$argument" "/proc/$pid/cmdline" 2>/dev/null
}

# end_process PID SECONDS: TERM, and KILL when the time is over. True when the process is gone.
end_process() {
  kill -TERM "$1" 2>/dev/null || return 0
  if wait_for "$2" "process $1 to end" process_gone "$1"; then return 0; fi
  note "process $1 does not end: killing it"
  kill -KILL "$1" 2>/dev/null || return 0
  wait_for 5 "process $1 to be killed" process_gone "$1"
}

# A zombie is gone as far as its resources are concerned; where nobody reaps (no init), it stays listed.
process_gone() {
  local stat
  read -r stat 2>/dev/null <"/proc/$1/stat" || return 0
  stat=${stat##*) }
  [ "${stat%% *}" = Z ]
}

# mounts_below DIR...: mount points in DIR or below it, innermost first.
mounts_below() {
  local dir
  for dir in "$@"; do
    awk -v dir="$dir" '{
      point = $5; gsub(/\\040/, " ", point)
      if (point == dir || index(point, dir "/") == 1) print point
    }' /proc/self/mountinfo
  done | tac
}

unmount_below() {
  local point
  while IFS= read -r point; do
    umount "$point" 2>/dev/null || umount --lazy "$point" 2>/dev/null ||
      note "cannot unmount $point: $(umount "$point" 2>&1 || true)"
  done < <(mounts_below "$@")
}

# cgroup_dirs NAME: the directories of this cgroup in every mounted hierarchy (v1, v2 and both at once).
cgroup_dirs() {
  local root
  awk '{ for (i = 7; $i != "-"; i++); if ($(i + 1) ~ /^cgroup2?$/) print $5 }' /proc/self/mountinfo |
    while IFS= read -r root; do
      if [ -d "$root$1" ]; then printf '%s\n' "$root$1"; fi
    done
}

cgroup_pids() {
  local dir
  while IFS= read -r dir; do
    find "$dir" -name cgroup.procs -exec cat {} + 2>/dev/null || true
  done < <(cgroup_dirs "$1") | sort -un
}

# Kills what runs in a cgroup, and removes it from every hierarchy.
remove_cgroup() {
  local dir pid
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    while IFS= read -r pid; do kill -KILL "$pid" 2>/dev/null || true; done < <(cgroup_pids "$1")
    while IFS= read -r dir; do
      find "$dir" -depth -type d -exec rmdir {} + 2>/dev/null || true
    done < <(cgroup_dirs "$1")
    [ -n "$(cgroup_dirs "$1")" ] || return 0
    sleep 0.1
  done
  note "cgroup $1 cannot be removed: $(cgroup_dirs "$1" | tr '\n' ' ')"
  return 1
}
