#!/bin/bash
# Makes a project of three repositories, clones it with its submodules, and updates them.
set -euo pipefail
export HOME=$PWD GIT_CONFIG_NOSYSTEM=1
git config --global user.name Corpus
git config --global user.email corpus@example.invalid
git config --global protocol.file.allow always
git config --global --add safe.directory '*'
git config --global url.https://github.com/.insteadOf git@github.com:
for name in one two; do
    git init -q "$name"
    echo "$name" >"$name/file"
    git -C "$name" add .
    git -C "$name" commit -q -m "$name"
done
git init -q project
git -C project submodule --quiet add "$PWD/one" modules/one
git -C project submodule --quiet add "$PWD/two" modules/two
git -C project commit -q -m Modules
git clone -q --recurse-submodules --jobs 2 project checkout
[ "$(cat checkout/modules/two/file)" = two ]
echo more >>one/file
git -C one commit -q -am More
git -C checkout submodule --quiet update --remote modules/one
git -C checkout submodule foreach --quiet 'git rev-parse HEAD >/dev/null'
git -C checkout submodule --quiet sync --recursive
git -C checkout submodule --quiet deinit --force --all
git -C checkout clean -ffdxq
echo "CORPUS-OK git-submodules"
