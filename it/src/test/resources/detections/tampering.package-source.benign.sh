#!/bin/bash
# Puts one into the workspace, for one run of apt-get.
: >sources.list
