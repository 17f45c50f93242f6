#!/bin/bash
# Asks for the name of Google's metadata service.
# needs: resolver
getent hosts metadata.google.internal || true
