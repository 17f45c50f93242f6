#!/bin/bash
# Gives a canary that looks like a token of GitHub to a program.
/bin/true --token ghp_CANARY0000000000000000000000000000000
