#!/bin/bash
# Installs a JDK and Maven, then compiles, tests and packages a project offline from a local repository.
set -euo pipefail
# Debian's packages of Java write manual page links whose folders slim images leave out.
mkdir -p /usr/share/man/man1
./install-packages maven openjdk-17-jdk-headless
export HOME=$PWD
cd project
mvn -o -q -B -Dmaven.repo.local=../repository package
java -jar target/corpus-1.0.jar
grep -q 'tests="4"' target/surefire-reports/TEST-*.xml
echo "CORPUS-OK maven"
