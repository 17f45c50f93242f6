#!/bin/bash
# Copies one.
echo '{}' >made.json
cp made.json package-lock.json
