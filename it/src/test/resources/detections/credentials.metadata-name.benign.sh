#!/bin/bash
# Asks for a name like it.
# needs: resolver
getent hosts metadata.canary.invalid || true
