#!/bin/bash
# Asks for the name of a catcher of requests.
# needs: resolver
getent hosts canary.webhook.site || true
