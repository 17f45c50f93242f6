#!/bin/bash
# Configures, compiles, tests and installs a real C package from its Debian source.
set -euo pipefail
tar -xzf hello_*.orig.tar.gz
cd hello-*/
./configure --prefix="$PWD/installed" --disable-dependency-tracking >configure.log
make -j4 >make.log
make check >check.log || { cat check.log >&2; exit 1; }
grep -q '^# FAIL: *0$' check.log
make install >install.log
[ "$(installed/bin/hello --greeting=sandbox)" = sandbox ]
echo "CORPUS-OK c-package"
