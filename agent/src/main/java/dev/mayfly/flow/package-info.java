/**
 * What keeps streams within bounds: nobody sends more than the reader gave credit for, and nobody
 * remembers more than so many.
 */
@NullMarked
package dev.mayfly.flow;

import org.jspecify.annotations.NullMarked;
