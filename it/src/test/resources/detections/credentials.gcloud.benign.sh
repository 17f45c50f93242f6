#!/bin/bash
# Shows which project is set.
mkdir -p "$HOME/.config/gcloud/configurations"
printf '[core]\nproject = canary\n' >"$HOME/.config/gcloud/configurations/config_default"
cat "$HOME/.config/gcloud/configurations/config_default" >/dev/null
