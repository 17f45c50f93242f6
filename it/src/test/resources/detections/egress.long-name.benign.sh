#!/bin/bash
# Asks for an ordinary name.
# needs: resolver
getent hosts host.canary.invalid || true
