#!/bin/bash
# Starts a program in a user name space, where it has all capabilities.
# needs: allow-userns, user
unshare --user --map-root-user true
