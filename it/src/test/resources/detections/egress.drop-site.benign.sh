#!/bin/bash
# Asks for a name like it.
# needs: resolver
getent hosts webhook.canary.invalid || true
