#!/bin/bash
# Makes a file in the workspace that is called so.
: >x64.complete
