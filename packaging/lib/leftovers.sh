# shellcheck shell=bash disable=SC2154
# What packaging/verify and packaging/benchmark find of jobs and of engine instances when nothing should be left.
# NAME is an instance's ENGINE_NAME. Needs lib/common.sh and lib/install.sh.

# leftovers_on_socket SOCKET: while the engine is there to be asked.
leftovers_on_socket() {
  local SOCKET=$1
  engine_api GET '/containers/json?all=1' --max-time 10 | grep -o '"Id":"[0-9a-f]\{64\}"' |
    sed "s|^|container on $SOCKET |" || true
  engine_api GET '/volumes' --max-time 10 | grep -o '"Name":"[^"]*"' | sed "s|^|volume on $SOCKET |" || true
}

# leftovers_of_jobs NAME: what jobs left beside the engine's own, while it runs.
leftovers_of_jobs() {
  local dir
  awk -v name="$1" '$5 ~ "^/var/lib/" name "/.*/overlay2/" { print "mount " $5 }' /proc/self/mountinfo
  losetup --noheadings --list --output NAME,BACK-FILE |
    awk -v name="$1" 'index($2, "/" name "/") { print "loop device " $0 }'
  cgroup_dirs "/$1" | while IFS= read -r dir; do find "$dir" -mindepth 1 -type d -printf 'cgroup %p\n'; done
}

# leftovers_of_instance NAME: everything of it, once it is stopped and purged.
leftovers_of_instance() {
  local dir
  ip -o link show | grep -ow "$1" | sed 's/^/interface /' || true
  awk -v name="$1" 'index($5 "/", "/" name "/") { print "mount " $5 }' /proc/self/mountinfo
  cgroup_dirs "/$1"
  for dir in "/run/$1" "/var/lib/$1"; do
    if [ -e "$dir" ]; then echo "$dir"; fi
  done
  for dir in /proc/[0-9]*; do
    if grep -qE "/(run|var/lib)/$1/" "$dir/cmdline" 2>/dev/null; then
      echo "process ${dir#/proc/}: $(tr '\0' ' ' <"$dir/cmdline" | cut -c1-120)"
    fi
  done
}

# assert_nothing FINDER WHEN: fails with what FINDER prints.
assert_nothing() {
  local left
  left=$("$1")
  if [ -z "$left" ]; then return; fi
  printf '%s\n' "$left" | sed 's/^/  | left behind: /' >&2
  fail "${0##*/} found what should be gone ($2)" "whoever made it did not destroy it: see the output above"
}

# Supervisors keep their claims in the default instance's directory, whichever engine they use.
remove_claims() {
  "$root/packaging/engine/mayfly-engine" status >/dev/null || "$root/packaging/engine/mayfly-engine" down
}
