#!/bin/bash
# Decodes it into a file.
echo dHJ1ZQo= | base64 -d >decoded
