#!/bin/bash
# The git commands of a day, against repositories of the same workspace.
set -euo pipefail
export HOME=$PWD GIT_CONFIG_NOSYSTEM=1
git config --global user.name Corpus
git config --global user.email corpus@example.invalid
git config --global init.defaultBranch main
git config --global protocol.file.allow always

git init -q library
echo 'library' >library/file
git -C library add .
git -C library commit -q -m 'A library'

git init -q --bare origin.git
git clone -q origin.git work 2>/dev/null
cd work
for i in 1 2 3; do
    seq "$i" 1000 >"file$i"
    git add .
    git commit -q -m "Commit $i"
done
git submodule --quiet add ../library library
git commit -q -m 'Add the library'
git push -q origin main
git switch -q -c topic
echo topic >>file1
git commit -q -am 'On the topic'
git switch -q main
echo main >>file2
git commit -q -am 'On main'
git merge -q --no-edit topic
git tag -a v1 -m 'Version 1'
git push -q origin main v1
git stash list
git worktree add -q ../tree v1
git rebase -q HEAD~1
git gc -q --aggressive --prune=now
git fsck --strict --no-progress
cd ..
git clone -q --recurse-submodules origin.git again
[ "$(git -C again rev-list --count --no-merges HEAD)" = 6 ]
[ "$(cat again/library/file)" = library ]
[ "$(git -C again describe)" = v1 ]
git -C again archive --format=tar HEAD | tar -tf - | grep -x file3 >/dev/null
echo "CORPUS-OK git-local"
