#!/bin/bash
# Tells git to look again.
git init -q repository
echo one >repository/file
git -C repository add file
git -C repository update-index --refresh
