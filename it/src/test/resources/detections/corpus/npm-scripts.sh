#!/bin/bash
# Runs npm’s life-cycle scripts of a project without dependencies, packs it, and installs the pack globally.
# needs: root
# workspace: node-npm
set -euo pipefail
./install-packages nodejs npm
export HOME=$PWD npm_config_audit=false npm_config_fund=false npm_config_update_notifier=false npm_config_offline=true
mkdir -p project
cd project
cat >package.json <<'JSON'
{"name": "corpus-project", "version": "1.0.0", "bin": {"corpus-tool": "tool.js"},
 "scripts": {"pretest": "echo before", "test": "node tool.js", "build": "mkdir -p dist && cp tool.js dist/", "prepare": "npm run build"}}
JSON
printf '#!/usr/bin/env node\nconsole.log("tool");\n' >tool.js
npm install
npm test
npm run build
npm pack
npm install --global ./corpus-project-1.0.0.tgz
[ "$(corpus-tool)" = tool ]
npm uninstall --global corpus-project
npm config set save-exact true
npm config get registry >/dev/null
echo "CORPUS-OK npm-scripts"
