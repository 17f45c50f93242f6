#!/bin/bash
# Makes an account that nobody can log in to.
# needs: root
useradd --no-create-home --shell /usr/sbin/nologin mayfly-canary
