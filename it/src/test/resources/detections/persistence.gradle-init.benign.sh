#!/bin/bash
# Writes one into the workspace, for one build.
mkdir -p init.d
echo '// canary' >init.d/canary.gradle
