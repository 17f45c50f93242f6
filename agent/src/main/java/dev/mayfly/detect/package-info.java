/** Rules over what happens in a sandbox, and who looks whether one of them matches. */
@NullMarked
package dev.mayfly.detect;

import org.jspecify.annotations.NullMarked;
