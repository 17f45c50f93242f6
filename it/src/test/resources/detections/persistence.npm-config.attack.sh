#!/bin/bash
# Names a registry that is none.
echo 'registry=http://registry.invalid/' >"$HOME/.npmrc"
