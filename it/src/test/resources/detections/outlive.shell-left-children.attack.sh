#!/bin/bash
# Lets a shell end before its child.
sh -c 'sleep 1 &'
sleep 1
