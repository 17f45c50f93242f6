#!/bin/bash
# Sets up what a deploying job does: a key for SSH, known hosts, registries’ logins, Maven’s and pip’s mirrors; all canaries.
set -euo pipefail
umask 077
mkdir -p "$HOME/.ssh" "$HOME/.docker" "$HOME/.m2" "$HOME/.kube" "$HOME/.config/pip" "$HOME/.aws"
printf 'CANARY\n' >"$HOME/.ssh/id_ed25519"
chmod 600 "$HOME/.ssh/id_ed25519"
echo 'host.invalid ssh-ed25519 AAAACANARY' >>"$HOME/.ssh/known_hosts"
printf 'Host host.invalid\n  User deploy\n' >"$HOME/.ssh/config"
echo '{"auths": {"registry.invalid": {"auth": "CANARY"}}}' >"$HOME/.docker/config.json"
echo '//registry.invalid/:_authToken=${NPM_TOKEN}' >"$HOME/.npmrc"
echo '<settings/>' >"$HOME/.m2/settings.xml"
printf '[global]\nindex-url = http://index.invalid/simple\n' >"$HOME/.config/pip/pip.conf"
printf '[default]\naws_access_key_id = CANARY\n' >"$HOME/.aws/credentials"
echo 'apiVersion: v1' >"$HOME/.kube/config"
chmod 600 "$HOME/.kube/config" "$HOME/.aws/credentials"
printf 'machine host.invalid login canary password CANARY\n' >"$HOME/.netrc"
git config --global credential.helper store
curl -s -n --max-time 1 http://127.0.0.1:9/ || true
ls -la "$HOME/.ssh" >/dev/null
rm -rf "$HOME/.ssh" "$HOME/.aws" "$HOME/.kube" "$HOME/.netrc"
echo "CORPUS-OK deploy-setup"
