/** What a CI server handed out, what was found of it, and how it ended. */
@NullMarked
package dev.mayfly.job;

import org.jspecify.annotations.NullMarked;
