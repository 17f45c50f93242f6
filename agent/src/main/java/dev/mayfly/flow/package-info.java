/** How streams share a connection: nobody sends more than the reader gave credit for. */
@NullMarked
package dev.mayfly.flow;

import org.jspecify.annotations.NullMarked;
