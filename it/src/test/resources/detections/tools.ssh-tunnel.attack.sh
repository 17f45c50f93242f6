#!/bin/bash
# Opens a tunnel to a host that is none, with a copy of true in place of ssh.
directory=$(mktemp -d)
cp /bin/true "$directory/ssh"
"$directory/ssh" -fNR 8080:127.0.0.1:80 host.invalid
