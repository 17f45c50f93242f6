#!/bin/bash
# Looks into it.
cat /etc/hosts >/dev/null
