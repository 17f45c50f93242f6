#!/bin/bash
# Lets a shell wait for it.
sh -c 'sleep 0.2 & wait'
