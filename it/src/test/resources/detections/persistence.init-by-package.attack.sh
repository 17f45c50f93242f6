#!/bin/bash
# Installs a package that brings an init script, and removes it.
# needs: root
work=$(mktemp -d)
umask 022
mkdir -p "$work/canary/DEBIAN" "$work/canary/etc/init.d"
echo '#!/bin/sh' >"$work/canary/etc/init.d/mayfly-canary"
printf 'Package: mayfly-canary\nVersion: 1\nArchitecture: all\nMaintainer: Mayfly <mayfly@example.invalid>\nDescription: canary\n' \
  >"$work/canary/DEBIAN/control"
dpkg-deb --root-owner-group -Znone --build "$work/canary" "$work/canary.deb" >/dev/null
dpkg -i "$work/canary.deb" >/dev/null
dpkg --purge mayfly-canary >/dev/null
