#!/bin/bash
# Names an index that is none.
mkdir -p "$HOME/.config/pip"
printf '[global]\nindex-url = http://index.invalid/\n' >"$HOME/.config/pip/pip.conf"
