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

# leftovers_of_jobs NAME: what jobs left in the engine's own places, while it runs.
leftovers_of_jobs() {
  local dir
  awk -v name="$1" '$5 ~ "^/var/lib/" name "/.*/overlay2/" { print "mount " $5 }' /proc/self/mountinfo
  cgroup_dirs "/$1" | while IFS= read -r dir; do find "$dir" -mindepth 1 -type d -printf 'cgroup %p\n'; done
}

# is_stray SANDBOX SOCKET...: whether nobody supervises it, and its supervisor used one of these engines or does
# not say which.
is_stray() {
  local claim=/run/mayfly/supervisors/${1%-*} engine='' socket
  shift
  if [ ! -d "$claim" ]; then return 0; fi
  flock --nonblock "$claim" true || return 1
  if [ ! -f "$claim/scope" ]; then return 0; fi
  IFS= read -r -d '' engine <"$claim/scope" || true
  for socket in "$@"; do
    if [ "$socket" = "$engine" ]; then return 0; fi
  done
  return 1
}

# leftovers_of_sandboxes SOCKET...: the control groups, disks and network devices of sandboxes. They are at one place
# for all engines, or wherever a state-dir is.
leftovers_of_sandboxes() {
  local dir device name sandbox what
  {
    cgroup_dirs /mayfly | while IFS= read -r dir; do
      find "$dir" -mindepth 1 -maxdepth 1 -type d -printf '%f cgroup %p\n'
    done
    losetup --noheadings --list --output NAME,BACK-FILE |
      sed -nE 's:^(.*/([a-z2-7]{8}-[0-9]+)\.img.*)$:\2 loop device \1:p'
    for device in /sys/class/net/mfy*; do
      name=$(cat "$device/ifalias" 2>/dev/null) || continue
      case $name in dev.mayfly.sandbox=*) echo "${name#*=} network device ${device##*/}" ;; esac
    done
  } | while read -r sandbox what; do
    if [[ $sandbox =~ ^[a-z2-7]{8}-[0-9]+$ ]] && is_stray "$sandbox" "$@"; then echo "$what"; fi
  done
}

# network_of_host: what Mayfly makes and changes on the host for its runners and the network of its sandboxes, one a
# line.
network_of_host() {
  local device program setting
  for device in /sys/class/net/mfy*; do
    if [ -e "$device" ]; then echo "network device ${device##*/}"; fi
  done
  if [ -e /run/mayfly/network ]; then echo /run/mayfly/network; fi
  if [ -e /run/mayfly/runners ]; then find /run/mayfly/runners -mindepth 1 -maxdepth 1; fi
  cgroup_dirs /mayfly-runners
  for program in iptables ip6tables; do
    if have "$program"; then
      "$program" --wait --list-rules 2>/dev/null | grep -e '--comment "\?mayfly"\? ' | sed "s/^/$program /" || true
    fi
  done
  for setting in ipv4/ip_forward ipv6/conf/all/forwarding; do
    if [ -e "/proc/sys/net/$setting" ]; then echo "setting net.${setting//\//.} = $(<"/proc/sys/net/$setting")"; fi
  done
}

# supervisor_lives: whether somebody supervises sandboxes now, such as the service of this machine.
supervisor_lives() {
  local claim
  for claim in /run/mayfly/supervisors/*; do
    if [ -d "$claim" ] && ! flock --nonblock "$claim" true; then return 0; fi
  done
  return 1
}

# leftovers_of_network BEFORE: what network_of_host prints now and did not when it printed BEFORE. All of it is shared
# by all supervisors, and the last of them puts it back: while one lives there is nothing to tell.
leftovers_of_network() {
  if supervisor_lives; then return; fi
  comm -13 <(sort <<<"$1") <(network_of_host | sort)
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

# Supervisors keep their claims in the default instance's directory, whichever engine they use. Those of dead ones
# tell what may be left: look for that first.
remove_claims() {
  "$root/packaging/engine/mayfly-engine" status >/dev/null || "$root/packaging/engine/mayfly-engine" down
}
