#!/bin/bash
# Makes a self-extracting installer, as many vendors ship, and installs from it into the home directory.
set -euo pipefail
export HOME=$PWD/home
mkdir -p payload/bin "$HOME"
printf '#!/bin/sh\necho vendor\n' >payload/bin/vendor-tool
chmod +x payload/bin/vendor-tool
cat >header.sh <<'SH'
#!/bin/sh
set -e
target=${1:-$HOME/.vendor}
mkdir -p "$target"
line=$(awk '/^__PAYLOAD__$/ { print NR + 1; exit }' "$0")
tail -n +"$line" "$0" | tar -xz -C "$target"
mkdir -p "$HOME/.local/bin"
ln -sf "$target/bin/vendor-tool" "$HOME/.local/bin/vendor-tool"
exit 0
__PAYLOAD__
SH
{ cat header.sh && tar -C payload -cz .; } >installer.run
chmod +x installer.run
./installer.run
[ "$("$HOME/.local/bin/vendor-tool")" = vendor ]
echo "CORPUS-OK self-extracting"
