#!/bin/bash
# Makes the pipe, and a shell that gets nothing from it.
directory=$(mktemp -d)
mkfifo "$directory/pipe"
sh -i </dev/null >/dev/null 2>&1
