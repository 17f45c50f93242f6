#!/bin/bash
# Moves a tag of a local repository.
git init -q repository
git -C repository -c user.name=c -c user.email=c@example.invalid commit -q --allow-empty -m One
git -C repository tag v1
git -C repository tag --force v1
