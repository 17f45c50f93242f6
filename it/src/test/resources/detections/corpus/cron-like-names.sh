#!/bin/bash
# A project whose files are called as those of a system, such as an Ansible role or a package’s sources, is built and checked.
set -euo pipefail
mkdir -p role/files/{cron.d,profile.d,sudoers.d,systemd/system,pam.d,udev/rules.d,ssh} role/templates chart/.github dotfiles/.ssh
echo '* * * * * root true' >role/files/cron.d/job
echo 'export A=1' >role/files/profile.d/a.sh
echo '# none' >role/files/sudoers.d/none
printf '[Service]\nExecStart=/bin/true\n' >role/files/systemd/system/a.service
echo 'auth required pam_deny.so' >role/files/pam.d/a
echo '# none' >role/files/udev/rules.d/a.rules
echo '# none' >role/files/ssh/sshd_config
echo 'alias a=b' >dotfiles/.bashrc
echo 'ssh-ed25519 AAAACANARY' >dotfiles/.ssh/authorized_keys
echo 'Host *' >dotfiles/.ssh/config
printf '[user]\n\tname = c\n' >dotfiles/.gitconfig
echo 'registry=http://registry.invalid/' >.npmrc
cat role/files/*/* dotfiles/.ssh/config .npmrc >/dev/null 2>&1 || true
tar -cf role.tar role dotfiles
git init -q .
git add -A
git -c user.name=c -c user.email=c@example.invalid commit -q -m All
git clone -q . ../tmp-clone 2>/dev/null || git clone -q . clone
git status --short | head -1
echo "CORPUS-OK cron-like-names"
