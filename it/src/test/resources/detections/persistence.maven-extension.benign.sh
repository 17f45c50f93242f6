#!/bin/bash
# Copies a project that has one.
mkdir -p project
echo '<extensions/>' >project/extensions.xml
cp -r project copy
