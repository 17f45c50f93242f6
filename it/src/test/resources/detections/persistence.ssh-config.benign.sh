#!/bin/bash
# Writes one into the workspace.
printf 'Host host.invalid\n' >ssh_config
