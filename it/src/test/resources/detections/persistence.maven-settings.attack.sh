#!/bin/bash
# Writes empty settings.
mkdir -p "$HOME/.m2"
echo '<settings/>' >"$HOME/.m2/settings.xml"
