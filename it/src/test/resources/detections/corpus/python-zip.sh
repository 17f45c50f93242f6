#!/bin/bash
# Compiles a tree of modules, packs it as a program in one file, as a source archive and as a wheel by hand, and runs it.
set -euo pipefail
mkdir -p tree/tool
for number in $(seq 30); do echo "value = $number" >"tree/tool/m$number.py"; done
echo >tree/tool/__init__.py
cat >tree/__main__.py <<'PYTHON'
import importlib
print(sum(importlib.import_module(f"tool.m{n}").value for n in range(1, 31)))
PYTHON
python3 -m compileall -q tree
python3 -m zipapp tree -o tool.pyz -p '/usr/bin/env python3'
[ "$(./tool.pyz)" = 465 ]
mkdir -p dist
tar -czf dist/tool-1.tar.gz tree
(cd tree && python3 -m zipfile -c ../dist/tool-1-py3-none-any.whl tool)
python3 -c "import sys; sys.path.insert(0, 'dist/tool-1-py3-none-any.whl'); import tool.m3; assert tool.m3.value == 3"
sha256sum dist/* >SHA256SUMS
sha256sum -c --quiet SHA256SUMS
echo "CORPUS-OK python-zip"
