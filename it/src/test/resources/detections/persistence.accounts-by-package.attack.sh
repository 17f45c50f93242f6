#!/bin/bash
# Installs a package whose script makes an account, and removes it.
# needs: root
work=$(mktemp -d)
umask 022
mkdir -p "$work/canary/DEBIAN"
printf 'Package: mayfly-canary\nVersion: 1\nArchitecture: all\nMaintainer: Mayfly <mayfly@example.invalid>\nDescription: canary\n' \
  >"$work/canary/DEBIAN/control"
printf '#!/bin/sh\nexec useradd --no-create-home --shell /usr/sbin/nologin mayfly-canary\n' >"$work/canary/DEBIAN/postinst"
chmod 755 "$work/canary/DEBIAN/postinst"
dpkg-deb --root-owner-group -Znone --build "$work/canary" "$work/canary.deb" >/dev/null
dpkg -i "$work/canary.deb" >/dev/null
dpkg --purge mayfly-canary >/dev/null
