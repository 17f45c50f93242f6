#!/bin/bash
# Makes one whose name begins with a dot.
mkdir -p ./.cache
