#!/bin/bash
# Starts one from a directory that is seen.
directory=$(mktemp -d)
cp /bin/true "$directory/true"
"$directory/true"
