#!/bin/bash
# Names one for the project alone.
echo 'registry=http://registry.invalid/' >.npmrc
