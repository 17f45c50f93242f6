#!/bin/bash
# Writes a timer into the workspace.
printf '[Timer]\nOnCalendar=minutely\n' >canary.timer
