#!/bin/bash
# Root in the sandbox installs, runs, reinstalls and purges Debian packages.
set -euo pipefail
[ "$(id -u)" = 0 ] || { echo "apt-install: apt-get needs identity root" >&2; exit 1; }
./install-packages hello cowsay tree
[ "$(hello)" = "Hello, world!" ]
/usr/games/cowsay sandbox | grep '< sandbox >'
tree --version
dpkg --verify hello tree
./install-packages --reinstall hello
DEBIAN_FRONTEND=noninteractive apt-get -qq -y purge hello
if command -v hello; then
    echo "apt-install: hello is still there after purge" >&2
    exit 1
fi
[ "$(dpkg-query -W -f '${db:Status-Status}' tree)" = installed ]
echo "CORPUS-OK apt-install"
