package dev.mayfly.egress;

import dev.mayfly.dns.MessageWriter.Reply;

/** Where a reply goes to; on the loop's thread. */
interface NameReply {
  void send(Reply reply);
}
