/**
 * DNS messages, on Netty's codecs (RFC 1035): what a stranger sent is read strictly, and what is
 * written is made anew. Holds no opinion about names.
 */
@NullMarked
package dev.mayfly.dns;

import org.jspecify.annotations.NullMarked;
