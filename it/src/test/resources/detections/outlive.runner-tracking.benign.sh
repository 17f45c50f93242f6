#!/bin/bash
# Starts one without another variable of the runner's.
env -u RUNNER_TEMP true
