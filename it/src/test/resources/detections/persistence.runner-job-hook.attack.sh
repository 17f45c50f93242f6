#!/bin/bash
# Starts a program with a hook that is none.
env ACTIONS_RUNNER_HOOK_JOB_STARTED=/nonexistent true
