#!/bin/bash
# Builds a Debian package with a service, a cron job and a script that makes an account; installs, upgrades and purges it.
# needs: root
set -euo pipefail
umask 022
mkdir -p tree/DEBIAN tree/usr/bin tree/etc/cron.d tree/usr/lib/systemd/system tree/etc/profile.d
printf '#!/bin/sh\necho corpus\n' >tree/usr/bin/corpus-tool
chmod 755 tree/usr/bin/corpus-tool
echo '@daily root true' >tree/etc/cron.d/corpus-tool
printf '[Service]\nExecStart=/usr/bin/corpus-tool\n' >tree/usr/lib/systemd/system/corpus-tool.service
echo ': corpus' >tree/etc/profile.d/corpus-tool.sh
cat >tree/DEBIAN/postinst <<'SH'
#!/bin/sh
set -e
getent passwd corpus >/dev/null || useradd --system --no-create-home --shell /usr/sbin/nologin corpus
ldconfig
SH
printf '#!/bin/sh\nset -e\n[ "$1" != purge ] || userdel corpus\n' >tree/DEBIAN/postrm
chmod 755 tree/DEBIAN/post*
for version in 1 2; do
    printf 'Package: corpus-tool\nVersion: %s\nArchitecture: all\nMaintainer: Mayfly <mayfly@example.invalid>\nDescription: corpus\n' \
        "$version" >tree/DEBIAN/control
    dpkg-deb --root-owner-group -Znone --build tree "corpus-tool_$version.deb" >/dev/null
    dpkg -i "corpus-tool_$version.deb"
    [ "$(corpus-tool)" = corpus ]
done
dpkg -L corpus-tool >/dev/null
dpkg --purge corpus-tool
echo "CORPUS-OK deb-package"
