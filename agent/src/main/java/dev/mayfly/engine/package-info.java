/** Makes and destroys containers; the only place that knows docker-java. */
@NullMarked
package dev.mayfly.engine;

import org.jspecify.annotations.NullMarked;
