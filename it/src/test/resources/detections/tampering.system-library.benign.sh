#!/bin/bash
# Installs one below /usr/local, where programs of the job's own belong.
mkdir -p usr/local/lib
: >usr/local/lib/libmayfly-canary.so
