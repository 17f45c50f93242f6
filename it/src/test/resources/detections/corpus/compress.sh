#!/bin/bash
# Packs and unpacks a tree with every compressor of the image, and compares.
set -euo pipefail
mkdir -p tree
for number in $(seq 200); do seq "$number" >"tree/$number"; done
ln -s 1 tree/link
tar -cf plain.tar tree
for option in z J; do
    tar "-c${option}f" "packed.$option" tree
    mkdir -p "out.$option"
    tar -C "out.$option" "-x${option}f" "packed.$option"
    diff -r tree "out.$option/tree"
done
gzip -k plain.tar
xz -k -T2 plain.tar
zcat plain.tar.gz | cmp - plain.tar
xzcat plain.tar.xz | cmp - plain.tar
python3 -m tarfile -l packed.J >/dev/null
split -b 20k plain.tar part.
cat part.* | cmp - plain.tar
base64 plain.tar >plain.b64
base64 -d plain.b64 | cmp - plain.tar
echo "CORPUS-OK compress"
