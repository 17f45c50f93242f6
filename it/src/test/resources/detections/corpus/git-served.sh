#!/bin/bash
# Clones over git’s own protocol and over HTTP from servers on loopback, shallow and whole, and bundles a repository.
set -euo pipefail
export HOME=$PWD GIT_CONFIG_NOSYSTEM=1
git config --global user.name Corpus
git config --global user.email corpus@example.invalid
git init -q origin
for number in $(seq 5); do
    seq "$number" >"origin/file$number"
    git -C origin add .
    git -C origin commit -q -m "Commit $number"
done
git -C origin update-server-info
git daemon --base-path="$PWD" --export-all --listen=127.0.0.1 --port=9418 --pid-file=daemon.pid --reuseaddr --detach
trap 'kill "$(cat daemon.pid)" $server 2>/dev/null' EXIT
python3 -m http.server --bind 127.0.0.1 8418 >/dev/null 2>&1 &
server=$!
timeout 60 bash -c 'until </dev/tcp/127.0.0.1/8418; do :; done' 2>/dev/null
timeout 60 bash -c 'until </dev/tcp/127.0.0.1/9418; do :; done' 2>/dev/null
git clone -q git://127.0.0.1/origin whole
git clone -q --depth 1 git://127.0.0.1/origin shallow
git clone -q http://127.0.0.1:8418/origin/.git dumb
[ "$(git -C whole rev-list --count HEAD)" = 5 ]
[ "$(git -C shallow rev-list --count HEAD)" = 1 ]
[ "$(git -C dumb rev-parse HEAD)" = "$(git -C origin rev-parse HEAD)" ]
git -C whole bundle create -q ../origin.bundle --all
git clone -q origin.bundle from-bundle
git -C shallow fetch -q --unshallow
echo "CORPUS-OK git-served"
