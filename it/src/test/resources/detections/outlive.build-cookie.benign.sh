#!/bin/bash
# Starts one with a number for the build.
env BUILD_ID=17 true
