#!/bin/bash
# Lists the open files of a child.
sleep 5 &
ls "/proc/$!/fd" >/dev/null
kill $!
