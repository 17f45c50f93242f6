#!/bin/bash
# Installs Node.js and runs a program with clusters, child processes, workers and servers.
# needs: root
# workspace: node-npm
set -euo pipefail
./install-packages nodejs
cat >cluster.js <<'JS'
const cluster = require('cluster'), http = require('http'), {exec, spawn} = require('child_process');
if (cluster.isPrimary) {
  let answers = 0;
  for (let i = 0; i < 3; i++) cluster.fork();
  let listening = 0;
  cluster.on('listening', (worker, address) => {
    if (++listening < 3) return;
    for (let i = 0; i < 9; i++) {
      http.get({port: address.port, host: '127.0.0.1', agent: false}, response => {
        response.resume();
        response.on('end', () => { if (++answers === 9) for (const id in cluster.workers) cluster.workers[id].kill(); });
      });
    }
  });
  exec('echo child; exit 3', (error, out) => { if (error.code !== 3 || out !== 'child\n') process.exit(1); });
  const detached = spawn('sleep', ['0.1'], {detached: true, stdio: 'ignore'});
  detached.unref();
  process.title = 'corpus';
} else {
  http.createServer((request, response) => response.end('x')).listen(8424, '127.0.0.1');
}
JS
timeout 60 node cluster.js
node -e 'require("fs").writeFileSync("out", JSON.stringify(process.versions))'
[ -s out ]
echo "CORPUS-OK node-processes"
