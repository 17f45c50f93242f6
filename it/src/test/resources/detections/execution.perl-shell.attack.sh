#!/bin/bash
# Has the words of a reverse shell on Perl's command line, and ends before any of them counts.
perl -e 'exit; use Socket; socket(S,PF_INET,SOCK_STREAM,0); connect(S,sockaddr_in(9,INADDR_ANY)); exec("/bin/sh -i");'
