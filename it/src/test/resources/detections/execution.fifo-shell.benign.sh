#!/bin/bash
# Makes a pipe for a shell that is given a command.
directory=$(mktemp -d)
mkfifo "$directory/pipe"
sh -c true </dev/null
