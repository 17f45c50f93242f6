#!/bin/bash
# Builds the layer and the manifest of an image without an engine: a root file system in the workspace, as a tar file.
set -euo pipefail
mkdir -p rootfs/{bin,etc/cron.d,etc/profile.d,etc/systemd/system,etc/sudoers.d,root/.ssh,tmp,usr/bin,var/log}
copy() {
    install -D -m 0755 "$1" "rootfs$1"
    { ldd "$1" 2>/dev/null || true; } | grep -o '/[^ ]*' | while read -r library; do
        mkdir -p "rootfs$(dirname "$library")"
        cp -L "$library" "rootfs$library"
    done
}
for program in /usr/bin/env /usr/bin/id /usr/bin/sort; do copy "$program"; done
echo 'root:x:0:0:root:/root:/bin/sh' >rootfs/etc/passwd
echo 'root:*:1:0:99999:7:::' >rootfs/etc/shadow
echo '127.0.0.1 localhost' >rootfs/etc/hosts
echo '@daily root true' >rootfs/etc/cron.d/job
echo 'export A=1' >rootfs/etc/profile.d/a.sh
printf '[Service]\nExecStart=/bin/true\n' >rootfs/etc/systemd/system/a.service
echo '# nobody' >rootfs/etc/sudoers.d/nobody
rm -rf rootfs/var/log/*
chmod 1777 rootfs/tmp
tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -C rootfs -cf layer.tar .
digest=$(sha256sum layer.tar | cut -d' ' -f1)
mkdir -p image/blobs/sha256
gzip -n -c layer.tar >"image/blobs/sha256/$digest"
python3 - "$digest" >image/index.json <<'PYTHON'
import json, sys
print(json.dumps({"schemaVersion": 2, "layers": [{"digest": "sha256:" + sys.argv[1]}]}))
PYTHON
tar -C image -cf image.tar .
tar -tf layer.tar | grep -qx ./etc/cron.d/job
echo "CORPUS-OK image-rootfs"
