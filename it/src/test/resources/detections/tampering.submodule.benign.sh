#!/bin/bash
# Lets git write it.
git init -q library
git -C library -c user.name=c -c user.email=c@example.invalid commit -q --allow-empty -m One
git init -q project
git -C project -c protocol.file.allow=always submodule --quiet add "$PWD/library" library
