#!/bin/bash
# Installs node and npm, packs modules into a local registry folder, installs a project from it offline with an
# install script, and runs it with worker threads, child processes and timers.
set -euo pipefail
./install-packages nodejs npm
export HOME=$PWD npm_config_offline=true npm_config_audit=false npm_config_fund=false npm_config_update_notifier=false

mkdir -p registry hook project
for module in semver lru-cache yallist ms; do
    npm pack --silent --ignore-scripts --pack-destination registry "$(realpath "/usr/share/nodejs/$module")"
done
cat >hook/package.json <<'JSON'
{"name": "hook", "version": "1.0.0", "bin": {"hook": "hook.js"}, "scripts": {"install": "node hook.js > installed"}}
JSON
printf '#!/usr/bin/env node\nconsole.log("hook ran");\n' >hook/hook.js
npm pack --silent --pack-destination registry ./hook

cd project
cat >package.json <<'JSON'
{"name": "project", "version": "1.0.0", "private": true, "scripts": {"test": "hook && node test.js"}}
JSON
cat >test.js <<'JS'
const assert = require('assert');
const {Worker, isMainThread, parentPort} = require('worker_threads');
const {execFileSync, fork} = require('child_process');
const fs = require('fs');
const http = require('http');
if (!isMainThread) {
  parentPort.postMessage(require('semver').inc('1.2.3', 'minor'));
} else if (process.argv[2] === 'child') {
  process.send('child');
} else {
  (async () => {
    const versions = await Promise.all(Array.from({length: 8}, () => new Promise((done, failed) => {
      new Worker(__filename).on('message', done).on('error', failed);
    })));
    assert.deepStrictEqual(new Set(versions), new Set(['1.3.0']));
    assert.strictEqual(require('ms')('2 days'), 172800000);
    assert.strictEqual(execFileSync('sh', ['-c', 'echo $((6 * 7))']).toString(), '42\n');
    assert.strictEqual(await new Promise(done => fork(__filename, ['child']).on('message', done)), 'child');
    assert.match(fs.readFileSync('node_modules/hook/installed', 'utf8'), /hook ran/);
    const watched = new Promise(done => { const w = fs.watch('.', () => { w.close(); done(); }); });
    await fs.promises.writeFile('touched', 'x');
    await watched;
    const server = http.createServer((request, response) => response.end('served'));
    await new Promise(done => server.listen(0, '127.0.0.1', done));
    const body = await new Promise(done => http.get({port: server.address().port, host: '127.0.0.1'},
      response => response.setEncoding('utf8').on('data', done)));
    assert.strictEqual(body, 'served');
    server.close();
  })().catch(error => { console.error(error); process.exit(1); });
}
JS
npm install ../registry/*.tgz
npm ci
npm test
npm ls
echo "CORPUS-OK node-npm"
