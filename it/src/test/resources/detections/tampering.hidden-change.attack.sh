#!/bin/bash
# Tells git not to look at a file.
git init -q repository
echo one >repository/file
git -C repository add file
git -C repository update-index --assume-unchanged file
