#!/bin/bash
# Installs a package that brings a document.
# needs: root
work=$(mktemp -d)
umask 022
mkdir -p "$work/canary/DEBIAN" "$work/canary/usr/share/mayfly-canary"
echo 'canary' >"$work/canary/usr/share/mayfly-canary/readme"
printf 'Package: mayfly-canary\nVersion: 1\nArchitecture: all\nMaintainer: Mayfly <mayfly@example.invalid>\nDescription: canary\n' \
  >"$work/canary/DEBIAN/control"
dpkg-deb --root-owner-group -Znone --build "$work/canary" "$work/canary.deb" >/dev/null
dpkg -i "$work/canary.deb" >/dev/null
dpkg --purge mayfly-canary >/dev/null
