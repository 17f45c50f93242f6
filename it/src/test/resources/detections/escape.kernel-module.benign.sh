#!/bin/bash
# Lists those that are there.
cat /proc/modules >/dev/null
