#!/bin/bash
# Has git go to a host that is none.
git config --global url.https://host.invalid/.insteadOf https://github.com/
