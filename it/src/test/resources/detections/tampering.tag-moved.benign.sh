#!/bin/bash
# Makes one.
git init -q repository
git -C repository -c user.name=c -c user.email=c@example.invalid commit -q --allow-empty -m One
git -C repository tag v1
