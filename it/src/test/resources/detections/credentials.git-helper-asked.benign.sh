#!/bin/bash
# Has git forget one.
printf 'protocol=https\nhost=host.invalid\nusername=canary\n\n' | git credential reject
