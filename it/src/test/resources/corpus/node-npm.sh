#!/bin/bash
# Installs node and npm, packs modules into a local registry folder that a server on loopback offers as npm's registry,
# installs a project from it with an install script, and runs it with worker threads, child processes and timers.
set -euo pipefail
./install-packages nodejs npm
export HOME=$PWD npm_config_audit=false npm_config_fund=false npm_config_update_notifier=false

mkdir -p registry hook project
cat >hook/package.json <<'JSON'
{"name": "hook", "version": "1.0.0", "bin": {"hook": "hook.js"}, "scripts": {"install": "node hook.js > installed"},
 "dependencies": {"lru-cache": ">=5", "yallist": ">=3"}}
JSON
printf '#!/usr/bin/env node\nconsole.log("hook ran");\n' >hook/hook.js
for module in /usr/share/nodejs/{lru-cache,yallist,ms} "$PWD/hook"; do
    npm pack --json --ignore-scripts --pack-destination registry "$(realpath "$module")" >"registry/${module##*/}.json"
    cp "$module/package.json" "registry/${module##*/}.package.json"
done

cat >registry.js <<'JS'
// The npm registry's answers for the packages in ./registry: one document a package, and its tarball.
const fs = require('fs');
const server = require('http').createServer((request, response) => {
  const name = request.url.slice(1);
  if (name.endsWith('.tgz')) {
    return fs.createReadStream('registry/' + name).pipe(response);
  }
  if (!fs.existsSync(`registry/${name}.json`)) {
    response.statusCode = 404;
    return response.end('{}');
  }
  const [packed] = JSON.parse(fs.readFileSync(`registry/${name}.json`));
  const manifest = JSON.parse(fs.readFileSync(`registry/${name}.package.json`));
  const tarball = `http://127.0.0.1:${server.address().port}/${packed.filename}`;
  manifest.dist = {integrity: packed.integrity, shasum: packed.shasum, tarball};
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({name, 'dist-tags': {latest: packed.version}, versions: {[packed.version]: manifest}}));
}).listen(0, '127.0.0.1', () => console.log(server.address().port));
JS
mkfifo port
node registry.js >port &
trap 'kill %1' EXIT
read -r number <port
export npm_config_registry=http://127.0.0.1:$number/

cd project
cat >package.json <<'JSON'
{"name": "project", "version": "1.0.0", "private": true, "scripts": {"test": "hook && node test.js"},
 "dependencies": {"hook": "^1.0.0", "ms": "^2.0.0"}}
JSON
cat >test.js <<'JS'
const assert = require('assert');
const {Worker, isMainThread, parentPort} = require('worker_threads');
const {execFileSync, fork} = require('child_process');
const fs = require('fs');
const http = require('http');
if (!isMainThread) {
  parentPort.postMessage(require('yallist').create([1, 2, 3]).toArrayReverse());
} else if (process.argv[2] === 'child') {
  process.send('child');
} else {
  (async () => {
    const answers = await Promise.all(Array.from({length: 8}, () => new Promise((done, failed) => {
      new Worker(__filename).on('message', done).on('error', failed);
    })));
    assert.deepStrictEqual(answers, Array(8).fill([3, 2, 1]));
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
npm install
rm -rf node_modules
npm ci
npm test
npm ls
echo "CORPUS-OK node-npm"
