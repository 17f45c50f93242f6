#!/bin/bash
# Lets git make a repository, with its samples of hooks.
git init -q repository
