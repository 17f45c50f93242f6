/** The command line, and the composition root. */
@NullMarked
package dev.mayfly.cli;

import org.jspecify.annotations.NullMarked;
