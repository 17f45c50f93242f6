/** What happens in a sandbox, one fact each, and who did it. */
@NullMarked
package dev.mayfly.event;

import org.jspecify.annotations.NullMarked;
