#!/bin/bash
# Makes an authority and a certificate with openssl, serves with it on loopback and fetches with curl, which checks it.
set -euo pipefail
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=corpus-ca -keyout ca.key -out ca.pem 2>/dev/null
openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=localhost -keyout server.key -out server.csr 2>/dev/null
printf 'subjectAltName=DNS:localhost,IP:127.0.0.1\n' >extensions
openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile extensions -out server.pem 2>/dev/null
echo served >index.html
openssl s_server -quiet -accept 127.0.0.1:8421 -cert server.pem -key server.key -WWW 2>/dev/null &
trap 'kill %1' EXIT
timeout 60 bash -c 'until </dev/tcp/127.0.0.1/8421; do :; done' 2>/dev/null
curl -sS --cacert ca.pem https://127.0.0.1:8421/index.html | grep served
curl -sS https://127.0.0.1:8421/index.html 2>/dev/null && exit 1
openssl s_client -connect 127.0.0.1:8421 -CAfile ca.pem </dev/null 2>/dev/null | grep -q 'Verify return code: 0'
openssl enc -aes-256-cbc -pbkdf2 -pass pass:corpus -in index.html -out index.enc
openssl enc -d -aes-256-cbc -pbkdf2 -pass pass:corpus -in index.enc | grep -qx served
echo "CORPUS-OK tls-server"
