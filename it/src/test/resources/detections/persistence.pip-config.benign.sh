#!/bin/bash
# Names one for the project alone.
printf '[global]\nindex-url = http://index.invalid/\n' >pip.conf
