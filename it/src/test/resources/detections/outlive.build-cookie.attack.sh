#!/bin/bash
# Starts a program with the cookie that keeps it.
env JENKINS_NODE_COOKIE=dontKillMe true
