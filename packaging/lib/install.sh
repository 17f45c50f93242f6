# shellcheck shell=bash
# What packaging/quickstart and packaging/verify share beside lib/common.sh: steps with progress, the packages
# they need, the JDK, and the build.

root=$(readlink -f -- "${BASH_SOURCE[0]%/*}/../..")

# --- Steps ------------------------------------------------------------------------------------------------

STEP=''
STEP_PID=''
STEP_LOG=''

# Opens the log of a run; the one before is kept.
open_log() {
  install -d -m 0755 "$MAYFLY_LOGS"
  STEP_LOG=$MAYFLY_LOGS/$1.log
  if [ -f "$STEP_LOG" ]; then mv -f "$STEP_LOG" "$STEP_LOG.1"; fi
  : >"$STEP_LOG"
  trap 'interrupted' INT TERM
}

interrupted() {
  trap - INT TERM
  if [ -n "$STEP_PID" ]; then
    kill -TERM -- "-$STEP_PID" 2>/dev/null || true
    wait_for 20 "the step to end" process_gone "$STEP_PID" || true
  fi
  printf '\n' >&2
  fail "interrupted while: ${STEP:-between two steps}" "run ${0##*/} again: it goes on from where it was"
}

# step TITLE COMMAND...: runs a command with its output in the log; tells how long it took and its last line, and
# that it is still running when it takes more than two seconds. Ends the script when the command fails.
step() {
  local start=$SECONDS told=0 begin elapsed line status=0
  STEP=$1
  shift
  printf '== %s\n' "$STEP" >>"$STEP_LOG"
  begin=$(($(wc -l <"$STEP_LOG") + 1))
  # In the background, so that 'set -e' holds in it: it does not in a condition. In a process group of its own,
  # so that an interrupt reaches all that it started.
  set -m
  "$@" >>"$STEP_LOG" 2>&1 </dev/null &
  STEP_PID=$!
  set +m
  while ! process_gone "$STEP_PID"; do
    sleep 0.05
    elapsed=$((SECONDS - start))
    if ((elapsed < 2 || elapsed == told)); then continue; fi
    told=$elapsed
    if [ -t 1 ]; then
      printf '\r  ..  %s (%s s)' "$STEP" "$elapsed"
    elif ((elapsed == 2 || elapsed % 15 == 0)); then
      printf '  ..  %s (%s s)\n' "$STEP" "$elapsed"
    fi
  done
  wait "$STEP_PID" || status=$?
  STEP_PID=''
  if [ -t 1 ]; then printf '\r\033[K'; fi
  elapsed=$((SECONDS - start))
  if ((status != 0)); then
    printf 'FAILED  %s (after %s s, exit code %s)\n' "$STEP" "$elapsed" "$status" >&2
    tail -n "+$begin" "$STEP_LOG" | tail -n 20 | sed 's/^/  | /' >&2
    fail "${0##*/} stopped at: $STEP" "do what the lines above say, then run ${0##*/} again" "the whole log: $STEP_LOG"
  fi
  line=$(tail -n "+$begin" "$STEP_LOG" | grep -v '^[[:space:]]*$' | tail -n 1 | cut -c1-100 || true)
  printf '  ok  %s (%s s)%s\n' "$STEP" "$elapsed" "${line:+: $line}"
  STEP=''
}

# --- Packages ---------------------------------------------------------------------------------------------

missing_packages=()
missing_jdk=no

# need PACKAGE COMMAND|/FILE...: notes the package when any of the commands or files (globs) is not there.
need() {
  local package=$1 what
  shift
  for what in "$@"; do
    case $what in
      /*) if compgen -G "$what" >/dev/null; then continue; fi ;;
      *) if have "$what"; then continue; fi ;;
    esac
    missing_packages+=("$package")
    return
  done
}

need_for_build_and_engine() {
  need docker.io dockerd
  # A docker-ce brings its own of these two.
  need containerd containerd
  need runc runc
  need nftables nft
  need libnftables1 '/usr/lib/*/libnftables.so.1'
  need clang clang
  need make make
  need libc6-dev '/usr/lib/*/libc.a'
  need libbpf-dev /usr/include/bpf/bpf.h
  need linux-libc-dev /usr/include/linux/bpf.h
  need maven mvn
  need mmdebstrap mmdebstrap
  need curl curl
  need iproute2 ip
  need e2fsprogs mkfs.ext4
  need mount losetup
  need util-linux flock setsid setpriv
  need passwd useradd
  need ca-certificates /etc/ssl/certs/ca-certificates.crt
  if ! find_jdk >/dev/null; then missing_jdk=yes; fi
}

# Packages that start a daemon when installed ask policy-rc.d first. The engine is Mayfly's own: the
# distribution's dockerd is not to run because of us, neither now nor after the next boot.
readonly policy_rc=/usr/sbin/policy-rc.d

install_missing() {
  local package had_docker=yes
  if ((${#missing_packages[@]} == 0)) && [ $missing_jdk = no ]; then
    say "nothing is missing"
    return
  fi
  if ! have apt-get; then
    if [ $missing_jdk = yes ]; then missing_packages+=("a JDK 25"); fi
    fail "missing here: ${missing_packages[*]}, and there is no apt-get to install them" \
      "install what this system has for them, and run ${0##*/} again"
  fi
  have dockerd || had_docker=no
  apt-get update || fail "apt-get update failed" "check the network, and the sources in /etc/apt"
  if [ $missing_jdk = yes ]; then
    package=$(jdk_package) || no_jdk
    missing_packages+=("$package")
  fi
  say "installing: ${missing_packages[*]}"
  if [ ! -e "$policy_rc" ]; then
    printf '#!/bin/sh\n# Made by Mayfly while it installs packages.\nexit 101\n' >"$policy_rc"
    chmod 0755 "$policy_rc"
    trap 'rm -f "$policy_rc"' EXIT
  fi
  DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "${missing_packages[@]}" ||
    fail "apt-get could not install: ${missing_packages[*]}" "see its message above"
  if [ "$had_docker" = no ] && [ -d /run/systemd/system ]; then
    systemctl disable --now docker.socket docker.service containerd.service || true
  fi
  say "installed: ${missing_packages[*]}"
}

# --- Java -------------------------------------------------------------------------------------------------

jdk_version() { sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release" 2>/dev/null || true; }

# Prints the home of a JDK 25: the version that the build is made for, which a later one may not take.
find_jdk() {
  local home
  for home in "${JAVA_HOME:-/nonexistent}" /usr/lib/jvm/*; do
    if [ -x "$home/bin/javac" ] && [ "$(jdk_version "$home")" = 25 ]; then
      readlink -f -- "$home"
      return
    fi
  done
  return 1
}

jdk_package() {
  local package
  for package in openjdk-25-jdk-headless temurin-25-jdk msopenjdk-25 java-25-amazon-corretto-jdk zulu25-jdk-headless; do
    if [ -n "$(apt-cache show --no-all-versions "$package" 2>/dev/null)" ]; then
      echo "$package"
      return
    fi
  done
  return 1
}

no_jdk() {
  fail "no JDK 25 was found (JAVA_HOME, /usr/lib/jvm), and apt has none" \
    "download a JDK 25 for Linux (Eclipse Temurin, for example) and unpack it: tar -C /usr/lib/jvm -xf FILE" \
    "or set JAVA_HOME to where you have one"
}

use_jdk() {
  JAVA_HOME=$(find_jdk) || no_jdk
  export JAVA_HOME
  # Maven 3.8's own libraries make JDK 25 warn of what it will not allow some day.
  export MAVEN_OPTS="${MAVEN_OPTS:-} --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow"
}

# --- Corpus -----------------------------------------------------------------------------------------------

readonly CORPUS=/var/cache/mayfly-verify/corpus

# prepare_corpus [NAME...]: real projects that are built in sandboxes without a network, and servers that tests start;
# all, or the named ones.
prepare_corpus() {
  local prepare=$root/it/src/test/resources/corpus/prepare
  [ -x "$prepare" ] || fail "$prepare is missing or not executable" "restore it: git checkout -- it"
  mkdir -p "$CORPUS"
  "$prepare" "$CORPUS" "$@"
}

# --- Build ------------------------------------------------------------------------------------------------

# One hash over names, sizes and times of all sources.
source_state() {
  (
    cd "$root" || exit
    find pom.xml agent it/pom.xml it/src/main src seccomp -name target -prune -o -type f -printf '%p %s %T@\n' | sort
    echo "$JAVA_HOME"
  ) | sha256sum | cut -d' ' -f1
}

build() {
  local stamp=$root/agent/target/dist.sources state
  state=$(source_state)
  if [ -d "$root/agent/target/dist/lib" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$state" ]; then
    say "nothing has changed since the last build"
    return
  fi
  rm -f "$stamp"
  (cd "$root" && mvn --batch-mode --no-transfer-progress -Dstyle.color=never -q -DskipTests package) ||
    fail "the build failed" "see Maven's message above"
  echo "$state" >"$stamp"
  give_back
  say "built $root/agent/target/dist"
}

# What root built in another's checkout is to stay theirs to rebuild.
give_back() {
  find "$root" -maxdepth 2 -name target -exec chown -R --reference="$root" {} +
}
