#!/bin/bash
# Asks for an ordinary name.
# needs: resolver
getent hosts onion.canary.invalid || true
