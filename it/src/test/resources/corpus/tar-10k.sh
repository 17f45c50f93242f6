#!/bin/bash
# Ten thousand files with modes, times, links and a FIFO, through tar and back, unchanged.
set -euo pipefail
mkdir tree back
(
    cd tree
    for directory in $(seq 100); do
        mkdir "d$directory"
        for file in $(seq 100); do
            echo "$directory $file" >"d$directory/f$file"
        done
        chmod 640 "d$directory/f1"
        ln "d$directory/f2" "d$directory/hard"
        ln -s f3 "d$directory/soft"
    done
    mkfifo fifo
    touch -d @1000000000 d1/f4
)
# The POSIX format keeps nanoseconds.
tar -C tree --format=posix -czf tree.tar.gz .
tar -C back -xzpf tree.tar.gz
[ "$(find back -name 'f*' -type f | wc -l)" = 10000 ]
[ -p back/fifo ]
listing() { (cd "$1" && find . ! -type d -printf '%P %m %n %T@ %l %s\n' | sort); }
diff <(listing tree) <(listing back)
(cd tree && find . -type f -exec sha256sum {} + | sort) >sums
(cd back && sha256sum --quiet -c ../sums)
[ "$(stat -c %Y back/d1/f4)" = 1000000000 ]
rm -rf tree back
echo "CORPUS-OK tar-10k"
