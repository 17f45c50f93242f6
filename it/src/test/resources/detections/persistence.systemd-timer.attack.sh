#!/bin/bash
# Writes a timer of the user's own systemd.
mkdir -p "$HOME/.config/systemd/user"
printf '[Timer]\nOnCalendar=minutely\n' >"$HOME/.config/systemd/user/canary.timer"
