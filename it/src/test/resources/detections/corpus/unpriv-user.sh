#!/bin/bash
# Makes an account for the build, gives it the sources and builds as that user, as many images do.
# needs: root
set -euo pipefail
useradd --create-home --shell /bin/bash builder
mkdir -p /home/builder/project
echo 'int main(void) { return 0; }' >/home/builder/project/main.c
printf 'main: main.c\n\tgcc -o $@ $<\n' >/home/builder/project/Makefile
chown -R builder: /home/builder
su builder -c 'cd ~/project && make && ./main && id -un' | tail -1 | grep -qx builder
groupadd tests
usermod -aG tests builder
id -nG builder | grep -qw tests
userdel -r builder 2>/dev/null
groupdel tests
echo "CORPUS-OK unpriv-user"
