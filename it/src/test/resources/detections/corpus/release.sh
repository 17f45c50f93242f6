#!/bin/bash
# Tags, archives, signs off and describes a release: git tags, archives, checksums, a changelog, a version file.
set -euo pipefail
export HOME=$PWD
git config --global user.name Corpus
git config --global user.email corpus@example.invalid
git init -q project
cd project
for version in 1.0.0 1.1.0 2.0.0; do
    echo "$version" >VERSION
    git add VERSION
    git commit -q -m "Release $version"
    git tag -a "v$version" -m "Version $version"
done
git log --format='- %s (%h)' v1.0.0..HEAD >../CHANGELOG
git describe --tags --exact-match | grep -qx v2.0.0
mkdir -p ../dist
git archive --format=tar.gz --prefix=project-2.0.0/ -o ../dist/project-2.0.0.tar.gz v2.0.0
git archive --format=zip -o ../dist/project-2.0.0.zip v2.0.0
cd ../dist
sha256sum ./* >SHA256SUMS
sha512sum ./*.tar.gz >SHA512SUMS
sha256sum --quiet -c SHA256SUMS
sed -i 's/2\.0\.0/2.0.1/' ../project/VERSION
git -C ../project diff --quiet && exit 1
[ "$(wc -l <../CHANGELOG)" = 2 ]
echo "CORPUS-OK release"
