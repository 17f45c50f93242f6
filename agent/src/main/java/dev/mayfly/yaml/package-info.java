/**
 * YAML files whose every error is told with its place: text, located values, how each is written.
 */
@NullMarked
package dev.mayfly.yaml;

import org.jspecify.annotations.NullMarked;
