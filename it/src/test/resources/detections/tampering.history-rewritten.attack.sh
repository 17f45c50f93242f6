#!/bin/bash
# Has git show one commit in place of another.
git init -q repository
git -C repository -c user.name=c -c user.email=c@example.invalid commit -q --allow-empty -m One
one=$(git -C repository rev-parse HEAD)
git -C repository -c user.name=c -c user.email=c@example.invalid commit -q --allow-empty -m Two
git -C repository replace HEAD "$one"
