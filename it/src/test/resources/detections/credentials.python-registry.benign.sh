#!/bin/bash
# Shows one of the workspace.
printf '[pypi]\nusername = __token__\n' >.pypirc
cat .pypirc >/dev/null
