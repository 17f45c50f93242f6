#!/bin/bash
# Compiles a program.
echo 'int main(void) { return 0; }' >canary.c
gcc -o canary canary.c
