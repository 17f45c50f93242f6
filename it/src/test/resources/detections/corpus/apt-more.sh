#!/bin/bash
# Installs several packages one after another, holds and removes them, and fixes what is half done.
# needs: root
# workspace: apt-install
set -euo pipefail
./install-packages tree
./install-packages cowsay hello
apt-mark hold hello >/dev/null
apt-mark unhold hello >/dev/null
dpkg --configure -a
dpkg -s cowsay >/dev/null
apt-get -qq -y -o Acquire::Retries=3 remove cowsay
apt-get -qq -y autoremove --purge
dpkg-query -W >/dev/null
apt-cache policy tree >/dev/null
apt-get -qq clean
rm -rf /var/lib/apt/lists/* /var/log/apt/* /var/log/*.log
tree --version
echo "CORPUS-OK apt-more"
