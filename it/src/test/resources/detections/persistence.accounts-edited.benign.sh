#!/bin/bash
# Makes one as it should be done.
# needs: root
useradd --no-create-home --shell /usr/sbin/nologin mayfly-canary
