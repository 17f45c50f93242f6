#!/bin/bash
# Decodes data.
python3 -c 'import base64; print(base64.b64decode("cGFzcw=="))' >/dev/null
