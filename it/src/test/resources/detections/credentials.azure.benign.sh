#!/bin/bash
# Shows the configuration beside it.
mkdir -p "$HOME/.azure"
printf '[cloud]\nname = AzureCloud\n' >"$HOME/.azure/config"
cat "$HOME/.azure/config" >/dev/null
