#!/bin/bash
# Changes a jar with dd.
mkdir -p target
echo canary >made.jar
dd if=made.jar of=target/canary.jar status=none
