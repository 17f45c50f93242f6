#!/bin/bash
# Lists what is replaced.
git init -q repository
git -C repository replace --list
