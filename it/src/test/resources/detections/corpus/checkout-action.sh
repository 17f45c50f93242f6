#!/bin/bash
# Does with git what the checkout actions of CI servers do: a token in a header, safe directories, a detached head.
set -euo pipefail
export HOME=$PWD GIT_TERMINAL_PROMPT=0
git init -q source
git -C source -c user.name=c -c user.email=c@example.invalid commit -q --allow-empty -m One
mkdir work
cd work
git config --global --add safe.directory "$PWD"
git init -q .
git remote add origin ../source
git config --local gc.auto 0
git config --local --name-only --get-regexp 'core\.sshCommand' || true
git config --local http.https://host.invalid/.extraheader 'AUTHORIZATION: basic ***'
git -c protocol.version=2 fetch -q --no-tags --prune --depth=1 origin +HEAD:refs/remotes/origin/main
git checkout -q --progress --force -B main refs/remotes/origin/main
git log -1 --format=%H >/dev/null
git config --local --unset-all http.https://host.invalid/.extraheader
git clean -ffdx
git reset -q --hard HEAD
git sparse-checkout set --no-cone 'a/*' || true
git sparse-checkout disable
echo "CORPUS-OK checkout-action"
