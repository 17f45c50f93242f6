/** What the configuration says of the connections to CI servers. */
@NullMarked
package dev.mayfly.runners;

import org.jspecify.annotations.NullMarked;
