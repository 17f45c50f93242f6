/** Tests against real engines, run by packaging/verify as root. */
@NullMarked
package dev.mayfly.it;

import org.jspecify.annotations.NullMarked;
