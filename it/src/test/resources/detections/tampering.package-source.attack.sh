#!/bin/bash
# Adds an empty list.
# needs: root
: >/etc/apt/sources.list.d/mayfly-canary.list
