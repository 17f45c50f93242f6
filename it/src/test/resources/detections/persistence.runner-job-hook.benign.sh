#!/bin/bash
# Starts one with another variable of the runner's.
env ACTIONS_STEP_DEBUG=true true
