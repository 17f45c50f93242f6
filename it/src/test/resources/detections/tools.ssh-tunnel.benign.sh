#!/bin/bash
# Runs a command on that host, with the same copy.
directory=$(mktemp -d)
cp /bin/true "$directory/ssh"
"$directory/ssh" -T host.invalid true
